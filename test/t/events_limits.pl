# A trigger's limits hold: requests per second (rate_limit), the age of an event that is not delivered (max_age); and cost nobody else.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time sleep);

my $node = new_node('limits', 'gqlsvl.delivery_workers = 2');
my $sink = GqlsvlTest::Sink->new->start;
sub sql { return $node->safe_psql('postgres', $_[0]); }
sub create { my ($name, $path, $options) = @_; sql("SELECT gqlsvl.create_trigger('$name', 'item', '" . $sink->url($path) . "', $options)"); return; }
sub drop { sql("SELECT gqlsvl.drop_trigger('$_[0]')"); return; }
# How the events of a trigger ended, and what is said of it, sorted.
sub log_of { my ($trigger) = @_; return sql("SELECT string_agg(concat_ws(' ', status, attempts, last_status, last_error), E'\n' ORDER BY created_at, uuid) FROM gqlsvl.event_log WHERE trigger = '$trigger'"); }
sub ended { my ($trigger, $status) = @_; return sql("SELECT count(*) FROM gqlsvl.event_log WHERE trigger = '$trigger' AND status = '$status'"); }

sql('CREATE TABLE item (id int PRIMARY KEY, n int NOT NULL DEFAULT 0)');
my $too_old = 'too old: not delivered within max_age';

# Requests per second. Two workers have a bucket each, which holds one request at this rate: so at most two are saved up.
wait_for('both workers have shards', sub { sql("SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 3 AND granted") == 2 });
create('slow', '/slow', 'rate_limit => 10');
create('fast', '/fast', 'max_in_flight => 1');
my ($rate, $burst, $events) = (10, 2, 16);
my $start = time;
sql("INSERT INTO item SELECT g FROM generate_series(1, $events) g");
wait_for('all events of the limited trigger are delivered', sub { $sink->delivered('/slow') == $events });
my @at = sort { $a <=> $b } map { $_->{at} } $sink->requests('/slow');
is(scalar @at, $events, 'each event of a limited trigger is sent once');
my @early = grep { $at[$_] < $start + ($_ + 1 - $burst) / $rate } 0 .. $#at;
is("@early", '', "no request comes before its turn at $rate per second");
is(scalar(grep { $_->{at} < $at[-1] } $sink->requests('/fast')), $events, 'a trigger beside it is not held back');

# The same for attempts after a failure.
sql("SELECT gqlsvl.alter_trigger('slow', webhook => '@{[$sink->url('/again?status=503&first=2')]}', retry_interval => '0', rate_limit => 20)");
drop('fast');
$start = time;
sql('UPDATE item SET n = 1 WHERE id <= 8');
wait_for('all are delivered after two failures', sub { $sink->delivered('/again') == 8 });
@at = sort { $a <=> $b } map { $_->{at} } $sink->requests('/again');
is(scalar @at, 24, 'each was tried three times');
@early = grep { $at[$_] < $start + ($_ + 1 - $burst) / 20 } 0 .. $#at;
is("@early", '', 'attempts after a failure count too');
like(sql('SELECT gqlsvl.export_triggers()'), qr/rate_limit => '20'/, 'the limit is exported');

# A worker that waits for a token sleeps.
sql("SELECT gqlsvl.alter_trigger('slow', webhook => '@{[$sink->url('/hourly')]}', rate_limit => 0.0003)");
sql('UPDATE item SET n = 2');
wait_for('the first request of each worker', sub { $sink->requests('/hourly') >= 1 });
sub cpu_ticks {
	my $ticks = 0;
	for my $pid (split /\n/, sql("SELECT pid FROM pg_stat_activity WHERE backend_type = 'gqlsvl delivery'"))
	{
		my @fields = split / /, slurp_file("/proc/$pid/stat") =~ s/^.*\) //r;
		$ticks += $fields[11] + $fields[12];
	}
	return $ticks;
}
my $before = cpu_ticks();
sleep 2;    # a spinning worker would take 200 ticks of a core; a sleeping one some
cmp_ok(cpu_ticks() - $before, '<', 60, 'workers that wait for a token do not spin');
cmp_ok(scalar($sink->requests('/hourly')), '<=', 2, 'and nothing more was sent');
sql("SELECT gqlsvl.alter_trigger('slow', rate_limit => 0)");
wait_for('without the limit', sub { $sink->requests('/hourly') == $events });
pass('alter_trigger(rate_limit => 0) takes the limit away');
drop('slow');

