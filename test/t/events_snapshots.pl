# Old snapshots, transactions open for long and readers of the event tables cost delivery nothing: no dead rows, no growing reads, no waits.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

my $node = new_node('snapshots', 'gqlsvl.executors = 1', 'autovacuum = off');
my $sink = GqlsvlTest::Sink->new->start;
sub sql { return $node->safe_psql('postgres', $_[0]); }
sql('CREATE TABLE item (id int PRIMARY KEY)');
sql("SELECT gqlsvl.create_trigger('hook', 'item', '@{[$sink->url('/hook')]}', max_in_flight => 100)");

sub arrived { my %seen = map { $_->{body}{event}{data}{new}{id} => 1 } $sink->delivered('/hook'); return \%seen; }
my $next = 0;
sub deliver
{
	my ($rows) = @_;
	for (1 .. 5) { sql("INSERT INTO item SELECT generate_series($next + 1, $next + $rows / 5)"); $next += $rows / 5; }
	wait_for("$next rows are delivered", sub { keys %{ arrived() } >= $next });
	return;
}

# Blocks of the events' indexes that were looked at, once the worker has told its figures (it does so each second at most).
sub blocks
{
	my ($before, $now) = (-1, 0);
	wait_for('the figures are settled', sub {
		($before, $now) = ($now, sql("SELECT sum(idx_blks_hit + idx_blks_read) FROM pg_statio_all_indexes WHERE schemaname = 'gqlsvl' AND relname ~ '^event_[0-7]\$'"));
		sql('SELECT pg_sleep(1.2)');    # the interval of the figures, not a wait for delivery
		return $before == $now;
	});
	return $now;
}

my $snapshot = $node->background_psql('postgres');
$snapshot->query_safe('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM item');
my $writer = $node->background_psql('postgres');
$writer->query_safe('BEGIN; INSERT INTO item VALUES (-1)');
my $start = blocks();
deliver(1000);
my $first = blocks() - $start;
deliver(1000) for 1 .. 3;
$start = blocks();
deliver(1000);
my $last = blocks() - $start;
cmp_ok($last, '<', 3 * $first, "with an old snapshot and an old writer the fifth 1,000 events read no more than the first did ($first, then $last blocks)");
is(sql("SELECT sum(n_dead_tup + n_tup_upd + n_tup_del) FROM pg_stat_all_tables WHERE schemaname = 'gqlsvl' AND relname ~ '^event_[0-7]\$'"), 0, 'no row of an event table is dead');
ok(!arrived()->{-1}, 'what is not committed is not sent');
$writer->query_safe('COMMIT');
$writer->quit;
wait_for('it is sent once it is', sub { arrived()->{-1} });
$snapshot->query_safe('COMMIT');
$snapshot->quit;

# As pg_dump does: all children are locked through their parent. Rotation does not wait, and nobody waits for it.
sub files { return sql("SELECT string_agg(pg_relation_filenode(oid)::text, ' ' ORDER BY relname) FROM pg_class WHERE relname ~ '^event_[0-7]\$'"); }
my $reader = $node->background_psql('postgres');
$reader->query_safe('BEGIN; LOCK TABLE gqlsvl.event, gqlsvl.invocation IN ACCESS SHARE MODE');
my $files = files();
$node->append_conf('postgresql.conf', "gqlsvl.event_max_size = '300kB'");
$node->reload;
my $child = sql('SELECT current_child FROM gqlsvl.control');
wait_for('writers go to another table', sub { deliver(100); sql('SELECT current_child FROM gqlsvl.control') ne $child });
deliver(500);
is(count($node, "pg_locks WHERE NOT granted"), 0, 'nobody waits for a lock');
is(files(), $files, 'no table is emptied while somebody reads');
$reader->query_safe('COMMIT');
$reader->quit;
wait_for('then one is', sub { deliver(5); files() ne $files });
is(scalar(keys %{ arrived() }), count($node, 'item'), 'and nothing is lost');

$node->stop;
$sink->stop;
done_testing();
