# Operating event triggers: pause and resume, events made by hand, events sent once more.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

my $node = new_node('operate', 'max_prepared_transactions = 2');
my $sink = GqlsvlTest::Sink->new->start;

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub refused { my ($sql) = @_; my ($result, $out, $errors) = $node->psql('postgres', $sql); return $result ? $errors : "not refused: $out"; }
sub create { my ($name, $path, $options) = @_; return sql("SELECT gqlsvl.create_trigger('$name', 'item', '@{[$sink->url($path)]}', replace => true, $options)"); }
sub versions { my ($path, $id) = @_; return join ',', map { $_->{body}{event}{data}{new}{version} } grep { $_->{body}{event}{data}{new}{id} == $id } $sink->delivered($path); }

sql('CREATE TABLE item (id int PRIMARY KEY, version int NOT NULL DEFAULT 0)');
sql('INSERT INTO item SELECT generate_series(1, 20)');

# Pause and resume.
create('paused', '/paused?delay=0.05', "operations => '{UPDATE}', max_in_flight => 2");
create('other', '/other', "operations => '{UPDATE}'");
sql('UPDATE item SET version = 1');
wait_for('delivery has begun', sub { scalar($sink->delivered('/paused')) >= 4 });
sql("SELECT gqlsvl.pause_trigger('paused')");
wait_for('nothing is in flight or in memory', sub { count($node, "gqlsvl.event_log WHERE trigger = 'paused' AND status NOT IN ('delivered', 'blocked')") == 0 });
my $before = scalar($sink->requests('/paused'));
cmp_ok($before, '<', 20, 'it was paused before all were sent');
sql("UPDATE item SET version = $_") for 2 .. 3;
wait_for('another trigger goes on', sub { scalar($sink->delivered('/other')) == 60 });
wait_for('its events wait', sub { count($node, "gqlsvl.event_log WHERE trigger = 'paused' AND status = 'blocked'") == 60 - $before });
is(scalar($sink->requests('/paused')), $before, 'nothing is sent while it is paused');
$node->restart;
wait_for('the worker is back', sub { delivery_worker($node) });
sql('UPDATE item SET version = 4');
wait_for('another trigger goes on', sub { scalar($sink->delivered('/other')) == 80 });
is(scalar($sink->requests('/paused')), $before, 'a restart changes nothing');
sql("SELECT gqlsvl.alter_trigger('paused', max_in_flight => 20)");
sql("SELECT gqlsvl.resume_trigger('paused')");
wait_for('all are sent when it is resumed', sub { scalar($sink->delivered('/paused')) == 80 });
is(versions('/paused', $_), '1,2,3,4', "row $_: in order") for 1 .. 20;
sql("SELECT gqlsvl.drop_trigger('paused'); SELECT gqlsvl.drop_trigger('other')");

# Events made by hand.
create('manual', '/manual', "operations => '{INSERT}'");
my $id = sql(q{BEGIN; SET LOCAL "hasura.user" = '{"x-hasura-role": "operator"}'; SELECT gqlsvl.emit_event('manual', '{"a" : [1, null]}'); COMMIT});
$id =~ s/\s//g;
sql(q{BEGIN; SELECT gqlsvl.emit_event('manual', '{"never": true}'); ROLLBACK});
wait_for('it is sent', sub { scalar($sink->delivered('/manual')) == 1 });
my ($request) = $sink->delivered('/manual');
is($request->{body}{id}, $id, 'emit_event returns the id that the receiver sees');
is_deeply($request->{body}{event}, { op => 'MANUAL', data => { old => undef, new => { a => [ 1, undef ] } }, session_variables => { 'x-hasura-role' => 'operator' }, trace_context => undef },
	'a manual event as in the dialect');
is(sql("SELECT op FROM gqlsvl.event_log WHERE uuid = '$id'"), 'MANUAL', 'the log says so');

