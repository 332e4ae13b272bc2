# Every committed change is delivered at least once, none of a rolled-back one, in order for each row, through crashes of everything.
#
# Writers write down what they mean to do and how it ended, the sink what it received; only these records are compared (the table
# `ledger` decides the transactions whose writer lost the server before it knew). After Jepsen's total-queue checker.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use JSON::PP ();
use POSIX ();
use QueueWriter;
use Test::More;

my $writers = $ENV{GQLSVL_QUEUE_WRITERS} // 3;
my $faults = $ENV{GQLSVL_QUEUE_FAULTS} // 6;
my $in_flight = 10;
my $node = new_node('queue', 'gqlsvl.delivery_workers = 2', "gqlsvl.event_max_size = '800kB'", 'max_prepared_transactions = 20');
my $sink = GqlsvlTest::Sink->new->start;
my $folder = PostgreSQL::Test::Utils::tempdir();

$node->safe_psql('postgres', <<SQL);
CREATE TABLE item (id bigint PRIMARY KEY, version int NOT NULL, op bigint NOT NULL);
CREATE TABLE ledger (id bigint PRIMARY KEY);
INSERT INTO item SELECT id, 0, 0 FROM generate_series(1, 20) id;
SELECT gqlsvl.create_trigger('queue', 'item', '@{[$sink->url('/queue?status=503&flaky=5')]}', num_retries => 1000, retry_interval => '50 ms',
  backoff => 1, max_interval => '50 ms', timeout => '10 s', max_in_flight => $in_flight);
SQL

my @writers;
for my $number (1 .. $writers)
{
	my $pid = fork() // die "fork: $!";
	if ($pid == 0)
	{
		open(STDERR, '>', "$folder/writer$number.errors");    # psql's words about a server that is down
		eval { QueueWriter::run($node->connstr('postgres'), $number, "$folder/writer$number", "$folder/stop"); };
		POSIX::_exit($@ ? 1 : 0);
	}
	push @writers, $pid;
}

# What a writer prepared before it lost the server keeps its rows locked: committed for it. Its ledger row says so.
sub finish_prepared
{
	my $left = eval { $node->safe_psql('postgres', "SELECT gid FROM pg_prepared_xacts WHERE prepared < clock_timestamp() - interval '2 s'") } // '';
	eval { $node->safe_psql('postgres', "COMMIT PREPARED '$_'") } for split /\n/, $left;
	return;
}

# Each fault comes after deliveries since the last one, so that it meets a worker at work.
my (@at_fault, $before);
$before = 0;
for my $number (1 .. $faults)
{
	wait_for("deliveries before fault $number", sub { finish_prepared(); scalar($sink->delivered('/queue')) > $before + 50 }) or last;
	my $recent = scalar(grep { $_->{at} > time - 10 } $sink->delivered('/queue'));
	push @at_fault, $recent;
	if ($number % 3 == 0)
	{
		$node->stop('immediate');
		$node->start;
	}
	elsif ($number % 3 == 1) { wait_for('a delivery worker runs', sub { my $pid = delivery_worker($node); $pid && kill 'KILL', $pid; }); }
	else
	{
		$sink->stop;
		$sink->start;
	}
	$before = scalar($sink->delivered('/queue'));
}
open(my $stop, '>', "$folder/stop") or die $!;
close $stop;
for my $pid (@writers)
{
	wait_for('a writer ends', sub { finish_prepared(); waitpid($pid, POSIX::WNOHANG()) == $pid });
	is($?, 0, 'a writer ended well');
}

# What the writers know.
wait_for('the server answers', sub { count($node, 'ledger') > 0 });
my %in_ledger = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', 'SELECT id FROM ledger');
my (%committed, %undone, $transactions, $unknown);
for my $number (1 .. $writers)
{
	my (%begun, %outcome);
	open(my $record, '<', "$folder/writer$number") or die $!;
	while (my $line = <$record>)
	{
		my $entry = JSON::PP::decode_json($line);
		if (exists $entry->{outcome}) { $outcome{ $entry->{ledger} } = $entry->{outcome}; }
		else { $begun{ $entry->{ledger} } = $entry; }
	}
	for my $id (keys %begun)
	{
		my $outcome = $outcome{$id} // 'unknown';
		$transactions++;
		$unknown++ if $outcome eq 'unknown';
		my $kept = $outcome eq 'committed' || ($outcome eq 'unknown' && $in_ledger{$id});
		my ($yes, $no) = $kept ? ($begun{$id}{kept}, $begun{$id}{undone}) : ([], [ @{ $begun{$id}{kept} }, @{ $begun{$id}{undone} } ]);
		$committed{"@$_"} = 1 for @$yes;
		$undone{"@$_"} = 1 for @$no;
	}
}

sub change
{
	my ($request) = @_;
	my $event = $request->{body}{event};
	my $row = $event->{data}{new} // $event->{data}{old};
	return ("$event->{op} $row->{op}", $row);
}

# Drained: everything committed has arrived and nothing has come since for as long as an attempt may take to fail and come again.
wait_for('the queue is drained', sub {
	my %arrived = map { (change($_))[0] => 1 } $sink->delivered('/queue');
	my $open = count($node, "gqlsvl.event_log WHERE status <> 'delivered'");
	return $open == 0 && !grep { !$arrived{$_} } keys %committed;
});

# What the sink knows.
my (%ids, %last, $misordered, $duplicates, $phantom);
($misordered, $duplicates, $phantom) = (0, 0, 0);
my %arrived;
for my $request ($sink->requests('/queue'))
{
	my ($change, $row) = change($request);
	$phantom++ unless $committed{$change};    # an attempt that failed is one too: it was sent
	next unless $request->{status} == 200;
	$arrived{$change} = 1;
	if ($ids{ $request->{body}{id} }++) { $duplicates++; next; }
	my $place = $row->{version} + ($request->{body}{event}{op} eq 'DELETE' ? 0.5 : 0);
	$misordered++ if defined $last{ $row->{id} } && $place <= $last{ $row->{id} };
	$last{ $row->{id} } = $place;
}
my $lost = grep { !$arrived{$_} } keys %committed;
my $allowed = 0;
$allowed += $_ + $in_flight for @at_fault;

note(sprintf '%d transactions, %d of unknown outcome, %d changes undone, %d faults', $transactions, $unknown // 0, scalar(keys %undone), scalar(@at_fault));
diag(sprintf 'committed %d delivered %d lost %d phantom %d duplicates %d misordered %d',
	scalar(keys %committed), scalar(keys %arrived), $lost, $phantom, $duplicates, $misordered);
is(scalar(@at_fault), $faults, 'all faults were met');
cmp_ok(scalar(keys %committed), '>', 50 * $faults, 'the writers were busy');
cmp_ok(scalar(keys %undone), '>', 0, 'and some of their work was undone');
is($lost, 0, 'no committed change is lost');
is($phantom, 0, 'no change of a rolled-back transaction is sent');
is($misordered, 0, 'first successful deliveries of a row are in its order');
cmp_ok($duplicates, '<=', $allowed, 'duplicates are at most what was delivered shortly before the faults and in flight');

$node->stop;
$sink->stop;
done_testing();
