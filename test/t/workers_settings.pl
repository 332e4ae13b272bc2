# What a reload or ALTER DATABASE changes takes effect without a restart: the number of workers, their role, the port.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('settings', 'gqlsvl.executors = 1', 'max_prepared_transactions = 2');
sub running { return count($node, "gqlsvl.stat_worker WHERE kind = '$_[0]' AND state = 'running' AND database = 'postgres'"); }
sub planned { return count($node, "gqlsvl.stat_worker WHERE kind = '$_[0]' AND database = 'postgres'"); }
sub pid_of { return $node->safe_psql('postgres', "SELECT pid FROM gqlsvl.stat_worker WHERE kind = '$_[0]' AND database = 'postgres' AND index = $_[1]"); }
sub set_and_reload { my ($line) = @_; $node->append_conf('postgresql.conf', $line); $node->reload; }
sub checked { return $node->safe_psql('postgres', "SELECT coalesce(string_agg(name || ': ' || message, '; '), '') FROM gqlsvl.check()"); }

wait_for('all run', sub { running('executor') == 1 && running('listener') == 1 && running('delivery') == 1 });
my $first = pid_of('executor', 0);
set_and_reload('gqlsvl.executors = 3');
ok(wait_for('three executors', sub { running('executor') == 3 }), 'more executors come at a reload');
set_and_reload('gqlsvl.executors = 1');
ok(wait_for('one executor', sub { planned('executor') == 1 && count($node, "pg_stat_activity WHERE backend_type = 'gqlsvl executor'") == 1 }),
	'the surplus ends at a reload');
is(pid_of('executor', 0), $first, 'and the first one is left alone');

# One that is at work ends when its request is answered.
$node->safe_psql('postgres', <<'SQL');
CREATE FUNCTION ring_call(kind text, role text, sub text, query text, admin boolean DEFAULT false, cancel boolean DEFAULT false) RETURNS text
  LANGUAGE c AS '$libdir/gqlsvl_ring_test', 'gqlsvl_test_ring_call';
CREATE ROLE web; CREATE ROLE other_authenticator LOGIN NOINHERIT;
GRANT web TO gqlsvl_authenticator, other_authenticator;
CREATE TABLE gate (id int PRIMARY KEY);
INSERT INTO gate VALUES (1);
CREATE TABLE item (id int PRIMARY KEY);
GRANT ALL ON item TO web;
CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
  $$BEGIN PERFORM FROM public.gate FOR UPDATE; RETURN NEW; END$$;
CREATE TRIGGER wait BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION wait_at_gate();
SQL
my $listener = pid_of('listener', 0);
kill 'STOP', $listener;    # the test's session stands in for it
my $gate = $node->background_psql('postgres');
$gate->query_safe('BEGIN; SELECT FROM gate FOR UPDATE');
my $asker = $node->background_psql('postgres');
$asker->query_until(qr/begun/, "\\echo begun\nSELECT ring_call('execute', 'web', 'a', 'mutation { insert_item_one(object: {id: 1}) { id } }');\n");
ok(wait_for('the request waits', sub { count($node, "pg_stat_activity WHERE backend_type = 'gqlsvl executor' AND wait_event_type = 'Lock'") == 1 }),
	'an executor is in the middle of a request');
set_and_reload("gqlsvl.authenticator_role = 'other_authenticator'");
ok(wait_for('asked to end', sub { $node->safe_psql('postgres', 'SHOW gqlsvl.authenticator_role') eq 'other_authenticator' }), 'the role of executors is changed meanwhile');
$gate->query_safe('COMMIT');
like($asker->query("SELECT 'answered'"), qr/"insert_item_one".*answered/s, 'its request is answered');
ok(wait_for('another executor', sub { $node->safe_psql('postgres',
	"SELECT usename FROM pg_stat_activity WHERE backend_type = 'gqlsvl executor'") eq 'other_authenticator' }), 'then one with the new role takes its place');
like($node->safe_psql('postgres', "SELECT ring_call('execute', 'web', 'a', '{ item { id } }')"), qr/"id" ?: ?1/, 'and serves');