# Too old: a failed event whose next attempt would be later, and the one of the same row behind it.
create('old', '/old?status=503', "max_age => '2 s', retry_interval => '1 h', operations => '{UPDATE}'");
sql('UPDATE item SET n = 10 WHERE id = 1');
sql('UPDATE item SET n = 11 WHERE id = 1');
wait_for('both are given up', sub { ended('old', 'dead') == 2 });
is(log_of('old'), "dead 1 503 $too_old; the last attempt: HTTP 503\ndead 0 $too_old", 'an event that could not be delivered within max_age is dead, and the one behind it, with the reason');
ok($node->log_contains(qr/WARNING:  \d+ events? of trigger "old" .* given up: .* older than (?:its|their) max_age/), 'the log says so');
like(sql("SELECT message FROM gqlsvl.check() WHERE name = 'dead'"), qr/2 events of trigger "old"/, 'so does check()');

# Redelivered: its age counts from then.
sql("SELECT gqlsvl.alter_trigger('old', webhook => '@{[$sink->url('/revived')]}')");
is(sql("SELECT gqlsvl.redeliver('old', '-infinity', 'infinity')"), 2, 'events that were too old can be sent again');
wait_for('they are delivered', sub { ended('old', 'delivered') == 2 });
is(scalar($sink->delivered('/revived')), 2, 'and are not given up at once');

