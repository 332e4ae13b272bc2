# A dump carries event triggers and what was not delivered. The copy calls nobody until it is adopted; then exactly the pending events arrive.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $old = new_node('old');
my $sink = GqlsvlTest::Sink->new->start;

sub old_sql { return $old->safe_psql('postgres', $_[0]); }
sub ids { my (@requests) = @_; return sort { $a <=> $b } map { $_->{body}{event}{data}{new}{id} } @requests; }

# The old cluster's transaction numbers are far ahead of a new one's.
old_sql('CREATE TEMP TABLE burn (n int); DO $$ BEGIN FOR i IN 1..5000 LOOP BEGIN INSERT INTO burn VALUES (i); EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$');
old_sql('CREATE SCHEMA "Shop"; CREATE TABLE "Shop"."Order" (gone int, id int PRIMARY KEY, note text); ALTER TABLE "Shop"."Order" DROP COLUMN gone');
old_sql('CREATE ROLE keeper; GRANT gqlsvl_event_admin TO keeper; GRANT USAGE ON SCHEMA "Shop" TO keeper; ALTER TABLE "Shop"."Order" OWNER TO keeper');
old_sql(qq{SET ROLE keeper; SELECT gqlsvl.create_trigger('order', '"Shop"."Order"', '@{[$sink->url('/hook')]}',
	columns => '{note}', payload_columns => '{id,note}', headers => '{"x-from": "shop"}', retry_interval => '1 day')});
old_sql('INSERT INTO "Shop"."Order" VALUES (1, \'delivered\'), (2, \'delivered\')');
wait_for('two are delivered', sub { count($old, "gqlsvl.event_log WHERE status = 'delivered'") == 2 });
$sink->stop;
old_sql('INSERT INTO "Shop"."Order" VALUES (3, \'retrying\'), (4, \'retrying\')');
old_sql('UPDATE "Shop"."Order" SET note = \'blocked\' WHERE id = 3');
wait_for('two are retrying, one blocked', sub { count($old, 'gqlsvl.retry') == 3 });
$old->append_conf('postgresql.conf', "gqlsvl.delivery = off");
$old->reload;
ok($old->wait_for_log(qr/delivery of events is held/), 'delivery is off');
old_sql('INSERT INTO "Shop"."Order" VALUES (5, \'not read\')');
old_sql(qq{SELECT gqlsvl.create_cron_trigger('yearly', '@{[$sink->url('/cron')]}', '0 0 1 1 *', '{"a": 1}', time_zone => 'Europe/Berlin', tolerance => '20 days')});
old_sql("SELECT gqlsvl.schedule_event('@{[$sink->url('/later')]}', '\"$_\"', now() + interval '1 day')") for 'kept', 'cancelled';
my $schedules = 'SELECT trigger_id, schedule, time_zone, payload::text, tolerance, scheduled_until, skipped FROM gqlsvl.cron_schedule';
my $scheduled = old_sql($schedules);
my $last = old_sql('SELECT max(id) FROM gqlsvl.event');
my $definition = 'SELECT id, name, table_name, owner, webhook, operations, columns, payload_columns, headers, num_retries, retry_interval FROM gqlsvl.trigger';
my $defined = old_sql($definition);
my $dump = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
command_ok([ 'pg_dump', '-p', $old->port, '-h', $old->host, '-f', $dump, 'postgres' ], 'pg_dump goes through');
$old->stop;
$sink->start;
my $before = scalar($sink->requests('/hook'));

# Into a younger cluster.
my $new = new_node('new');
$new->safe_psql('postgres', 'CREATE ROLE keeper; GRANT gqlsvl_event_admin TO keeper; CREATE DATABASE shop TEMPLATE template0');
my ($result, $out, $errors) = $new->psql('shop', '', extra_params => [ '-f', $dump, '-v', 'ON_ERROR_STOP=1' ]);
is($result, 0, 'the restore goes through') or diag($errors);
sub new_sql { return $new->safe_psql('shop', $_[0]); }
is(new_sql($definition), $defined, 'the definition came along');
ok($new->wait_for_log(qr/delivery of events is held/), 'the copy holds delivery and says so');
is(new_sql($schedules), $scheduled, 'the cron trigger too');
is(new_sql('SELECT count(*) FROM gqlsvl.event'), '7', 'of the events those came along that were not delivered');
new_sql(q{SELECT gqlsvl.cancel_event(uuid) FROM gqlsvl.event_log WHERE payload ->> 'payload' = 'cancelled'});
is(new_sql(q{SELECT status FROM gqlsvl.event_log WHERE payload ->> 'payload' = 'cancelled'}), 'dead', 'an event for a time is cancelled before anybody has taken it up');
new_sql('INSERT INTO "Shop"."Order" VALUES (6, \'in the copy\')');
cmp_ok(new_sql('SELECT max(id) FROM gqlsvl.event'), '>', $last, 'the sequence came along: new events have larger numbers');
is(new_sql(q{SELECT count(*) FROM pg_trigger WHERE tgrelid = '"Shop"."Order"'::regclass AND tgname LIKE '!gqlsvl%'}), '3', 'the triggers on the table came along');
# The worker looks once a second; that it has looked shows in what it says about the first adoption.
new_sql('SELECT gqlsvl.adopt(deliver => false)');
ok($new->wait_for_log(qr/gqlsvl\.adopt\(deliver => false\) was called/), 'adopt(deliver => false) keeps delivery held');
is(scalar($sink->requests('/hook')), $before, 'no request was sent until then');
new_sql('SELECT gqlsvl.adopt(deliver => true)');
wait_for('the pending events arrive', sub { scalar($sink->requests('/hook')) >= $before + 5 });
my @arrived = $sink->requests('/hook');
splice @arrived, 0, $before;
is_deeply([ ids(@arrived) ], [ 3, 3, 4, 5, 6 ], 'exactly the pending ones and the new one');
is_deeply([ map { $_->{body}{event}{data}{new}{note} } grep { $_->{body}{event}{data}{new}{id} == 3 } @arrived ], [ 'retrying', 'blocked' ], 'in the order of the row');
is($arrived[0]{headers}{'x-from'}, 'shop', 'headers came along');
is_deeply($arrived[0]{body}{table}, { schema => 'Shop', name => 'Order' }, 'the table has its name');
wait_for('the log says so', sub { new_sql("SELECT count(*) FROM gqlsvl.event_log WHERE status = 'delivered'") eq '5' });
wait_for('events for a time wait for it', sub { new_sql("SELECT count(*) FROM gqlsvl.retry WHERE next_attempt_at > now() + interval '1 hour' AND next_attempt_at < 'infinity'") eq '2' });
is(new_sql("SELECT status, next_attempt_at = scheduled_until FROM gqlsvl.event_log l, gqlsvl.cron_schedule WHERE op = 'CRON'"), 'pending|t', 'the next run of the cron trigger too');
new_sql('SELECT gqlsvl.schedule_cron_runs()');
is(new_sql("SELECT count(*) FROM gqlsvl.event_log WHERE op = 'CRON'"), '1', 'once');
is(scalar($sink->requests('/later')) + scalar($sink->requests('/cron')), 0, 'none of them is sent before');

# Restored triggers depend on the extension as made ones do.
new_sql('DROP EXTENSION gqlsvl');
new_sql('INSERT INTO "Shop"."Order" VALUES (7, \'no extension\')');
is(new_sql(q{SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal}), '0', 'DROP EXTENSION takes the triggers along');
$new->stop;
done_testing();