# Sent once more.
sub again { return sql("SELECT gqlsvl.redeliver('$id')"); }
wait_for('it is recorded', sub { count($node, "gqlsvl.event_log WHERE uuid = '$id' AND status = 'delivered'") });
again();
wait_for('a delivered event is sent once more', sub { scalar($sink->delivered('/manual')) == 2 });
my @both = $sink->delivered('/manual');
is($both[1]{sha256}, $both[0]{sha256}, 'byte for byte: the same id, the payload first captured, current_retry 0');
create('failing', '/failing?status=500&first=2', "operations => '{UPDATE}', num_retries => 1, retry_interval => '50 ms'");
sql('UPDATE item SET version = 5 WHERE id <= 3');
wait_for('three are dead', sub { count($node, "gqlsvl.event_log WHERE trigger = 'failing' AND status = 'dead'") == 3 });
$id = sql("SELECT uuid FROM gqlsvl.event_log WHERE trigger = 'failing' AND payload #>> '{data,new,id}' = '1'");
again();
wait_for('a dead event is sent once more', sub { scalar($sink->delivered('/failing')) == 1 });
wait_for('and is dead no more', sub { sql("SELECT status FROM gqlsvl.event_log WHERE uuid = '$id'") eq 'delivered' });
is(count($node, 'gqlsvl.dead'), 2, 'the others still are');
my $all = "gqlsvl.redeliver('failing', now() - interval '1 hour', 'infinity')";
is(sql("SELECT gqlsvl.redeliver('failing', 'infinity', 'infinity')"), '0', 'a range: none in it');
is(sql("SELECT $all"), '2', 'a range: the dead ones of the trigger');
wait_for('they are delivered', sub { scalar($sink->delivered('/failing')) == 3 });
wait_for('the log says so', sub { count($node, "gqlsvl.event_log WHERE trigger = 'failing' AND status = 'delivered'") == 3 });
is(count($node, 'gqlsvl.dead'), 0, 'none is dead');
is(sql("SELECT gqlsvl.redeliver('failing', now() - interval '1 hour', 'infinity', 'delivered')"), '3', 'a range: the delivered ones');
wait_for('they are delivered again', sub { scalar($sink->delivered('/failing')) == 6 });
wait_for('and recorded', sub { count($node, "gqlsvl.event_log WHERE trigger = 'failing' AND status = 'delivered'") == 3 });
is(sql("SELECT gqlsvl.redeliver('failing', now() - interval '1 hour', 'infinity', 'all')"), '3', 'a range: all that are finished');
wait_for('they are delivered once more', sub { scalar($sink->delivered('/failing')) == 9 });

# What cannot be sent once more.
create('slow', '/slow?hang=1', "operations => '{UPDATE}'");
sql('UPDATE item SET version = 6 WHERE id = 9');
wait_for('a request is in flight', sub { scalar($sink->requests('/slow')) == 1 });
$id = sql("SELECT uuid FROM gqlsvl.event_log WHERE trigger = 'slow'");
like(refused("SELECT gqlsvl.redeliver('$id')"), qr/ERROR:  event $id is not finished/, 'an event in flight is refused');
my (undef, $range, $notice) = $node->psql('postgres', "SELECT gqlsvl.redeliver('slow', now() - interval '1 hour', 'infinity', 'all')");
is($range, '0', 'a range leaves it alone');
like($notice, qr/1 event is not finished and was left alone/, 'and says so');
like(refused("SELECT gqlsvl.redeliver('slow', now(), 'infinity', 'pending')"), qr/option "status" is "pending"/, 'another status is refused');
like(refused("SELECT gqlsvl.redeliver('00000000-0000-8000-8000-000000000001')"), qr/does not exist/, 'an event that never was');
like(refused("SELECT gqlsvl.redeliver('absent', now(), now())"), qr/event trigger "absent" does not exist/, 'a trigger that does not exist');
like(refused("SELECT gqlsvl.emit_event('absent', '1')"), qr/event trigger "absent" does not exist/, 'nor an event of it');
like(refused("SELECT gqlsvl.pause_trigger('absent')"), qr/event trigger "absent" does not exist/, 'nor a pause');
$id = $both[0]{body}{id};
sql("SELECT gqlsvl.drop_trigger('manual')");
like(refused("SELECT gqlsvl.redeliver('$id')"), qr/Its trigger was dropped/, 'an event whose trigger was dropped');