# Retry-After, in seconds and as a date, does not delay beyond max_age.
sql("SELECT gqlsvl.alter_trigger('old', webhook => '@{[$sink->url('/wish?status=429&retry-after=3600')]}')");
sql('UPDATE item SET n = 12 WHERE id = 2');
wait_for('given up in spite of Retry-After', sub { ended('old', 'dead') == 1 });
is(log_of('old') =~ s/^delivered.*\n//gmr, "dead 1 429 $too_old; the last attempt: HTTP 429", 'Retry-After delays an event up to max_age');
is(sql("SELECT concat_ws(' ', captured, delivered, pending, attempts, failed_attempts, retrying, dead, oldest_waiting IS NULL, duration_p50 <= duration_p95, duration_p95 <= duration_p99) FROM gqlsvl.stat_trigger WHERE trigger = 'old'"),
	'3 2 0 4 2 0 1 t t t', 'stat_trigger counts what became of the events');
drop('old');

# Behind a receiver that is not asked any more, many rows: the breaker opens after 20 failures, the others were never sent.
create('gone', '/gone?status=503', "max_age => '3 s', retry_interval => '1 h', operations => '{UPDATE}', max_in_flight => 20");
sql('INSERT INTO item SELECT g FROM generate_series(101, 1700) g');
sql('UPDATE item SET n = 20 WHERE id > 100');
wait_for('all are given up', sub { ended('gone', 'dead') == 1600 });
cmp_ok(sql("SELECT count(*) FROM gqlsvl.event_log WHERE trigger = 'gone' AND attempts = 0 AND last_error = '$too_old'"), '>', 1000, 'events behind an open breaker grow too old without an attempt');
drop('gone');

# A paused trigger keeps its events.
create('held', '/held', "max_age => '1 s', operations => '{UPDATE}'");
sql("SELECT gqlsvl.pause_trigger('held')");
sql('UPDATE item SET n = 30 WHERE id = 3');
wait_for('the event is too old', sub { sql("SELECT bool_and(created_at < now() - interval '3 s') FROM gqlsvl.event_log WHERE trigger = 'held'") eq 't' });
is(ended('held', 'dead'), 0, 'a paused trigger keeps an event that is too old');
sql("SELECT gqlsvl.resume_trigger('held')");
wait_for('it is given up when the trigger is resumed', sub { ended('held', 'dead') == 1 });
is(scalar($sink->requests('/held')), 0, 'and was never sent');
like(sql('SELECT gqlsvl.export_triggers()'), qr/max_age => '00:00:01'/, 'max_age is exported');
sql("SELECT gqlsvl.alter_trigger('held', max_age => '0')");
is(sql("SELECT max_age IS NULL FROM gqlsvl.trigger WHERE name = 'held' AND dropped_at IS NULL"), 't', 'and alter_trigger takes it away');

drop('held');

# 410 to a signed request is about the receiver: the event is kept, also when it was its last attempt.
sql("SELECT gqlsvl.set_secret('key', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')");
create('signed', '/signed?status=410', "signing_secret => 'key', num_retries => 0, operations => '{UPDATE}'");
sql('UPDATE item SET n = 40 WHERE id = 4');
wait_for('the trigger is paused', sub { sql("SELECT paused FROM gqlsvl.trigger WHERE name = 'signed' AND dropped_at IS NULL") eq 't' });
wait_for('its event is put aside', sub { ended('signed', 'blocked') == 1 });
is(log_of('signed'), 'blocked 1 410 HTTP 410', 'an event whose last attempt was answered 410 waits');
sql("SELECT gqlsvl.alter_trigger('signed', webhook => '@{[$sink->url('/moved')]}'); SELECT gqlsvl.resume_trigger('signed')");
wait_for('it is delivered', sub { ended('signed', 'delivered') == 1 });
is(scalar($sink->delivered('/moved')), 1, 'and is sent to the new place when the trigger is resumed');

# A malformed list of addresses holds delivery and is said once; a reload that mends it is noticed.
$node->append_conf('postgresql.conf', "gqlsvl.outbound_allow = 'nonsense'");
$node->restart;
sql('UPDATE item SET n = 50 WHERE id = 5');
ok($node->wait_for_log(qr/nonsense/), 'a malformed list is said in the log');
sleep 3;    # the worker tries once a second
my $said = () = slurp_file($node->logfile) =~ /LOG: .*gqlsvl\.outbound_allow/g;
cmp_ok($said, '<=', 2, 'once by each worker');
$node->append_conf('postgresql.conf', "gqlsvl.outbound_allow = '127.0.0.0/8'");
$node->reload;
wait_for('delivery goes on', sub { $sink->delivered('/moved') == 2 });
wait_for('a reload that mends it is noticed', sub { ended('signed', 'delivered') == 2 });

# Retries that wait for their time cost nothing while others are sent: only what is due is read, by the index.
sql("INSERT INTO gqlsvl.retry (trigger_id, event_id, child, txid, key_hash, attempts, next_attempt_at, blocked) SELECT 1000000, 1000000000 + g, 0, '1', g, 1, now() + interval '1 day', false FROM generate_series(1, 100000) g");
my $read = "SELECT pg_stat_clear_snapshot(); SELECT coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) + (SELECT sum(i.idx_tup_read) FROM pg_stat_all_indexes i WHERE i.relid = t.relid) FROM pg_stat_all_tables t WHERE relname = 'retry'";
sub rows_read { my $text = sql($read); return $text =~ s/^\s*//r + 0; }
my $rows_before = rows_read();
for my $n (1 .. 30)
{
	sql("UPDATE item SET n = $n + 1000 WHERE id = 5");
	wait_for("change $n is delivered", sub { $sink->delivered('/moved') == 2 + $n });
}
wait_for('the last is recorded', sub { ended('signed', 'delivered') == 32 });
# The figures come with a delay of a second: another change after it.
sleep 2;
sql('UPDATE item SET n = 5000 WHERE id = 5');
wait_for('one more', sub { ended('signed', 'delivered') == 33 });
sleep 2;
cmp_ok(rows_read() - $rows_before, '<', 50000, 'with 100,000 retries waiting, the deliveries of 31 events read less than half of them once');
sql('DELETE FROM gqlsvl.retry WHERE trigger_id = 1000000');

$node->stop;
done_testing();
