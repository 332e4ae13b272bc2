# Where a delivery worker dies decides what is sent again: nothing that was never sent, nothing whose checkpoint is on disk, and of the rest
# exactly what was in flight or not yet recorded. Nothing is lost at any point.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

# The tests' own worker library has the crash points (src/workers/crash_point.h); it is found before the other one.
my $node = new_node('crash', 'gqlsvl.delivery_workers = 1', "dynamic_library_path = '\$libdir/crash_points:\$libdir'", "shared_buffers = '16MB'", 'gqlsvl.executors = 1');
my $sink = GqlsvlTest::Sink->new->start;
my $rows = 5;
$node->safe_psql('postgres', 'CREATE TABLE item (id int PRIMARY KEY, round text NOT NULL); CREATE TABLE other (id int)');
$node->safe_psql('postgres', "SELECT gqlsvl.create_trigger('hook', 'item', '@{[$sink->url('/hook?delay=0.3')]}', retry_interval => '100 ms', backoff => 1, num_retries => 1000)");

my $worker;
sub crash_at { my ($point) = @_; $worker = delivery_worker($node); open(my $file, '>', $node->data_dir . "/gqlsvl_crash_at.$point") or die $!; close $file; return; }
# The file is gone, and so is the process of before: the server works again.
sub crashed { my ($point) = @_; return !-e $node->data_dir . "/gqlsvl_crash_at.$point" && (delivery_worker($node) || $worker) ne $worker; }
sub of { my ($round) = @_; return grep { $_->{body}{event}{data}{new}{round} eq $round } $sink->requests('/hook'); }
sub distinct { my %seen = map { $_->{body}{event}{data}{new}{id} => 1 } of($_[0]); return scalar keys %seen; }
sub all_delivered { return count($node, "gqlsvl.event_log WHERE status <> 'delivered'") == 0; }

my $first = 0;
# Also when the worker dies before it.
sub insert
{
	my ($round) = @_;
	my $sql = "INSERT INTO item SELECT $first + i, '$round' FROM generate_series(1, $rows) i ON CONFLICT DO NOTHING";
	wait_for("$round: rows are inserted", sub { $node->safe_psql('postgres', $sql); 1 });
	$first += $rows;
	return;
}

# One statement of $rows rows in lanes of their own; the worker dies at the point; then all is delivered, $again of them twice.
sub crash
{
	my ($point, $again, $what, $when) = @_;
	crash_at($point) unless $when;
	insert($point);
	if ($when) { wait_for("$point: the time has come", $when) or return; crash_at($point); }
	wait_for("$point: the worker dies", sub { crashed($point) }) or return;
	wait_for("$point: all is delivered", sub { distinct($point) == $rows && all_delivered() });
	is(distinct($point), $rows, "$point: none is lost");
	is(scalar(of($point)) - $rows, $again, "$point: $what");
	return;
}

crash('read', 0, 'what was read and not sent is sent once');
crash('in_flight', $rows, 'what the receiver has and has not answered is sent again', sub { of('in_flight') == $rows });
crash('answered', $rows, 'what was answered and is not recorded is sent again');
crash('before_checkpoint', $rows, 'what a checkpoint would have recorded is sent again');

# Between commits a worker waits; before a read of new events, and after a checkpoint that is on disk, nothing is repeated.
$node->safe_psql('postgres', 'INSERT INTO other VALUES (1)');
crash('idle', 0, 'what is committed and not read is sent once');
insert('recorded');
wait_for('recorded: all is delivered', \&all_delivered);
$node->safe_psql('postgres', 'INSERT INTO other VALUES (1)');    # its commit puts the checkpoint on disk, too
crash_at('idle');
wait_for('recorded: the worker dies', sub { crashed('idle') });
insert('next');
wait_for('recorded: the next are delivered', sub { distinct('next') == $rows && all_delivered() });
is(scalar(of('recorded')), $rows, 'recorded: what a checkpoint on disk has is not sent again');

# A checkpoint commits without waiting for the disk: until then it may be lost, and with it what it recorded.
crash_at('after_checkpoint');
insert('committed');
wait_for('committed: the worker dies', sub { crashed('after_checkpoint') });
wait_for('committed: all is delivered', sub { distinct('committed') == $rows && all_delivered() });
cmp_ok(scalar(of('committed')), '<=', 2 * $rows, 'committed: at most what the checkpoint recorded is sent again');

is(scalar(grep { $_->{status} != 200 } $sink->requests('/hook')), 0, 'no answer was a failure');
$node->stop;
$sink->stop;
done_testing();
