# Triggers redeployed again and again while writers write, beside a transaction that keeps the table in use: nobody waits for it, nothing is lost.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use PostgreSQL::Test::Utils;
use Test::More;

my ($triggers, $rounds, $clients, $transactions) = (40, 20, 2, 60);
my $node = new_node('deploy');
my $sink = GqlsvlTest::Sink->new->start;

sub sql { return $node->safe_psql('postgres', $_[0]); }
# As a deployment script does it: all in one transaction, each time with another address, other columns, other limits.
sub deploy
{
	my ($round) = @_;
	my $limit = 5 + $round;
	return sql('BEGIN;'
		  . join('', map { "SELECT gqlsvl.create_trigger('t$_', 'item', '@{[$sink->url(\"/$round\")]}', operations => '{INSERT}', payload_columns => '{id}', max_in_flight => $limit, replace => true);" } 1 .. $triggers)
		  . 'COMMIT');
}

sql('CREATE TABLE item (id serial PRIMARY KEY, note text)');
deploy(0);

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
$node->stop;
done_testing();
