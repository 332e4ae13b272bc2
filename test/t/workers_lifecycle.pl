# The worker processes come and go with the extension, survive crashes, and are in nobody's way.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('lifecycle');
$node->init;
my $port = PostgreSQL::Test::Cluster::get_free_port();
$node->append_conf('postgresql.conf', "shared_preload_libraries = 'gqlsvl'\ngqlsvl.port = $port\nrestart_after_crash = on\n");
$node->start;
is($node->safe_psql('postgres', 'SHOW max_worker_processes'), '8', 'the cluster has the stock number of worker slots');

# Both executors of a database run, and nothing else is counted.
sub executors_run {
	my ($database, $what) = @_;
	ok($node->poll_query_until('postgres',
		"SELECT count(*) = 2 FROM pg_stat_activity WHERE backend_type = 'gqlsvl executor' AND datname = '$database'"), $what);
}
sub nothing_runs {
	my ($what) = @_;
	ok($node->poll_query_until('postgres',
		"SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type LIKE 'gqlsvl %' AND backend_type <> 'gqlsvl launcher'"), $what);
}
sub executor_pids { return $node->safe_psql('postgres',
	"SELECT string_agg(pid::text, ',' ORDER BY pid) FROM pg_stat_activity WHERE backend_type = 'gqlsvl executor' AND datname = '$_[0]'"); }

nothing_runs('without the extension only the launcher runs');
$node->safe_psql('postgres', 'CREATE EXTENSION gqlsvl');
executors_run('postgres', 'CREATE EXTENSION starts the workers, no restart needed');
is($node->safe_psql('postgres', "SELECT DISTINCT usename FROM pg_stat_activity WHERE backend_type = 'gqlsvl executor'"),
	'gqlsvl_authenticator', 'executors connect as the authenticator role');
is($node->safe_psql('postgres', "SELECT count(*) FROM gqlsvl.check() WHERE name = 'worker_slots'"), '0', 'a stock server has slots enough');

# What is rolled back stops nothing.
my $before = executor_pids('postgres');
$node->safe_psql('postgres', 'BEGIN; DROP EXTENSION gqlsvl; ROLLBACK');
$node->safe_psql('postgres', 'BEGIN; SAVEPOINT a; DROP EXTENSION gqlsvl; ROLLBACK TO a; COMMIT');
is(executor_pids('postgres'), $before, 'a DROP EXTENSION that is rolled back leaves the workers alone');

$node->safe_psql('postgres', 'DROP EXTENSION gqlsvl');
nothing_runs('DROP EXTENSION ends the workers');
$node->safe_psql('postgres', 'CREATE EXTENSION gqlsvl');
executors_run('postgres', 'they come back with the extension');
$node->safe_psql('postgres', 'DROP SCHEMA gqlsvl CASCADE');
nothing_runs('DROP SCHEMA ... CASCADE ends them too');
$node->safe_psql('postgres', 'CREATE EXTENSION gqlsvl');
executors_run('postgres', 'and they come back once more');

# A clean end of one worker: the launcher starts another.
my ($one) = split /,/, executor_pids('postgres');
$node->safe_psql('postgres', "SELECT pg_terminate_backend($one)");
ok($node->poll_query_until('postgres',
	"SELECT count(*) = 2 FROM pg_stat_activity WHERE backend_type = 'gqlsvl executor' AND pid <> $one"), 'a terminated executor is replaced');

