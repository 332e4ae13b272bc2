# Triggers redeployed again and again under writers and a subscription, beside a transaction that keeps the table in use for the whole time:
# no writer waits for a lock on the table for 200 ms (the server's own log says so; a busy machine is no lock), and nothing is lost.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use PostgreSQL::Test::Utils;
use Test::More;

my ($triggers, $rounds, $clients, $transactions) = (40, 20, 2, 60);
my $node = new_node('deploy', "gqlsvl.anonymous_role = 'web'", 'log_lock_waits = on', "deadlock_timeout = '200ms'");
my $sink = GqlsvlTest::Sink->new->start;

sub sql { return $node->safe_psql('postgres', $_[0]); }
# As a deployment script does it: all in one transaction, each time with another address, other columns, other limits.
sub deploy
{
	my ($round) = @_;
	my $limit = 5 + $round;
	sql('BEGIN;'
		  . join('', map { "SELECT gqlsvl.create_trigger('t$_', 'item', '@{[$sink->url(\"/$round\")]}', operations => '{INSERT}', payload_columns => '{id}', max_in_flight => $limit, replace => true);" } 1 .. $triggers)
		  . 'COMMIT');
	sql("SELECT gqlsvl.pause_trigger('t1'); SELECT gqlsvl.alter_trigger('t2', retry_interval => '$limit s'); SELECT gqlsvl.resume_trigger('t1')");
}

sql('CREATE TABLE item (id serial PRIMARY KEY, note text); CREATE ROLE web; GRANT SELECT ON item TO web; GRANT web TO gqlsvl_authenticator');
deploy(0);
my $pushed = PostgreSQL::Test::Utils::tempdir() . '/pushed';
my $subscriber = IPC::Run::start([ 'curl', '-sSN', '-H', 'content-type: application/json', '-H', 'accept: text/event-stream', '-o', $pushed,
		'-d', '{"query": "subscription { item_aggregate { aggregate { count } } }"}', 'http://127.0.0.1:' . sql('SHOW gqlsvl.port') . '/v1/graphql' ], '<', \undef);
sub pushed { return scalar(() = slurp_file($pushed) =~ /"count"/g); }
wait_for('the subscription has its first answer', sub { pushed() >= 1 });

# Has written the table and stays open: a deployment that needed the table's lock would wait for it, and writers behind that.
my $open = $node->background_psql('postgres', on_error_stop => 1);
$open->query_safe(q{BEGIN; INSERT INTO item (id, note) VALUES (-1, 'open')});

my $script = PostgreSQL::Test::Utils::tempdir() . '/write.sql';
append_to_file($script, "SET lock_timeout = '10s';\nINSERT INTO item (note) VALUES ('w');\n");
my ($out, $errors) = ('', '');
my $writers = IPC::Run::start([ 'pgbench', '-n', '-p', $node->port, '-h', $node->host, '-c', $clients, '-t', $transactions, '-R', 20, '-f', $script, 'postgres' ],
	'<', \undef, '>', \$out, '2>', \$errors);
deploy($_) for 1 .. $rounds;
ok($writers->finish, 'the writers went through') or diag($errors);
pass('so did the deployments, beside the open transaction');
cmp_ok(pushed(), '>', 1, 'the subscription was pushed meanwhile');
unlike(slurp_file($node->logfile), qr/still waiting for \w+ on relation/, 'nobody waited 200 ms for a lock on a table');
$open->query_safe('COMMIT');
$open->quit;

my $changes = $clients * $transactions + 1;
is(count($node, 'item'), $changes, 'all rows are there');
wait_for('each change is delivered for each trigger', sub { count($node, "gqlsvl.event_log WHERE status = 'delivered'") == $changes * $triggers });
my %seen;
$seen{ $_->{body}{trigger}{name} . ' ' . $_->{body}{event}{data}{new}{id} }++ for $sink->requests;
is(scalar(keys %seen), $changes * $triggers, 'the receiver has each change of each trigger');
is(scalar(grep { $_ > 1 } values %seen), 0, 'once');
is(sql("SELECT count(DISTINCT webhook) FROM gqlsvl.trigger"), '1', 'the last deployment counts');
wait_for('the subscription knows the last row', sub { slurp_file($pushed) =~ /"count":\s*$changes\b/ });
$subscriber->kill_kill;

# What must have the table's lock gives up and says why; a writer that comes meanwhile does not wait for it, and then it is done.
my $reader = $node->background_psql('postgres', on_error_stop => 1);
$reader->query_safe('BEGIN; SELECT count(*) FROM item');
my ($result, $output, $error) = $node->psql('postgres', "SET lock_timeout = '1s'; SELECT gqlsvl.drop_trigger('t1')");
like($error, qr/ERROR:  table public\.item is in use\nDETAIL:  .*within 1000 ms\.\nHINT:  End the transactions that use the table/, 'dropping a trigger gives up');
my $dropper = $node->background_psql('postgres', on_error_stop => 1);
$dropper->query_until(qr/asked/, qq(\\echo asked\nSELECT gqlsvl.drop_trigger('t1');\n));
sql("INSERT INTO item (note) VALUES ('meanwhile $_')") for 1 .. 20;
unlike(slurp_file($node->logfile), qr/still waiting for RowExclusiveLock on relation/, 'writers beside it do not wait 200 ms');
$reader->query_safe('COMMIT');
$reader->quit;
$dropper->quit;
is(sql("SELECT count(*) FROM gqlsvl.trigger WHERE name = 't1' AND dropped_at IS NULL"), '0', 'then it is dropped');
$node->stop;
done_testing();
