# Every committed change is delivered at least once, none of a rolled-back one, in order for each row, through crashes of everything.
#
# Run by test/chaos/run, which says what is counted. Each fault comes after deliveries since the one before, so that it meets workers at work.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin, "$FindBin::Bin/../lib";
use Getopt::Long qw(GetOptions);
use GqlsvlTest;
use History;
use List::Util qw(min);
use POSIX ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(sleep time);
use Writer;

my ($events, $seconds) = (50_000, 0);
GetOptions('events=i' => \$events, 'seconds=i' => \$seconds) or die "chaos.pl [--events N] [--seconds S]\n";
my ($writers, $workers, $in_flight, $most_waiting) = (4, 2, 50, 6000);
my %least = (kills => 20, stops => 3, rotations => 5, promotions => 1);
my $folder = PostgreSQL::Test::Utils::tempdir();
my ($pause, $stop) = ("$folder/pause", "$folder/stop");
my $began = time;

# -- The clusters: small memory, so that a crash is over soon; children of the event table that are full after about a second.
my $primary = new_node('primary', "gqlsvl.delivery_workers = $workers", "gqlsvl.event_max_size = '4MB'", 'gqlsvl.executors = 1', 'max_prepared_transactions = 20',
	"shared_buffers = '16MB'", "wal_writer_delay = '50ms'", "checkpoint_timeout = '30s'", 'wal_level = replica', 'max_wal_senders = 4', "wal_keep_size = '1GB'",
	"wal_retrieve_retry_interval = '100ms'", "max_connections = 30");
my $standby = PostgreSQL::Test::Cluster->new('standby');
my $node = $primary;    # the one that writers write to
my $connection = sprintf "host=%s,%s port=%d,%d dbname=postgres target_session_attrs=read-write application_name=writer",
  $primary->host, $standby->host, $primary->port, $standby->port;
$primary->append_conf('pg_hba.conf', "local replication all trust");
$primary->reload;

# -- The receiver.
my %sink = (port => 0, log => "$folder/requests");
sub start_sink
{
	unlink "$folder/port";
	$sink{pid} = fork() // die "fork: $!";
	if ($sink{pid} == 0) { exec('node', "$FindBin::Bin/sink.mjs", $sink{log}, $sink{port}, "$folder/port") or POSIX::_exit(127); }
	wait_for('the sink listens', sub { -s "$folder/port" }) or die 'no sink';
	open(my $file, '<', "$folder/port") or die $!;
	$sink{port} = <$file>;
	return;
}
sub stop_sink { kill 'KILL', $sink{pid}; waitpid $sink{pid}, 0; $sink{pid} = undef; return; }
END { local $?; stop_sink() if $sink{pid}; }
start_sink();

my $receiver = "http://127.0.0.1:$sink{port}";
my $retries = "num_retries => 1000, retry_interval => '50 ms', backoff => 1, max_interval => '200 ms', timeout => '3 s', max_in_flight => $in_flight";
$primary->safe_psql('postgres', <<SQL);
CREATE TABLE item (id bigint PRIMARY KEY, version int NOT NULL, op bigint NOT NULL);
CREATE TABLE ledger (id bigint PRIMARY KEY);
INSERT INTO item SELECT id, 0, 0 FROM generate_series(1, $Writer::shared_rows) id;
INSERT INTO item SELECT w * 1000 + id, 0, 0 FROM generate_series(1, $writers) w, generate_series(1, $Writer::own_rows) id;
SELECT gqlsvl.create_trigger('ordered', 'item', '$receiver/ordered', $retries);
SELECT gqlsvl.create_trigger('loose', 'item', '$receiver/loose', ordering => 'none', $retries);
SQL
my $history = History->new(log => $sink{log}, paths => [ '/ordered', '/loose' ], writers => [ map { "$folder/writer$_" } 1 .. $writers ]);

# -- The writers.
my @writing;
for my $number (1 .. $writers)
{
	my $pid = fork() // die "fork: $!";
	if ($pid == 0)
	{
		open(STDERR, '>', "$folder/writer$number.errors");    # psql's words about a server that is down
		eval { Writer::run($connection, $number, "$folder/writer$number", $pause, $stop); };
		POSIX::_exit($@ ? 1 : 0);
	}
	push @writing, $pid;
}

sub ask { my ($sql) = @_; my $answer = eval { $node->safe_psql('postgres', $sql) }; return $answer; }

# What a writer prepared before it lost the server keeps its rows locked: ended for it. Its ledger row says how.
sub finish_prepared
{
	my $left = ask("SELECT gid FROM pg_prepared_xacts WHERE prepared < clock_timestamp() - interval '2 s'") // '';
	ask((rand() < 0.5 ? 'COMMIT' : 'ROLLBACK') . " PREPARED '$_'") for split /\n/, $left;
	return;
}

my (%done, %file_of, $seen_at);
%done = (kills => 0, stops => 0, rotations => 0, promotions => 0, outages => 0);
$seen_at = 0;
# A rotation gives a child another file.
sub count_rotations
{
	my $files = ask("SELECT relname, pg_relation_filenode(oid) FROM pg_class WHERE relname ~ '^event_[0-7]\$'") // return;
	for my $line (split /\n/, $files)
	{
		my ($child, $file) = split /\|/, $line;
		$done{rotations}++ if defined $file_of{$child} && $file_of{$child} != $file;
		$file_of{$child} = $file;
	}
	return;
}

