package GqlsvlTest;

# What the whole-cluster tests share: a cluster with gqlsvl, the HTTP sink as a process, waiting for a condition.
#
#   my $sink = GqlsvlTest::Sink->new('--cert', $file, '--key', $file);  $sink->start;  $sink->url('/hook?status=503');  $sink->requests;  $sink->stop;
#   my $node = new_node('main', 'gqlsvl.delivery_workers = 2');   wait_for('the row is there', sub { ... });
use strict;
use warnings;
use Exporter 'import';
use File::Basename qw(dirname);
use Time::HiRes qw(time sleep);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(new_node wait_for count delivery_worker);
our $DEADLINE = $ENV{GQLSVL_TEST_DEADLINE} // 120;    # seconds; tests fail by it, never pass by it

# restart_after_crash: a worker killed with -9 must be survived, which is why it is on here and off in Cluster's own defaults.
sub new_node
{
	my ($name, @settings) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $port = PostgreSQL::Test::Cluster::get_free_port();
	$node->init;
	$node->append_conf('postgresql.conf', join("\n", "shared_preload_libraries = 'gqlsvl'", "restart_after_crash = on",
			"gqlsvl.outbound_allow = '127.0.0.0/8'", "gqlsvl.port = $port", "max_worker_processes = 16", @settings, ''));
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION gqlsvl');
	return $node;
}

# True as soon as the condition holds; a failed test with $what when the deadline passes first.
sub wait_for
{
	my ($what, $condition) = @_;
	my $end = time + $DEADLINE;
	while (time < $end)
	{
		return 1 if eval { $condition->() };
		sleep 0.05;
	}
	fail("within $DEADLINE s: $what");
	return 0;
}

sub count { my ($node, $sql) = @_; return $node->safe_psql('postgres', "SELECT count(*) FROM $sql") + 0; }

sub delivery_worker
{
	my ($node) = @_;
	return $node->safe_psql('postgres', "SELECT pid FROM pg_stat_activity WHERE backend_type = 'gqlsvl delivery' LIMIT 1");
}

package GqlsvlTest::Sink;
use strict;
use warnings;
use JSON::PP ();
use POSIX ();
use File::Basename qw(dirname);
use Time::HiRes qw(sleep time);

sub new
{
	my ($class, @options) = @_;
	my $folder = PostgreSQL::Test::Utils::tempdir();
	return bless { log => "$folder/requests", port_file => "$folder/port", port => 0, options => \@options, pid => undef, offset => 0, read => [] }, $class;
}

# The second start takes the first one's port again.
sub start
{
	my ($self) = @_;
	unlink $self->{port_file};
	my $pid = fork() // die "fork: $!";
	if ($pid == 0)
	{
		exec('python3', dirname(__FILE__) . '/sink.py', '--log', $self->{log}, '--port', $self->{port}, '--port-file', $self->{port_file}, @{ $self->{options} })
		  or POSIX::_exit(127);
	}
	$self->{pid} = $pid;
	GqlsvlTest::wait_for('the sink listens', sub { -s $self->{port_file} }) or die 'no sink';
	open(my $file, '<', $self->{port_file}) or die $!;
	$self->{port} = <$file>;
	return $self;
}

sub stop
{
	my ($self) = @_;
	return unless $self->{pid};
	kill 'KILL', $self->{pid};
	waitpid $self->{pid}, 0;
	$self->{pid} = undef;
}

sub url { my ($self, $path) = @_; return "http://127.0.0.1:$self->{port}$path"; }

# All requests so far, in the order of arrival.
sub requests
{
	my ($self, $path) = @_;
	if (open(my $file, '<', $self->{log}))
	{
		seek $file, $self->{offset}, 0;
		while (my $line = <$file>)
		{
			last unless $line =~ /\n\z/;    # half written: next time
			push @{ $self->{read} }, JSON::PP::decode_json($line);
			$self->{offset} = tell $file;
		}
	}
	return grep { !defined $path || $_->{path} eq $path } @{ $self->{read} };
}

sub delivered { my ($self, $path) = @_; return grep { $_->{status} == 200 } $self->requests($path); }

sub DESTROY { my ($self) = @_; local ($?, $!); $self->stop if $self->{pid}; }

1;