# An executor that ends in the middle of a request: an error, not a wait for the time limit.
$gate->query_safe('BEGIN; SELECT FROM gate FOR UPDATE');
$asker->query_until(qr/begun/, "\\echo begun\nSELECT ring_call('execute', 'web', 'a', 'mutation { insert_item_one(object: {id: 2}) { id } }');\n");
wait_for('the request waits', sub { count($node, "pg_stat_activity WHERE backend_type = 'gqlsvl executor' AND wait_event_type = 'Lock'") == 1 });
$node->safe_psql('postgres', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'gqlsvl executor'");
like($asker->query("SELECT 'answered'"), qr/ended before it answered.*answered/s, 'a request whose executor ended gets an error that says so');
$gate->query_safe('COMMIT');
is($node->safe_psql('postgres', 'SELECT count(*) FROM item WHERE id = 2'), '0', 'what it had begun is rolled back');
$_->quit for $gate, $asker;
kill 'CONT', $listener;

# The port of a database: and who was without one, because another had the common one, takes that.
my $port = PostgreSQL::Test::Cluster::get_free_port();
$node->safe_psql('postgres', "ALTER DATABASE postgres SET gqlsvl.port = $port");
ok(wait_for('the listener has moved', sub { my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) or return 0; close $socket; 1 }),
	'ALTER DATABASE ... SET gqlsvl.port moves the listener');
isnt(pid_of('listener', 0), $listener, 'which is another process then');
is($node->safe_psql('postgres', "SELECT failures FROM gqlsvl.stat_worker WHERE kind = 'listener'"), '0', 'and no failure');

# A database that takes no connections, or is a template, has no workers.
$node->safe_psql('postgres', 'CREATE DATABASE shop');
$node->safe_psql('shop', 'CREATE EXTENSION gqlsvl');
my $of_shop = "gqlsvl.stat_worker WHERE database = 'shop' AND state = 'running' AND kind = 'delivery'";
for my $command ('ALLOW_CONNECTIONS false', 'IS_TEMPLATE true')
{
	ok(wait_for('workers of shop', sub { count($node, $of_shop) == 1 }), 'the second database has a delivery worker');
	$node->safe_psql('postgres', "ALTER DATABASE shop WITH $command");
	ok(wait_for('no workers of shop', sub { count($node, "gqlsvl.stat_worker WHERE database = 'shop'") == 0 }), "not after $command");
	$node->safe_psql('postgres', 'ALTER DATABASE shop WITH ' . ($command =~ /ALLOW/ ? 'ALLOW_CONNECTIONS true' : 'IS_TEMPLATE false'));
}
wait_for('workers of shop', sub { count($node, $of_shop) == 1 });
$node->safe_psql('shop', "BEGIN; DROP EXTENSION gqlsvl; PREPARE TRANSACTION 'drop'");
is(count($node, $of_shop), 1, 'a DROP EXTENSION that is only prepared stops nothing');
$node->safe_psql('shop', "COMMIT PREPARED 'drop'");
ok(wait_for('no workers of shop', sub { count($node, "gqlsvl.stat_worker WHERE database = 'shop'") == 0 }), 'COMMIT PREPARED does');

# More that concerns the launcher than a transaction's fixed memory holds: nothing may be allocated, nothing fail at commit.
wait_for('the executor that was ended above is back', sub { running('executor') == 1 });
my $before = pid_of('executor', 0);
$node->safe_psql('postgres', q{DO $$ BEGIN FOR i IN 1..40 LOOP EXECUTE format('ALTER DATABASE shop SET work_mem = %L', (1000 + i) || 'kB'); END LOOP; END $$});
$node->safe_psql('shop', 'CREATE EXTENSION gqlsvl');
ok(wait_for('workers of shop', sub { count($node, $of_shop) == 1 }), 'a transaction with forty requests commits, and all are looked at');
is(pid_of('executor', 0), $before, 'no process has ended');
$node->safe_psql('postgres', 'DROP DATABASE shop');

# The tables of shared memory are fixed: what finds no place is said.
ok(wait_for('check() has nothing to say', sub { checked() eq '' }), 'all is well, also the executor that was ended above');
my $log_start = -s $node->logfile;
for my $number (1 .. 8)
{
	$node->safe_psql('postgres', "CREATE DATABASE many$number");
	$node->safe_psql("many$number", 'CREATE EXTENSION gqlsvl');
}
ok(wait_for('a line', sub { substr(slurp_file($node->logfile), $log_start) =~ /gqlsvl has no room for all databases/ }), 'one database too many is said in the log');
my @unserved = grep { $node->safe_psql("many$_", "SELECT string_agg(name, ',') FROM gqlsvl.check() WHERE name = 'unserved'") eq 'unserved' } 1 .. 8;
is(scalar(@unserved), 1, 'and in check() of that database');
$node->stop;
done_testing();
