# Event tables are emptied in turn once their events are delivered; what is not delivered stays, whatever the size.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

my $node = new_node('rotation', "gqlsvl.event_max_size = '400kB'");
my $sink = GqlsvlTest::Sink->new->start;
my $away = GqlsvlTest::Sink->new->start;
$away->stop;

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub ids { my ($from, $path) = @_; my %seen = map { $_->{body}{event}{data}{new}{id} => 1 } $from->delivered($path); return \%seen; }
sub current { return sql('SELECT current_child FROM gqlsvl.control'); }

# Rows in small transactions, until the table in use has changed so many times.
my ($next, $turns) = (0, 0);
sub turn
{
	my ($table, $wanted) = @_;
	my ($before, $until) = (current(), $turns + $wanted);
	wait_for("$wanted tables are filled", sub {
		sql("INSERT INTO $table SELECT generate_series($next + 1, $next + 100)");
		$next += 100;
		my $now = current();
		$turns++ if $now ne $before;
		$before = $now;
		return $turns >= $until;
	});
	return;
}

sql('CREATE TABLE item (id int PRIMARY KEY); CREATE TABLE kept (id int PRIMARY KEY); CREATE TABLE held (id int PRIMARY KEY)');
sql("SELECT gqlsvl.create_trigger('item', 'item', '@{[$sink->url('/item')]}', max_in_flight => 100)");
sql("SELECT gqlsvl.create_trigger('kept', 'kept', '@{[$away->url('/kept')]}', retry_interval => '1 s', backoff => 1, num_retries => 1000)");
sql("SELECT gqlsvl.create_trigger('held', 'held', '@{[$sink->url('/held')]}')");

# More turns than there are tables: each is emptied and filled again.
turn('item', 9);
wait_for('all are delivered', sub { keys %{ ids($sink, '/item') } == $next });
cmp_ok(count($node, 'gqlsvl.event'), '<', $next, 'delivered events went');
is(count($node, 'gqlsvl.invocation i WHERE NOT EXISTS (SELECT FROM gqlsvl.event e WHERE e.id = i.event_id)'), 0, 'and their attempts with them');

# An event that is not delivered, and one that is not committed, keep their table; the others go on.
sql('INSERT INTO kept SELECT generate_series(1, 30)');
my $open = $node->background_psql('postgres');
$open->query_safe('BEGIN; INSERT INTO held VALUES (1)');
my $first = sql('SELECT min(e.id) FROM gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id WHERE t.name = $$kept$$');
turn('item', 8);
is(count($node, "gqlsvl.event e JOIN gqlsvl.trigger t ON t.id = e.trigger_id WHERE t.name = 'kept'"), 30, 'undelivered events stay');
$open->query_safe('COMMIT');
$open->quit;
wait_for('what was open for long is delivered', sub { keys %{ ids($sink, '/held') } == 1 });
$away->start;
wait_for('what could not be delivered for long is delivered', sub { keys %{ ids($away, '/kept') } == 30 });
wait_for('then their table goes too', sub { sql("INSERT INTO item VALUES (@{[++$next]})"); count($node, "gqlsvl.event WHERE id = $first") == 0 });
wait_for('all are delivered', sub { keys %{ ids($sink, '/item') } == $next });
my $delivered = ids($sink, '/item');
is(scalar(grep { !$delivered->{$_} } 1 .. $next), 0, 'nothing was lost on the way');

$node->stop;
$sink->stop;
$away->stop;
done_testing();
