# Event triggers that are dropped or changed while their events are on the way: every event ends delivered or dead, never both, never neither.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

my $node = new_node('definition');
my $sink = GqlsvlTest::Sink->new->start;

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub lines { return split /\n/, sql($_[0]); }
sub create { my ($name, $path, $options) = @_; return sql("SELECT gqlsvl.create_trigger('$name', 'item', '@{[$sink->url($path)]}', $options)"); }
sub unfinished { return count($node, "gqlsvl.event_log WHERE status NOT IN ('delivered', 'dead')"); }

sql('CREATE TABLE item (id int PRIMARY KEY, version int NOT NULL DEFAULT 0)');

# Dropped while events are unread, in flight, retrying and blocked.
my $id = create('dropped', '/dropped?delay=0.02&status=503&flaky=30', "max_in_flight => 4, retry_interval => '50 ms', backoff => 1");
sql('INSERT INTO item SELECT generate_series(1, 200)');
sql("UPDATE item SET version = $_ WHERE id <= 100") for 1 .. 3;
wait_for('delivery has begun', sub { scalar($sink->delivered('/dropped')) >= 40 });
my ($result, $out, $notice) = $node->psql('postgres', "SELECT gqlsvl.drop_trigger('dropped')");
like($notice, qr/NOTICE:  [0-9]+ undelivered events? of trigger "dropped" will not be sent/, 'drop_trigger says that events are left');
wait_for('all events are settled', sub { unfinished() == 0 });
my %delivered = map { $_->{body}{id} => 1 } $sink->delivered('/dropped');
my %dead = map { $_ => 1 } lines("SELECT gqlsvl.event_uuid(txid, id) FROM gqlsvl.dead WHERE trigger_name = 'dropped' AND last_error LIKE 'trigger dropped%'");
my @events = lines("SELECT gqlsvl.event_uuid(txid, id) FROM gqlsvl.event WHERE trigger_id = $id");
is(scalar(@events), 500, 'all changes were captured');
is_deeply([ grep { !$delivered{$_} && !$dead{$_} } @events ], [], 'no event is neither delivered nor dead');
is_deeply([ grep { $delivered{$_} && $dead{$_} } @events ], [], 'no event is both');
cmp_ok(scalar(keys %dead), '>', 0, 'some were not delivered any more');
is(count($node, 'gqlsvl.retry'), 0, 'gqlsvl.retry holds nothing of it');
($result, $out, $notice) = $node->psql('postgres', "SELECT gqlsvl.drop_trigger('dropped')");
like($notice, qr/ERROR:  event trigger "dropped" does not exist/, 'a dropped trigger is gone');

# Made and used in one transaction: the worker hears of the event before it hears of the trigger.
for my $round (1 .. 20)
{
	sql("BEGIN; CREATE TABLE made_$round (id int PRIMARY KEY);"
		  . "SELECT gqlsvl.create_trigger('made_$round', 'made_$round', '@{[$sink->url('/made')]}'); INSERT INTO made_$round VALUES ($round); COMMIT");
}
wait_for('each is delivered', sub { scalar($sink->delivered('/made')) == 20 });
is(count($node, "gqlsvl.dead WHERE trigger_name LIKE 'made%'"), 0, 'none is taken for one of a dropped trigger');

# A new definition is used without anything else happening in the database.
for my $round (1 .. 10)
{
	create('order', '/down?status=503', "retry_interval => '1 day', operations => '{UPDATE}', replace => true");
	sql("UPDATE item SET version = $_ WHERE id = 6") for 1, 2;
	wait_for('the follower is blocked', sub { count($node, 'gqlsvl.retry WHERE blocked') == 1 });
	create('order', "/quick$round", "retry_interval => '1 day', operations => '{UPDATE}', ordering => 'none', replace => true");
	wait_for('the follower is delivered', sub { scalar($sink->delivered("/quick$round")) == 1 });
}
sql("SELECT gqlsvl.drop_trigger('order')");
wait_for('the heads are dead', sub { count($node, 'gqlsvl.retry') == 0 });

