# Commands that need a database for themselves get it at once, whatever gqlsvl is doing there: sockets open, events not delivered, requests
# under way. If the command fails the workers come back.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use IO::Socket::INET;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('databases', "max_worker_processes = 24");
my $port = PostgreSQL::Test::Cluster::get_free_port();
my $nobody = PostgreSQL::Test::Cluster::get_free_port();    # no receiver listens there
my $tablespace = PostgreSQL::Test::Utils::tempdir();
$node->safe_psql('postgres', $_) for "CREATE TABLESPACE aside LOCATION '$tablespace'", 'CREATE DATABASE shop',
	"ALTER DATABASE shop SET gqlsvl.port = $port";
$node->safe_psql('shop', <<"SQL");
CREATE EXTENSION gqlsvl;
CREATE TABLE item (id serial PRIMARY KEY, note text);
SELECT gqlsvl.create_trigger('undelivered', 'item', 'http://127.0.0.1:$nobody/');
INSERT INTO item (note) SELECT 'x' FROM generate_series(1, 50);
SQL

sub workers_of { return count($node, "gqlsvl.stat_worker WHERE database = '$_[0]' AND state = 'running'"); }
sub all_run { my ($database, $what) = @_; ok(wait_for("the workers of $database", sub { workers_of($database) == 4 }), $what); }
sub open_socket
{
	my $socket;
	wait_for('the port', sub { $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Timeout => 5) });
	print $socket "GET /v1/graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
	  . "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n";
	like(scalar(<$socket>), qr/101/, 'a WebSocket is open');
	return $socket;
}
sub undelivered { return $node->safe_psql($_[0], 'SELECT count(*) FROM gqlsvl.event') + 0; }

all_run('shop', 'the workers of the second database run');
# Writers elsewhere keep the server busy; what they commit must not keep anybody from ending.
my $load = IPC::Run::start([ 'pgbench', '-n', '-c', '2', '-T', '300', '-f', write_script(), $node->connstr('postgres') ], '>', \my $out, '2>&1');
sub write_script
{
	my $file = PostgreSQL::Test::Utils::tempdir() . '/load.sql';
	append_to_file($file, "INSERT INTO busy (note) VALUES ('x');\n");
	$node->safe_psql('postgres', "CREATE TABLE busy (id serial PRIMARY KEY, note text); SELECT gqlsvl.create_trigger('busy', 'busy', 'http://127.0.0.1:$nobody/')");
	return $file;
}

for my $case (['ALTER DATABASE shop RENAME TO store', 'store'], ['ALTER DATABASE store SET TABLESPACE aside', 'store'], ['CREATE DATABASE copied TEMPLATE store', 'store'])
{
	my ($command, $name) = @$case;
	my $socket = open_socket();
	is(($node->psql('postgres', $command))[0], 0, "$command goes through");
	1 while <$socket>;    # to its end: the listener has let go of the client
	pass('the socket was closed');
	all_run($name, 'the workers are back');
}
is(undelivered('store'), undelivered('copied'), 'no event is lost, and the copy has them too');
cmp_ok(undelivered('store'), '>=', 50, 'they are all there');

for my $case (['ALTER DATABASE store RENAME TO postgres', qr/already exists/], ['ALTER DATABASE store SET TABLESPACE nowhere', qr/does not exist/],
	['CREATE DATABASE copied TEMPLATE store', qr/already exists/], ['BEGIN; DROP DATABASE store', qr/cannot run inside a transaction block/])
{
	my ($command, $error) = @$case;
	my (undef, undef, $said) = $node->psql('postgres', $command);
	like($said, $error, "$command fails with Postgres's own error");
	all_run('store', 'and the workers come back');
}
$node->safe_psql('postgres', 'BEGIN; ALTER DATABASE store RENAME TO shop; ROLLBACK');
all_run('store', 'a RENAME that is rolled back lets them come back too');

# A statement that is canceled while it waits for another session's connection.
my $guest = $node->background_psql('store');
$guest->query_safe('SELECT 1');
my (undef, undef, $said) = $node->psql('postgres', "SET statement_timeout = '500ms'; DROP DATABASE store");
like($said, qr/canceling statement/, 'a DROP DATABASE that waits for an ordinary session is canceled');
all_run('store', 'and the workers come back');
is(($node->psql('postgres', 'DROP DATABASE store WITH (FORCE)'))[0], 0, 'WITH (FORCE) ends that session and goes through, in the middle of writing');
eval { $guest->quit };
is(($node->psql('postgres', 'DROP DATABASE copied'))[0], 0, 'the copy is dropped as well');
ok(wait_for('nothing is planned', sub { count($node, "gqlsvl.stat_worker WHERE database IS DISTINCT FROM 'postgres' AND kind <> 'launcher'") == 0 }),
	'nothing is left of either');
is(count($node, "gqlsvl.stat_worker WHERE kind = 'executor' AND state = 'running' AND database = 'postgres'"), 2, 'the first database never noticed');
unlike(slurp_file($node->logfile), qr/PANIC|server process .* was terminated/, 'no process crashed');

# Nothing of the network is in the postmaster or an ordinary session.
my $postmaster = $node->safe_psql('postgres', "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)");
my $session = $node->background_psql('postgres');
my $backend = $session->query_safe('SELECT pg_backend_pid() FROM gqlsvl.stat_worker LIMIT 1');
for my $process ([$postmaster, 'postmaster'], [$backend, 'session that has used the extension'])
{
	my $maps = slurp_file("/proc/$process->[0]/maps");
	like($maps, qr{/gqlsvl\.so}, "gqlsvl.so is in the $process->[1]");
	unlike($maps, qr/libcurl|libwebsockets|libuv|gqlsvl_worker/, 'nothing of the network is');
}
$session->quit;

$load->kill_kill;
for my $mode ('fast', 'smart', 'immediate')
{
	$node->start if $mode ne 'fast';
	wait_for('the workers of postgres', sub { workers_of('postgres') == 4 });
	$node->stop($mode);
	pass("a $mode stop is not held up by events that nobody takes");
}
done_testing();
