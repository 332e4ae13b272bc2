# Cron triggers: the next run is an event; missed runs within the tolerance are sent, older ones counted; pause, alter, cancel, redeliver, export.
# A downtime is made by setting gqlsvl.cron_schedule.scheduled_until back: nothing here waits for a minute to pass.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

my $node = new_node('cron', 'gqlsvl.delivery_workers = 2');
my $sink = GqlsvlTest::Sink->new->start;

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub refused { my ($sql) = @_; my ($result, $out, $errors) = $node->psql('postgres', $sql); return $result ? $errors : "not refused: $out"; }
sub create { my ($name, $options) = @_; return sql("SELECT gqlsvl.create_cron_trigger('$name', '@{[$sink->url(qq{/$name})]}', $options)"); }
sub stat_of { my ($name, $column) = @_; return sql("SELECT $column FROM gqlsvl.stat_cron WHERE trigger = '$name'"); }
# As if nobody had scheduled anything since that many days ago, 00:00 UTC. The run that is next goes: else it would come twice.
sub down_since { my ($name, $days) = @_; return "@{[without_next($name)]}UPDATE gqlsvl.cron_schedule SET scheduled_until = (date_trunc('day', now() AT TIME ZONE 'UTC') - interval '$days days') AT TIME ZONE 'UTC' WHERE trigger_id = (SELECT id FROM gqlsvl.trigger WHERE name = '$name' AND dropped_at IS NULL)"; }
sub look { return sql("SELECT gqlsvl.pause_trigger('$_[0]'); SELECT gqlsvl.resume_trigger('$_[0]')"); }
sub next_run { my ($name) = @_; return sql("SELECT uuid FROM gqlsvl.event_log WHERE trigger = '$name' AND status = 'pending' AND next_attempt_at > now()"); }
sub without_next { my ($name) = @_; my $run = next_run($name); return $run ? "SELECT gqlsvl.cancel_event('$run'); " : ''; }
sub status { return sql("SELECT concat_ws(' ', status, last_error) FROM gqlsvl.event_log WHERE uuid = '$_[0]'"); }

# The next run, then those of a downtime.
create('nightly', q{'0 0 * * *', '{"a": 1}', tolerance => '29 days 23 h', comment => 'each "night"', headers => '{"x-kind": "cron"}'});
my $midnight = sql("SELECT date_trunc('day', now() AT TIME ZONE 'UTC')::date + 1");
is(sql("SELECT op, status, attempts, next_attempt_at AT TIME ZONE 'UTC' FROM gqlsvl.event_log"), "CRON|pending|0|$midnight 00:00:00", 'the next run is in the log');
is(stat_of('nightly', "next_run AT TIME ZONE 'UTC', skipped, last_attempt"), "$midnight 00:00:00|0|", 'and in stat_cron');
sql("BEGIN; @{[down_since('nightly', 40)]}; COMMIT");
look('nightly');
wait_for('the missed runs of 30 days are sent', sub { scalar($sink->delivered('/nightly')) == 30 });
wait_for('and the next one is scheduled', sub { next_run('nightly') });
is(stat_of('nightly', 'skipped'), '10', 'ten older ones are skipped and counted');
my ($request) = grep { $_->{body}{scheduled_time} =~ /\A@{[sql("SELECT date_trunc('day', now() AT TIME ZONE 'UTC')::date - 3")]}T/ } $sink->delivered('/nightly');
my $id = delete $request->{body}{id};
is_deeply($request->{body}, { name => 'nightly', scheduled_time => sql("SELECT date_trunc('day', now() AT TIME ZONE 'UTC')::date - 3") . 'T00:00:00.000000Z', payload => { a => 1 }, comment => 'each "night"' },
	'the body as in the dialect');
is($request->{headers}{'x-kind'}, 'cron', 'with the headers');
my %times; $times{ $_->{body}{scheduled_time} }++ for $sink->delivered('/nightly');
is(scalar(grep { $_ != 1 } values %times), 0, 'each run once');
sql('SELECT gqlsvl.schedule_cron_runs()') for 1 .. 3;
is(sql("SELECT count(*) FROM gqlsvl.event_log WHERE trigger = 'nightly' AND status = 'pending'"), '1', 'asked again, it makes no run twice');
is(sql("SELECT coalesce(string_agg(message, ' '), '') FROM gqlsvl.check() WHERE name IN ('cron', 'dead')"), '', 'check() is content');

# Too late for the tolerance: not sent, unless by hand.
sql("BEGIN; @{[down_since('nightly', 1)]}; SELECT gqlsvl.schedule_cron_runs(); UPDATE gqlsvl.cron_schedule SET tolerance = '1 s'; SELECT gqlsvl.pause_trigger('nightly'); COMMIT");
wait_for('it waits', sub { count($node, "gqlsvl.event_log WHERE trigger = 'nightly' AND status = 'blocked'") == 1 });
my $late = sql("SELECT uuid FROM gqlsvl.event_log WHERE trigger = 'nightly' AND status = 'blocked'");
sql("SELECT gqlsvl.resume_trigger('nightly')");
wait_for('it is dead', sub { status($late) eq 'dead missed: it could not be sent within the tolerance' });
is(scalar($sink->requests('/nightly')), 30, 'without an attempt');
like(sql('SELECT message FROM gqlsvl.check()'), qr/1 events of trigger "nightly" were given up/, 'check() says so');
sql("SELECT gqlsvl.redeliver('$late')");
wait_for('by hand it is sent all the same', sub { status($late) eq 'delivered' });