# The whole table.
sql('CREATE TABLE heap (id int)');
sql("SELECT gqlsvl.create_trigger('truncated', 'heap', '@{[$sink->url('/truncated')]}', operations => '{TRUNCATE}', ordering => 'none'); TRUNCATE heap");
wait_for('TRUNCATE is sent', sub { scalar($sink->delivered('/truncated')) == 1 });
($request) = $sink->delivered('/truncated');
is_deeply([ $request->{body}{event}{op}, $request->{body}{event}{data} ], [ 'TRUNCATE', { old => undef, new => undef } ], 'as one event without rows');

# Events for a time.
sub schedule { my ($path, $payload, $at, $more) = @_; return sql("SELECT gqlsvl.schedule_event('@{[$sink->url($path)]}', $payload, $at" . ($more // '') . ')'); }
my $past = schedule('/past', q{'{"n": 1}'}, "'2020-01-01 12:00+00'", ", comment => 'late \"one\"'");
wait_for('a time that has passed means now', sub { scalar($sink->delivered('/past')) == 1 });
($request) = $sink->delivered('/past');
my $created = sql("SELECT to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM gqlsvl.event_log WHERE uuid = '$past'");
is_deeply($request->{body}, { id => $past, created_at => $created, scheduled_time => '2020-01-01T12:00:00.000000Z', payload => { n => 1 }, comment => 'late "one"' }, 'the body as in the dialect');
my $at = sql("SELECT extract(epoch FROM clock_timestamp()) + 1");
my $soon = schedule('/soon', 'NULL', "to_timestamp($at)", ', headers => \'{"x-kind": "reminder"}\'');
wait_for('it is sent', sub { scalar($sink->delivered('/soon')) == 1 });
($request) = $sink->delivered('/soon');
cmp_ok($request->{at}, '>=', $at - 0.002, 'not before its time');
ok(exists $request->{body}{payload} && !defined $request->{body}{payload} && !exists $request->{body}{comment}, 'no payload is null, no comment is left out');
is($request->{headers}{'x-kind'}, 'reminder', 'headers are sent');
my ($first, $second) = map { schedule('/later', "'$_'", "now() + interval '1 day'") } 1 .. 2;
wait_for('both wait for their time', sub { count($node, "gqlsvl.event_log WHERE op = 'SCHEDULED' AND status = 'pending' AND next_attempt_at > now() + interval '23 hours'") == 2 });
sql("SELECT gqlsvl.cancel_event('$first')");
is(sql("SELECT status || ' ' || last_error FROM gqlsvl.event_log WHERE uuid = '$first'"), 'dead cancelled', 'one is cancelled');
like(refused("SELECT gqlsvl.cancel_event('$first')"), qr/cannot be cancelled\nDETAIL:  It is dead: cancelled/, 'once');
like(refused("SELECT gqlsvl.cancel_event('$soon')"), qr/cannot be cancelled\nDETAIL:  It was delivered/, 'one that was sent cannot be');
like(refused("SELECT gqlsvl.cancel_event(uuid) FROM gqlsvl.event_log WHERE trigger = 'slow'"), qr/DETAIL:  It is no scheduled event/, 'nor one of a table');
like(refused("SELECT gqlsvl.cancel_event('00000000-0000-8000-8000-000000000001')"), qr/does not exist/, 'nor one that never was');

# Cancelled in every state before it is sent.
sql("BEGIN; SELECT gqlsvl.cancel_event(gqlsvl.schedule_event('@{[$sink->url('/never')]}', '4711', now())); COMMIT");
is(sql("SELECT concat_ws(' ', status, last_error) FROM gqlsvl.event_log WHERE payload ->> 'payload' = '4711' AND status = 'dead'"), 'dead cancelled', 'in the transaction that scheduled it');
$node->append_conf('postgresql.conf', 'gqlsvl.delivery = off');
$node->reload;
ok($node->wait_for_log(qr/delivery of events is held/), 'delivery is off');
my $unread = schedule('/never', q{'"unread"'}, 'now()');
sql("SELECT gqlsvl.cancel_event('$unread')");
is(sql("SELECT status FROM gqlsvl.event_log WHERE uuid = '$unread'"), 'dead', 'one that no worker has seen');
$node->append_conf('postgresql.conf', 'gqlsvl.delivery = auto');
$node->reload;
my $hanging = schedule('/hanging?hang=1', q{'"hanging"'}, 'now()');
wait_for('a request is in flight', sub { scalar($sink->requests('/hanging')) == 1 });
like(refused("SELECT gqlsvl.cancel_event('$hanging')"), qr/DETAIL:  It is in flight/, 'one in flight cannot be cancelled');
my $retrying = schedule('/refusing?status=503', q{'"retrying"'}, 'now()', ", retry_interval => '1 day'");
wait_for('it waits for its next attempt', sub { sql("SELECT status FROM gqlsvl.event_log WHERE uuid = '$retrying'") eq 'retrying' });
sql("SELECT gqlsvl.cancel_event('$retrying')");
is(sql("SELECT concat_ws(' ', status, attempts, last_status, last_error) FROM gqlsvl.event_log WHERE uuid = '$retrying'"), 'dead 1 503 cancelled', 'between two attempts');
# While somebody cancels it and has not committed, it is not sent, and others are not held up.
my $undecided = schedule('/undecided', q{'"undecided"'}, "clock_timestamp() + interval '0.5 s'");
sql("BEGIN; SELECT gqlsvl.cancel_event('$undecided'); PREPARE TRANSACTION 'cancelling'");
my $other = schedule('/other', q{'"other"'}, "clock_timestamp() + interval '1 s'");
wait_for('an event for a later time is sent', sub { grep { $_->{body}{id} eq $other } $sink->delivered('/other') });
is(scalar($sink->requests('/undecided')), 0, 'one that is being cancelled waits');
sql("ROLLBACK PREPARED 'cancelling'");
wait_for('it is sent when that is rolled back', sub { scalar($sink->delivered('/undecided')) == 1 });
is(scalar($sink->requests('/never')), 0, 'no cancelled event was sent');
like(refused("SELECT gqlsvl.redeliver('$second')"), qr/is not finished/, 'one that waits is not finished');
is(count($node, "gqlsvl.trigger WHERE name LIKE '@%' AND webhook LIKE '%/later'"), 1, 'events of the same receiver and options share a trigger');
$node->restart;
wait_for('the worker is back', sub { delivery_worker($node) });
is(sql("SELECT status FROM gqlsvl.event_log WHERE uuid = '$second'"), 'pending', 'the other still waits after a restart');
sql("SELECT gqlsvl.redeliver('$first'), gqlsvl.redeliver('$past')");
wait_for('one that was sent is sent once more', sub { scalar($sink->delivered('/past')) == 2 });
wait_for('a cancelled one waits for its time again', sub { sql("SELECT status || ' ' || (next_attempt_at > now() + interval '23 hours') FROM gqlsvl.event_log WHERE uuid = '$first'") eq 'pending true' });
is(scalar($sink->requests('/later')), 0, 'none was sent before its time');
is(sql("SELECT coalesce(string_agg(message, ' '), '') FROM gqlsvl.check() WHERE message LIKE '%@%'"), '', 'check() has nothing against them');

$node->stop;
done_testing();
