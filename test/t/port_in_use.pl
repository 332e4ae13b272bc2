# A port that another program has: one clear line per attempt, growing pauses, no spin; bound without a restart once it is free.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/../lib";
use GqlsvlTest;
use IO::Socket::INET;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $port = PostgreSQL::Test::Cluster::get_free_port();
my $other = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Proto => 'tcp', Listen => 5, ReuseAddr => 1) or die $!;
my $node = new_node('port', "gqlsvl.port = $port", "gqlsvl.listen_addresses = '127.0.0.1'");
sub log_lines { my ($pattern) = @_; return grep { /$pattern/ } split /\n/, slurp_file($node->logfile); }
sub listener { return $node->safe_psql('postgres', "SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'listener' AND pid IS NOT NULL"); }

# CPU and turns of its loop, as the kernel counts them.
sub used {
	my ($pid) = @_;
	my @stat = split / /, (split /\) /, slurp_file("/proc/$pid/stat"))[1];
	my ($switches) = slurp_file("/proc/$pid/status") =~ /voluntary_ctxt_switches:\s+(\d+)/;
	return ($stat[11] + $stat[12], $switches);
}

my $complaint = qr/WARNING:  gqlsvl could not listen on port $port/;
ok(wait_for('the log says that the port is taken', sub { log_lines($complaint) }), 'a port in use is a warning');
my ($detail) = log_lines(qr/DETAIL:  Address "127\.0\.0\.1", port $port: Address already in use/);
ok($detail, 'that names address, port and reason');
ok((log_lines(qr/HINT:  .*Set gqlsvl\.port .*Trying again in 1 s/))[0], 'and what to do, and when it is tried again');

my $pid = listener();
my ($ticks, $switches) = used($pid);
ok(wait_for('two more attempts', sub { log_lines($complaint) >= 3 }), 'it tries again');
my ($ticks_after, $switches_after) = used($pid);
cmp_ok($ticks_after - $ticks, '<', 50, 'without spinning: little CPU');
cmp_ok($switches_after - $switches, '<', 50, 'and few wake-ups');
my @pauses = map { /Trying again in (\d+) s/ ? $1 : () } log_lines(qr/Trying again/);
is_deeply([ @pauses[ 0 .. 2 ] ], [ 1, 2, 4 ], 'with growing pauses');
is(listener(), $pid, 'in the same process');
is(scalar(log_lines(qr/gqlsvl listener.*ends|terminated by signal/)), 0, 'which never ended');

close $other;
ok(wait_for('it listens', sub { log_lines(qr/gqlsvl listens on 127\.0\.0\.1, port $port/) }), 'when the port is free it listens by itself');
is(listener(), $pid, 'still in the same process');
my $client = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp');
print $client "GET /v1/version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
like(join('', <$client>), qr/HTTP\/1\.1 200 OK.*"server_type":"gqlsvl"/s, 'and answers');

# Another port by a reload: the old one is let go.
my $next = PostgreSQL::Test::Cluster::get_free_port();
$node->append_conf('postgresql.conf', "gqlsvl.port = $next");
$node->reload;
ok(wait_for('the new port', sub { log_lines(qr/gqlsvl listens on 127\.0\.0\.1, port $next/) }), 'a new port takes effect at reload');
ok(IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $port, Proto => 'tcp', Listen => 1, ReuseAddr => 1), 'and frees the old one');

# An address that is none of this machine's.
$node->append_conf('postgresql.conf', "gqlsvl.listen_addresses = '203.0.113.7'");
$node->reload;
ok(wait_for('the log names the address', sub { log_lines(qr/Address "203\.0\.113\.7", port $next: Cannot assign requested address/) }), 'an address of another machine is named');
is(listener(), $pid, 'all in the same process');
$node->stop;
done_testing();
