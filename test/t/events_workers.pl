# Several delivery workers share the rows, one owner each: whoever comes, goes or is told to stop, each row's events stay in order.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('workers', 'gqlsvl.delivery_workers = 2');
my $sink = GqlsvlTest::Sink->new->start;
my $retries = "num_retries => 1000, retry_interval => '50 ms', backoff => 1";

sub sql { return $node->safe_psql('postgres', $_[0]); }

# The shards that each worker owns, as "8 8": the locks say so.
sub shares
{
	return sql("SELECT string_agg(n::text, ' ' ORDER BY n DESC) FROM (SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 3 GROUP BY pid) s");
}

sub set_workers { sql("ALTER SYSTEM SET gqlsvl.delivery_workers = $_[0]"); $node->reload; return; }

# Versions of a row as they were first delivered.
sub versions
{
	my ($path, $tag) = @_;
	my %seen;
	return join ',', grep { !$seen{$_}++ } map { $_->{body}{event}{data}{new}{version} } grep { $_->{body}{event}{data}{new}{tag} == $tag } $sink->delivered($path);
}

sql('CREATE TABLE item (id int PRIMARY KEY, tag int NOT NULL, version int NOT NULL DEFAULT 0)');
wait_for('two workers have half of the shards each', sub { shares() eq '8 8' });

# A worker ends in the middle of its work; later the number is lowered and raised.
sql("SELECT gqlsvl.create_trigger('shared', 'item', '@{[$sink->url('/shared?status=503&flaky=10')]}', $retries)");
sql('INSERT INTO item SELECT n, n FROM generate_series(1, 60) n');
sql("UPDATE item SET version = $_") for 1 .. 3;
wait_for('delivery has begun', sub { scalar($sink->delivered('/shared')) > 20 });
is(sql("SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'delivery' AND index = 1) w"), 1, 'one worker is told to end');
sql("UPDATE item SET version = $_") for 4 .. 6;
wait_for('its successor has its shards', sub { shares() eq '8 8' });
set_workers(1);
sql("UPDATE item SET version = $_") for 7 .. 8;
wait_for('the remaining worker has all shards', sub { shares() eq '16' });
is(count($node, "gqlsvl.stat_worker WHERE kind = 'delivery'"), 1, 'one worker is left');
sql("UPDATE item SET version = $_") for 9 .. 10;
set_workers(3);
wait_for('three workers share', sub { shares() eq '6 5 5' });
sql('UPDATE item SET version = 11');
wait_for('each change of each row is delivered', sub { my %seen; $seen{"$_->{body}{event}{data}{new}{tag} $_->{body}{event}{data}{new}{version}"} = 1 for $sink->delivered('/shared'); keys %seen == 60 * 12 });
my @wrong = grep { versions('/shared', $_) ne join(',', 0 .. 11) } 1 .. 60;
is("@wrong", '', 'and the changes of each row arrive in order');
wait_for('nothing is left to retry', sub { count($node, 'gqlsvl.retry') == 0 });
sql("SELECT gqlsvl.drop_trigger('shared')");

# A worker that gives shards away writes a checkpoint for them after its own last one. Ended just then, it finds a smaller number for its own
# shards than it has used. The other worker is halted, so that it does not take them meanwhile.
set_workers(2);
wait_for('two workers share again', sub { shares() eq '8 8' });
sql("SELECT gqlsvl.create_trigger('handed', 'item', '@{[$sink->url('/handed')]}', $retries)");
sql('UPDATE item SET version = 12');
wait_for('each change is recorded', sub { count($node, "gqlsvl.event_log WHERE trigger = 'handed' AND status = 'delivered'") == 60 });
my ($halted, $ended) = map { sql("SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'delivery' AND index = $_") } 0, 1;
kill 'STOP', $halted;
sql(q{WITH newest AS (SELECT DISTINCT ON (worker) * FROM gqlsvl.checkpoint WHERE trigger_id = 0 ORDER BY worker, n DESC)
	INSERT INTO gqlsvl.checkpoint (worker, trigger_id, n, shards, snap_from, snap_to, pos, pending, forked)
	SELECT 1, 0, one.n + 1, zero.shards, zero.snap_from, zero.snap_to, zero.pos, zero.pending, zero.forked
	FROM newest one, newest zero WHERE one.worker = 1 AND zero.worker = 0});
sql("SELECT pg_terminate_backend($ended)");
wait_for('its successor has its shards', sub { my $pid = sql("SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'delivery' AND index = 1 AND state = 'running'"); $pid && $pid != $ended && shares() eq '8 8' });
sql('UPDATE item SET version = 13');
kill 'CONT', $halted;
wait_for('both go on', sub { count($node, "gqlsvl.event_log WHERE trigger = 'handed' AND status = 'delivered'") == 120 });
unlike(slurp_file($node->logfile), qr/checkpoint_pkey/, 'no checkpoint takes a number that is used');
sql("SELECT gqlsvl.drop_trigger('handed')");

# A change of the key takes a row from one worker's shards into another's. Many attempts fail.
sql("SELECT gqlsvl.create_trigger('moved', 'item', '@{[$sink->url('/moved?status=503&flaky=40')]}', $retries, operations => '{UPDATE}')");
sql('UPDATE item SET version = 20');
sql('UPDATE item SET id = id + 1000, version = 21');
sql('UPDATE item SET version = 22');
sql('UPDATE item SET id = id + 1000, version = 23');
sql('UPDATE item SET version = 24');
wait_for('each change is delivered', sub { my %seen; $seen{"$_->{body}{event}{data}{new}{tag} $_->{body}{event}{data}{new}{version}"} = 1 for $sink->delivered('/moved'); keys %seen == 60 * 5 });
@wrong = grep { versions('/moved', $_) ne '20,21,22,23,24' } 1 .. 60;
is("@wrong", '', 'a row keeps its order through changes of its key');
sql("SELECT gqlsvl.drop_trigger('moved')");

# More events than the workers keep in memory, found by address; then VACUUM FULL moves the rows.
set_workers(1);
wait_for('one worker has all shards', sub { shares() eq '16' });
sql('CREATE TABLE many (id int PRIMARY KEY)');
sql("SELECT gqlsvl.create_trigger('many', 'many', '@{[$sink->url('/slow?delay=0.5')]}', max_in_flight => 2, operations => '{INSERT}')");
sql('BEGIN; INSERT INTO many SELECT generate_series(1, 500); ROLLBACK');
sql('INSERT INTO many SELECT generate_series(1, 12000)');
wait_for('reading has begun', sub { scalar($sink->requests('/slow')) > 0 });
sql('VACUUM FULL gqlsvl.event_0');
sql("SELECT gqlsvl.create_trigger('many', 'many', '@{[$sink->url('/many')]}', max_in_flight => 100, operations => '{INSERT}', replace => true)");
my %arrived;
wait_for('all arrive', sub { %arrived = map { $_->{body}{event}{data}{new}{id} => 1 } $sink->delivered('/many'), $sink->delivered('/slow'); keys %arrived == 12000 });
is(scalar(grep { !$arrived{$_} } 1 .. 12000), 0, 'VACUUM FULL of an event table loses and invents nothing');

$node->stop;
$sink->stop;
done_testing();