# Paused: nothing is scheduled; what the tolerance reaches is sent afterwards.
create('paused', "'0 0 * * *', tolerance => '10 days'");
sql("BEGIN; SELECT gqlsvl.pause_trigger('paused'); @{[down_since('paused', 3)]}; COMMIT");
sql('SELECT gqlsvl.schedule_cron_runs()');
is(scalar($sink->requests('/paused')), 0, 'nothing is sent while it is paused');
is(stat_of('paused', 'next_run, paused'), '|t', 'nor scheduled');
$node->restart;
sql("SELECT gqlsvl.resume_trigger('paused')");
wait_for('the missed ones are sent when it is resumed, also after a restart', sub { scalar($sink->delivered('/paused')) == 3 });

# Cancelled: this run only.
my $next = next_run('paused');
sql("SELECT gqlsvl.cancel_event('$next')");
is(status($next), 'dead cancelled', 'the next run can be cancelled');
sql("@{[down_since('paused', 1)]}");
look('paused');
wait_for('the one after it is scheduled', sub { my $now = next_run('paused'); $now && $now ne $next });

# A failed attempt is repeated.
sql("SELECT gqlsvl.create_cron_trigger('failing', '@{[$sink->url('/failing?status=500&first=2')]}', '0 0 * * *', num_retries => 3, retry_interval => '50 ms', tolerance => '2 days')");
sql("@{[down_since('failing', 1)]}");
look('failing');
wait_for('a run that failed is sent again', sub { scalar($sink->delivered('/failing')) == 1 });
is(scalar($sink->requests('/failing')), 3, 'in the third attempt');
wait_for('the log says so', sub { sql("SELECT attempts FROM gqlsvl.event_log WHERE trigger = 'failing' AND status = 'delivered'") eq '3' });
is(stat_of('failing', 'last_status'), '200', 'stat_cron has its status');

# Changed: the next run goes, another one comes.
$next = next_run('failing');
sql(q{SELECT gqlsvl.alter_cron_trigger('failing', timeout => '5 s')});
is(next_run('failing'), $next, 'what does not concern the next run leaves it');
sql(q{SELECT gqlsvl.alter_cron_trigger('failing', payload => '[1]')});
is(status($next), 'dead rescheduled', 'another payload takes its place');
is(sql("SELECT payload ->> 'payload' FROM gqlsvl.event_log WHERE uuid = '@{[next_run('failing')]}'"), '[1]', 'with the new one');
sql(q{SELECT gqlsvl.alter_cron_trigger('failing', schedule => '0 12 * * *', time_zone => 'America/New_York')});
is(sql("SELECT next_attempt_at AT TIME ZONE 'America/New_York' FROM gqlsvl.event_log WHERE uuid = '@{[next_run('failing')]}'") =~ /12:00:00\z/, 1, 'another schedule: another time');
is(sql("SELECT count(*) FROM gqlsvl.event_log WHERE trigger = 'failing' AND status = 'pending'"), '1', 'one run is next');
is(sql("SELECT payload::text, timeout::text FROM gqlsvl.cron_schedule s JOIN gqlsvl.trigger t ON t.id = s.trigger_id WHERE t.name = 'failing'"), '[1]|00:00:05', 'the other options stay');

# Version control, end.
my $exported = sql('SELECT gqlsvl.export_triggers()');
sql($exported);
is(sql('SELECT gqlsvl.export_triggers()'), $exported, 'running the export again changes nothing');
is(sql("SELECT count(*) FROM gqlsvl.event_log WHERE last_error = 'rescheduled'"), '2', 'nor the next runs');
sql("SELECT gqlsvl.drop_trigger('nightly')");
my (undef, undef, $notice) = $node->psql('postgres', "SELECT gqlsvl.drop_trigger('failing')");
like($notice, qr/1 undelivered event of trigger "failing" will not be sent/, 'drop_trigger says what is left');
wait_for('its next run is archived', sub { count($node, "gqlsvl.dead WHERE trigger_name = 'failing' AND last_error = 'trigger dropped'") == 1 });
sql("SELECT gqlsvl.drop_trigger('paused')");
sql($exported);
is(sql('SELECT gqlsvl.export_triggers()'), $exported, 'the export makes them anew');
is(sql("SELECT count(*) FROM gqlsvl.event_log WHERE status = 'pending' AND op = 'CRON'"), '3', 'with their next runs');

# One that nobody schedules.
sql("UPDATE gqlsvl.cron_schedule SET scheduled_until = now() - interval '1 hour', time_zone = 'Atlantis/Centre' WHERE trigger_id = (SELECT max(id) FROM gqlsvl.trigger)");
look('paused');
like(sql("SELECT message || hint FROM gqlsvl.check() WHERE name = 'cron'"), qr/cron trigger "paused" has no run scheduled since .*Time zone Atlantis\/Centre is not known/, 'check() tells of a time zone that is gone');

$node->stop;
done_testing();