# Event rows that move while they are pending are found again.
$sink->stop;
create('moved', '/moved', "operations => '{UPDATE}', retry_interval => '200 ms', backoff => 1");
sql("UPDATE item SET version = $_ WHERE id = 7") for 31 .. 35;
wait_for('the first is retrying, the others wait behind it', sub { count($node, 'gqlsvl.retry') == 5 });
sql('VACUUM FULL gqlsvl.event_0');
sql('CLUSTER gqlsvl.event_0 USING event_0_txid');
sql('REINDEX TABLE gqlsvl.event_0');
$sink->start;
wait_for('all are delivered', sub { scalar($sink->delivered('/moved')) == 5 });
is(join(',', map { $_->{body}{event}{data}{new}{version} } $sink->delivered('/moved')), '31,32,33,34,35', 'VACUUM FULL and CLUSTER lose and disorder nothing');
sql("SELECT gqlsvl.drop_trigger('moved')");

# From ordering row to none: what waited behind the first failure waits no longer.
create('order', '/down?status=503', "retry_interval => '1 day', operations => '{UPDATE}'");
sql("UPDATE item SET version = $_ WHERE id <= 5") for 11 .. 14;
wait_for('the followers are blocked', sub { count($node, 'gqlsvl.retry WHERE blocked') == 15 });
create('order', '/free', "retry_interval => '1 day', operations => '{UPDATE}', ordering => 'none', replace => true");
wait_for('the followers are delivered', sub { scalar($sink->delivered('/free')) == 15 });
wait_for('only the heads wait for their time', sub { sql('SELECT count(*), bool_or(blocked) FROM gqlsvl.retry') eq '5|f' });

# From none to row while requests are in flight, and on.
create('order', '/later?delay=0.2', "operations => '{UPDATE}', ordering => 'none', max_in_flight => 3, replace => true");
sql('UPDATE item SET version = 20 WHERE id <= 10');
wait_for('requests are in flight', sub { scalar($sink->requests('/later')) > 0 });
create('order', '/later', "operations => '{UPDATE}', ordering => 'row', max_in_flight => 3, replace => true");
sql("UPDATE item SET version = $_ WHERE id <= 10") for 21 .. 24;
wait_for('all are delivered', sub { scalar($sink->delivered('/later')) == 50 });
for my $row (1 .. 10)
{
	my @versions = map { $_->{body}{event}{data}{new}{version} } grep { $_->{body}{event}{data}{new}{id} == $row && $_->{body}{event}{data}{new}{version} > 20 } $sink->delivered('/later');
	is_deeply(\@versions, [ 21 .. 24 ], "row $row: the changes after the switch are in order");
}
sql("SELECT gqlsvl.drop_trigger('order')");

# Numbers of events are never drawn twice, whatever a crash takes away.
sql("SELECT gqlsvl.create_trigger('numbers', 'item', '@{[$sink->url('/numbers')]}', operations => '{INSERT}')");
for my $round (1 .. 3)
{
	sql("INSERT INTO item SELECT $round * 1000 + g FROM generate_series(1, 37) g");
	my $largest = sql('SELECT max(id) FROM gqlsvl.event');
	$node->stop('immediate');
	$node->start;
	sql("INSERT INTO item VALUES ($round * 1000)");
	cmp_ok(sql('SELECT max(id) FROM gqlsvl.event'), '>', $largest, "round $round: the first number after a crash is larger than all before");
}
is(sql('SELECT count(*) - count(DISTINCT id) FROM gqlsvl.event'), 0, 'no number is used twice');
wait_for('all are delivered', sub { my %seen = map { $_->{body}{id} => 1 } $sink->delivered('/numbers'); keys %seen == 114 });

$node->stop;
done_testing();