# A crash of any kind of process: the server restarts, everything is back, and only once.
my $family = "SELECT string_agg(kind, ',' ORDER BY kind) FROM gqlsvl.stat_worker WHERE state = 'running'";
my $processes = "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'gqlsvl %'";
for my $kind ('launcher', 'executor', 'listener', 'delivery', 'session') {
	my $pid = $kind eq 'session' ? $node->background_psql('postgres')->query_safe('SELECT pg_backend_pid()')
		: $node->safe_psql('postgres', "SELECT pid FROM gqlsvl.stat_worker WHERE kind = '$kind' LIMIT 1");
	kill 'KILL', $pid;
	ok($node->poll_query_until('postgres', "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $pid)
		AND ($family) = 'delivery,executor,executor,launcher,listener'"), "kill -9 of the $kind: all are back");
	# A worker that Postgres itself had restarted would have come beside the launcher's.
	is($node->safe_psql('postgres', $processes), '5', 'each of them once');
}

# Commands that need a database for themselves.
$node->safe_psql('postgres', 'CREATE DATABASE shop');
$node->safe_psql('postgres', 'ALTER DATABASE shop SET gqlsvl.port = ' . PostgreSQL::Test::Cluster::get_free_port());
$node->append_conf('postgresql.conf', "max_worker_processes = 20");
$node->restart;
executors_run('postgres', 'workers start with the server');
$node->safe_psql('shop', 'CREATE EXTENSION gqlsvl');
executors_run('shop', 'a second database with a port of its own has executors of its own');

my ($result, $out, $err) = $node->psql('postgres', 'ALTER DATABASE shop RENAME TO postgres');
isnt($result, 0, 'a RENAME to a name taken fails');
like($err, qr/already exists/, 'with Postgres\'s own error');
executors_run('shop', 'and the workers come back');

$before = executor_pids('shop');
$node->safe_psql('postgres', 'CREATE ROLE guest LOGIN');
($result, $out, $err) = $node->psql('postgres', 'SET ROLE guest; DROP DATABASE shop');
like($err, qr/must be owner/, 'a role without rights may not drop the database');
is(executor_pids('shop'), $before, 'and stops no worker by trying');

$node->safe_psql('postgres', 'ALTER DATABASE shop RENAME TO store');
executors_run('store', 'RENAME goes through and the workers run under the new name');
$node->safe_psql('postgres', 'CREATE DATABASE copied TEMPLATE store');
executors_run('store', 'CREATE DATABASE ... TEMPLATE goes through and the workers are back');
$node->safe_psql('postgres', 'DROP DATABASE copied');
$node->safe_psql('postgres', 'DROP DATABASE store');
pass('DROP DATABASE is not held up by the workers');
is($node->safe_psql('postgres', "SELECT count(*) FROM pg_database WHERE datname IN ('store', 'copied')"), '0', 'both are gone');
ok($node->poll_query_until('postgres', "SELECT count(*) = 0 FROM gqlsvl.stat_worker WHERE database IS NULL AND kind <> 'launcher'"),
	'no worker is planned for a dropped database');
$node->safe_psql('postgres', 'CREATE DATABASE again');
$node->safe_psql('again', 'CREATE EXTENSION gqlsvl');
$node->safe_psql('postgres', 'DROP DATABASE again WITH (FORCE)');
pass('DROP DATABASE ... WITH (FORCE) too, also right after CREATE EXTENSION');

# Every way to stop the server.
for my $mode ('fast', 'smart', 'immediate') {
	$node->stop($mode);
	pass("a $mode stop is not held up");
	$node->start;
	executors_run('postgres', "after a $mode stop all are back");
}

# Too few slots: fewer workers and a clear word, no loop.
$node->append_conf('postgresql.conf', "max_worker_processes = 4");
my $log_start = -s $node->logfile;
$node->restart;
ok($node->poll_query_until('postgres', 'SELECT missing > 0 FROM gqlsvl.worker_slots()'), 'with 4 slots some are missing');
is($node->safe_psql('postgres', "SELECT count(*) FROM gqlsvl.check() WHERE name = 'worker_slots' AND hint LIKE '%max_worker_processes = %'"),
	'1', 'check() says so, with the line to add');
ok($node->poll_query_until('postgres', "SELECT count(*) > 0 FROM gqlsvl.stat_worker WHERE kind = 'executor' AND state = 'running'"),
	'one executor runs all the same');
my $log = substr(slurp_file($node->logfile), $log_start);
my @said = $log =~ /gqlsvl runs degraded/g;
is(scalar(@said), 1, 'the log says it once');
like($log, qr/HINT:  Add the line max_worker_processes = \d+/, 'with the line to add');

# Without the preload: SQL works and says what is missing.
$node->append_conf('postgresql.conf', "shared_preload_libraries = ''");
$node->restart;
$node->safe_psql('postgres', 'DROP EXTENSION gqlsvl');
($result, $out, $err) = $node->psql('postgres', 'CREATE EXTENSION gqlsvl');
is($result, 0, 'the extension can be created without the preload');
like($err, qr/shared_preload_libraries = 'gqlsvl'/, 'and names the line to add');
is($node->safe_psql('postgres', "SELECT name FROM gqlsvl.check()"), 'preload', 'so does check()');

$node->stop;
done_testing();
