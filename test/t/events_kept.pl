# Events that wait - for a retry, for their trigger to be resumed, for a receiver that is dead - keep no event table from being emptied:
# they move on, in order and once each, through kills of the worker.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

my $node = new_node('kept', "gqlsvl.event_max_size = '400kB'", "shared_buffers = '16MB'", 'gqlsvl.delivery_workers = 2', 'gqlsvl.executors = 1');
my $sink = GqlsvlTest::Sink->new->start;
my $away = GqlsvlTest::Sink->new->start;
$away->stop;
my ($rows, $versions) = (5, 4);
my %waits = (paused => $sink->url('/paused'), retrying => $sink->url('/retrying?status=422'), dead => $away->url('/dead'));

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub files { return split /\n/, sql("SELECT pg_relation_filenode(oid) FROM pg_class WHERE relname ~ '^event_[0-7]\$' ORDER BY relname"); }

sql('CREATE TABLE busy (id int PRIMARY KEY)');
sql("SELECT gqlsvl.create_trigger('busy', 'busy', '@{[$sink->url('/busy')]}', max_in_flight => 100)");
my $options = "retry_interval => '1 s', backoff => 1, num_retries => 1000, max_in_flight => 100";
for my $table (sort keys %waits)
{
	sql("CREATE TABLE $table (id int PRIMARY KEY, version int NOT NULL)");
	sql("SELECT gqlsvl.create_trigger('$table', '$table', '$waits{$table}', $options)");
}
sql("SELECT gqlsvl.pause_trigger('paused')");
for my $table (sort keys %waits)
{
	sql("INSERT INTO $table SELECT generate_series(1, $rows), 1");
	sql("UPDATE $table SET version = $_") for 2 .. $versions;
}
wait_for('what waits does so in all ways', sub {
	count($node, "gqlsvl.event_log WHERE trigger = 'paused' AND status = 'blocked'") == $rows * $versions
	  && count($node, "gqlsvl.event_log WHERE trigger = 'retrying' AND attempts > 0") >= $rows
	  && sql("SELECT forked FROM gqlsvl.stat_trigger WHERE trigger = 'dead'") eq 't';
});

# Others fill the tables, so that what waits is the smaller part of each; the worker is killed now and then.
my @before = files();
my @holders = split /\n/, sql("SELECT DISTINCT right(e.tableoid::regclass::text, 1) FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id WHERE t.name <> 'busy'");
my %emptied;
my ($next, $kills) = (0, 0);
wait_for('the tables that held them are emptied, and four in all', sub {
	if ($sink->delivered('/busy') > $next - 200)    # no faster than the sink
	{
		sql("INSERT INTO busy SELECT generate_series($next + 1, $next + 200)");
		$next += 200;
	}
	my @now = files();
	$emptied{$_} = 1 for grep { $now[$_] != $before[$_] } 0 .. 7;
	if ($kills < 2 && keys %emptied > $kills) { $kills++ if kill 'KILL', delivery_worker($node); }
	return keys %emptied >= 4 && !grep { !$emptied{$_} } @holders;
});
is($kills, 2, 'a worker was killed meanwhile');
for my $table (sort keys %waits)
{
	my $all = $rows * $versions;
	is(sql("SELECT count(*), count(DISTINCT e.id) FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id WHERE t.name = '$table'"), "$all|$all", "$table: each event is kept once");
	is(count($node, "gqlsvl.event_log WHERE trigger = '$table' AND status = 'delivered'"), 0, "$table: none is taken for delivered");
}
is(sql('SELECT count(*) FROM gqlsvl.retry r WHERE NOT EXISTS (SELECT FROM gqlsvl.event e WHERE e.txid = r.txid AND e.id = r.event_id AND e.tableoid = format($$gqlsvl.event_%s$$, r.child)::regclass)'),
	0, 'what waits knows in which table it is');

# They come back.
$away->start;
sql("SELECT gqlsvl.resume_trigger('paused')");
sql("SELECT gqlsvl.alter_trigger('retrying', webhook => '@{[$sink->url('/retrying')]}')");
my %receiver = (paused => $sink, retrying => $sink, dead => $away);
for my $table (sort keys %waits)
{
	my (%last, %seen, $misordered);
	$misordered = 0;
	wait_for("$table: all is delivered", sub {
		%seen = map { ("$_->{body}{event}{data}{new}{id} $_->{body}{event}{data}{new}{version}" => 1) } $receiver{$table}->delivered("/$table");
		return keys %seen == $rows * $versions;
	});
	%seen = ();
	for my $new (map { $_->{body}{event}{data}{new} } $receiver{$table}->delivered("/$table"))
	{
		next if $seen{"$new->{id} $new->{version}"}++;
		$misordered++ if ($last{ $new->{id} } // 0) >= $new->{version};
		$last{ $new->{id} } = $new->{version};
	}
	is(scalar(keys %seen), $rows * $versions, "$table: nothing is lost");
	is($misordered, 0, "$table: in the order of each row");
}
wait_for('nothing waits any more', sub { count($node, "gqlsvl.event_log WHERE status <> 'delivered'") == 0 });
my %busy = map { $_->{body}{event}{data}{new}{id} => 1 } $sink->delivered('/busy');
is(scalar(keys %busy), count($node, 'busy'), 'and nothing of the others is lost');

$node->stop;
$sink->stop;
$away->stop;
done_testing();
