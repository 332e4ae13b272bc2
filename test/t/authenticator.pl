# Without a usable authenticator role the port answers at once and says why; as soon as there is one, requests run, with no restart.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use HTTP::Tiny;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('authenticator', "gqlsvl.authenticator_role = 'gate'", "gqlsvl.anonymous_role = 'web'", 'gqlsvl.executors = 1');
my $port = $node->safe_psql('postgres', 'SHOW gqlsvl.port');
my $client = HTTP::Tiny->new(timeout => 20);    # below gqlsvl.request_timeout: an answer is not the end of a wait
$node->safe_psql('postgres', 'CREATE ROLE web; CREATE TABLE item (id int); GRANT SELECT ON item TO web');

sub ask
{
	my $answer = $client->post("http://127.0.0.1:$port/v1/graphql",
		{ headers => { 'Content-Type' => 'application/json' }, content => '{"query": "{ item { id } }"}' });
	return $answer->{content};
}
sub checked { return $node->safe_psql('postgres', "SELECT message FROM gqlsvl.check() WHERE name = 'authenticator'"); }
sub session_user { return $node->safe_psql('postgres', "SELECT string_agg(usename, ',') FROM pg_stat_activity WHERE backend_type = 'gqlsvl executor'"); }
sub name_role
{
	my ($role) = @_;
	$node->safe_psql('postgres', "ALTER SYSTEM SET gqlsvl.authenticator_role = '$role'");
	$node->reload;
}
my $refused = qr/no usable authenticator role/;
my $answered = qr/"data":\{"item":\[\]\}/;

wait_for('the listener answers', sub { ask() =~ /errors/ });
like(ask(), $refused, 'a role that does not exist: each request is refused at once');
like(slurp_file($node->logfile), qr/role "gate" cannot be its authenticator.*\n.*There is no such role/, 'the log names the role and the reason');
is(checked(), 'role gate cannot be the session user of the executors: it does not exist', 'and so does check()');
is(session_user(), '', 'no executor runs');

$node->safe_psql('postgres', 'CREATE ROLE gate LOGIN; GRANT web TO gate');
ok(wait_for('requests run', sub { ask() =~ $answered }), 'the role is created: requests run');
is(session_user(), 'gate', 'as that session user');
is(checked(), '', 'check() has nothing to say');

$node->safe_psql('postgres', 'ALTER ROLE gate SUPERUSER');
ok(wait_for('the superuser is refused', sub { ask() =~ $refused }), 'a role made a superuser stops the executors');
is(checked(), 'role gate cannot be the session user of the executors: it is a superuser', 'check() says so');
$node->safe_psql('postgres', 'CREATE ROLE other LOGIN NOINHERIT; GRANT web TO other');
name_role('other');
ok(wait_for('requests run', sub { ask() =~ $answered }), 'another role named at a reload takes over');
is(session_user(), 'other', 'as the session user');

$node->safe_psql('postgres', 'ALTER ROLE gate NOSUPERUSER');
name_role('gate');
ok(wait_for('the other role', sub { session_user() eq 'gate' && ask() =~ $answered }), 'and a running executor is replaced by one of the role named next');
name_role('nobody');
ok(wait_for('nobody is refused', sub { ask() =~ $refused }), 'a role that does not exist named at a reload: refused again');
$node->safe_psql('postgres', 'ALTER ROLE other RENAME TO nobody');
ok(wait_for('requests run', sub { ask() =~ $answered }), 'a role renamed to that name: requests run');
$node->safe_psql('postgres', 'DROP OWNED BY nobody; DROP ROLE nobody');
ok(wait_for('dropped', sub { ask() =~ $refused }), 'dropped: refused');
$node->stop;
done_testing();