# Once in a while: housekeeping, and writers that are too far ahead wait.
sub watch
{
	my $ahead = $history->committed - $history->delivered;
	if ($ahead > $most_waiting) { open(my $file, '>', $pause) or die $!; }
	elsif ($ahead < $most_waiting / 2) { unlink $pause; }
	return if time < $seen_at + 1;
	$seen_at = time;
	finish_prepared();
	count_rotations();
	return;
}

# -- The faults. What may be repeated because of each: what was delivered since the checkpoint that survives it, and what is in flight.
my $allowed = 0;
# A second: 0.1 s to a checkpoint, 0.15 s until it is on disk, and room for a machine that is busy; a checkpoint comes at 1,000 at the latest.
sub allow { $allowed += min($history->deliveries_since(time - 1), $workers * 1000) + 2 * $workers * $in_flight; return; }

sub kill_one
{
	my ($which) = @_;
	wait_for('a process to kill', sub {
		watch();    # paused writers have no session after a crash
		my $pid = ask("SELECT pid FROM pg_stat_activity WHERE $which AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1");
		return $pid && kill 'KILL', $pid;
	}) and $done{kills}++;
	allow();
	return;
}
sub kill_worker { return kill_one("backend_type = 'gqlsvl delivery'"); }
sub kill_writer { return kill_one("backend_type = 'client backend' AND application_name = 'writer'"); }
sub stop_server { $node->stop('immediate'); allow(); $node->start; $done{stops}++; return; }
sub outage
{
	stop_sink();
	$allowed += 2 * $workers * $in_flight;
	my $before = $history->committed;
	wait_for('commits while the receiver is away', sub { watch(); return $history->committed > $before + 500 || -e $pause });
	start_sink();
	$done{outages}++;
	return;
}
sub follow
{
	$primary->backup('base');
	$standby->init_from_backup($primary, 'base', has_streaming => 1);
	$standby->append_conf('postgresql.conf', 'gqlsvl.port = ' . PostgreSQL::Test::Cluster::get_free_port());
	$standby->start;
	$primary->append_conf('postgresql.conf', "synchronous_standby_names = 'standby'");    # commits wait for it from here on
	$primary->reload;
	wait_for('the standby is synchronous', sub { ask("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") });
	return;
}
sub promote
{
	# What a crash of the primary let become visible without the standby's answer has come over with a later commit.
	wait_for('a synchronous commit', sub { defined ask('INSERT INTO ledger VALUES (0) ON CONFLICT DO NOTHING') });
	$primary->stop('immediate');
	allow();
	$standby->append_conf('postgresql.conf', "synchronous_standby_names = ''");
	$standby->reload;
	$standby->promote;
	$node = $standby;
	%file_of = ();
	$done{promotions}++;
	return;
}

# One round of faults; the standby comes while the first one goes on and is promoted at about two thirds.
my @round = (\&kill_worker, \&kill_writer, \&kill_worker, \&outage, \&kill_writer, \&stop_server, \&kill_worker, \&kill_writer);
my @plan = (@round, \&follow, @round, \&kill_worker, \&promote, @round, \&kill_writer);
my ($number, $next_at) = (0, 0);
my $step = $events / (@plan + 1);
while (1)
{
	my ($committed, $delivered) = ($history->committed, $history->delivered);
	last if $number >= @plan && $committed >= $events && time - $began >= $seconds;
	if ($delivered >= $next_at && ($number < @plan || time - $began < $seconds))
	{
		my $fault = $number < @plan ? $plan[$number] : $round[ $number % @round ];
		$number++;
		$fault->();
		$next_at = $history->delivered + $step / 2;
		$next_at = $step * ($number + 1) if $next_at < $step * ($number + 1);
	}
	watch();
	sleep 0.02;
	$sink{progress} = [ time, $delivered ] if !$sink{progress} || $sink{progress}[1] < $delivered;
	last if time > $sink{progress}[0] + $GqlsvlTest::DEADLINE;    # nothing is delivered any more: what is missing is counted
}

open(my $file, '>', $stop) or die $!;
close $file;
for my $pid (@writing)
{
	wait_for('a writer ends', sub { finish_prepared(); waitpid($pid, POSIX::WNOHANG()) == $pid });
	is($?, 0, 'a writer ended well');
}
wait_for('nothing is prepared', sub { finish_prepared(); ask('SELECT count(*) FROM pg_prepared_xacts') eq '0' });
my $known = $history->conclude({ map { $_ => 1 } split /\n/, $node->safe_psql('postgres', 'SELECT id FROM ledger') });
wait_for('all is delivered', sub { !$history->missing });
count_rotations();

my $result = $history->judge;
note(sprintf '%d transactions, %d of unknown outcome, %d events undone; %s; at most %d duplicates allowed; %.0f s', $known->{transactions}, $known->{unknown},
	2 * $known->{undone}, join(', ', map { "$done{$_} $_" } sort keys %done), $allowed, time - $began);
note($_) for splice @{ $result->{examples} }, 0, 20;
cmp_ok($result->{committed}, '>=', $events, 'enough events were committed');
cmp_ok($known->{undone}, '>', 0, 'and some were undone');
cmp_ok($done{$_}, '>=', $least{$_}, "enough $_") for sort keys %least;
is($result->{lost}, 0, 'no committed event is lost');
is($result->{phantom}, 0, 'no event of a rolled-back change is sent');
is($result->{misordered}, 0, 'first successful deliveries of a row are in its order');
cmp_ok($result->{duplicates}, '<=', $allowed, 'duplicates are at most what was delivered just before the crashes and in flight');

$node->stop('immediate');
stop_sink();
done_testing();
print { Test::More->builder->output } sprintf "committed %d delivered %d lost %d phantom %d duplicates %d misordered %d\n",
  @$result{qw(committed delivered lost phantom duplicates misordered)};
