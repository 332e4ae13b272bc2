# What a receiver has seen is on disk: with synchronous_commit off, no event of a transaction is sent before its commit record is flushed.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

# The WAL writer would flush after ten seconds only, and the receiver never answers: no checkpoint of the worker flushes it either.
my $node = new_node('async', 'synchronous_commit = off', "wal_writer_delay = '10s'", 'wal_writer_flush_after = 0', 'autovacuum = off');
my $sink = GqlsvlTest::Sink->new->start;
$node->safe_psql('postgres', 'CREATE TABLE item (id int PRIMARY KEY)');
$node->safe_psql('postgres', "SELECT gqlsvl.create_trigger('hook', 'item', '@{[$sink->url('/hook?hang=1')]}', num_retries => 1000, retry_interval => '200 ms')");

my %seen;
for my $round (1 .. 5)
{
	$node->safe_psql('postgres', "INSERT INTO item VALUES ($round)");
	last unless wait_for("round $round: the insert is sent", sub {
		$seen{ $_->{body}{event}{data}{new}{id} } = 1 for $sink->requests('/hook');
		$seen{$round};
	});
	$node->stop('immediate');    # nothing is flushed on the way down
	$node->start;
	is(count($node, "item WHERE id = $round"), 1, "round $round: the row that the receiver saw survived");
}
is(count($node, 'item'), scalar(keys %seen), 'no row was sent that does not exist');
$node->stop('immediate');
$sink->stop;
done_testing();
