# A receiver that is dead or slow costs the others nothing, and the store next to nothing; when it is well again it gets all of its events.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

my $rows = 4000;    # of three triggers: more than a worker keeps in memory
my $node = new_node('fairness');
my $sink = GqlsvlTest::Sink->new->start;
my $away = GqlsvlTest::Sink->new->start;
$away->stop;

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub ids { my ($from, $path) = @_; my %seen = map { $_->{body}{event}{data}{new}{id} => 1 } $from->delivered($path); return scalar keys %seen; }
sub forked { return sql('SELECT forked FROM gqlsvl.checkpoint WHERE trigger_id = 0 ORDER BY n DESC LIMIT 1'); }

sql('CREATE TABLE item (id int PRIMARY KEY)');
my $dead = sql("SELECT gqlsvl.create_trigger('dead', 'item', '@{[$away->url('/dead')]}', retry_interval => '1 s', backoff => 1)");
my $slow = sql("SELECT gqlsvl.create_trigger('slow', 'item', '@{[$sink->url('/slow?delay=5')]}', max_in_flight => 5)");
sql("SELECT gqlsvl.create_trigger('fast', 'item', '@{[$sink->url('/fast')]}', max_in_flight => 100)");
sql("INSERT INTO item SELECT generate_series($_ * 1000 + 1, $_ * 1000 + 1000)") for 0 .. $rows / 1000 - 1;

wait_for('the fast receiver gets everything', sub { ids($sink, '/fast') == $rows });
cmp_ok(scalar($sink->requests('/slow')), '<', $rows / 10, 'while the slow one has only begun');
wait_for('the slow and the dead one have cursors of their own', sub { forked() eq "{$dead,$slow}" });
my $waiting = count($node, "gqlsvl.retry WHERE trigger_id = $dead");
cmp_ok($waiting, '<=', 200, 'of the dead one\'s events only the first were tried and written down');
ok($node->log_contains('the receiver of event trigger "dead" fails: its events wait'), 'the log says that its events wait');
sql("INSERT INTO item VALUES ($rows + 1)");
wait_for('the fast one goes on', sub { ids($sink, '/fast') == $rows + 1 });
cmp_ok(count($node, "gqlsvl.retry WHERE trigger_id = $dead"), '<=', 200, 'nothing more was written for the dead one');

is(sql('SELECT string_agg(trigger || $$ $$ || captured || $$ $$ || forked, $$, $$ ORDER BY trigger) FROM gqlsvl.stat_trigger'),
	"dead @{[$rows + 1]} true, fast @{[$rows + 1]} false, slow @{[$rows + 1]} true", 'stat_trigger tells which triggers are read apart');
is(sql("SELECT attempts = failed_attempts AND retrying BETWEEN 1 AND 200 AND oldest_waiting IS NOT NULL FROM gqlsvl.stat_trigger WHERE trigger = 'dead'"), 't',
	'and what waits for the dead one');
is(sql("SELECT failed_attempts || ' ' || (duration_p50 < duration_p99) FROM gqlsvl.stat_trigger WHERE trigger = 'fast'"), '0 true', 'and how long attempts take');
is(sql("CREATE ROLE stranger; SET ROLE stranger; SELECT count(*) FROM gqlsvl.stat_trigger"), '0', 'but not to a stranger');

# The positions of both survive a crash.
$node->stop('immediate');
$node->start;
$away->start;
sql("SELECT gqlsvl.create_trigger('slow', 'item', '@{[$sink->url('/quick')]}', max_in_flight => 100, replace => true)");
wait_for('the dead one, alive again, gets all', sub { ids($away, '/dead') == $rows + 1 });
wait_for('the slow one, quick now, gets all', sub { my %seen = map { $_->{body}{event}{data}{new}{id} => 1 } $sink->delivered('/slow'), $sink->delivered('/quick'); keys %seen == $rows + 1 });
wait_for('they are read with the others again', sub { forked() eq '{}' });
is(ids($sink, '/fast'), $rows + 1, 'the fast one has each event');
wait_for('and nothing waits', sub { count($node, 'gqlsvl.retry') == 0 });

$node->stop;
$sink->stop;
$away->stop;
done_testing();
