# A receiver that misbehaves, or that we must not trust, costs its own events only: bounded memory and time, the reason recorded.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use IO::Socket::INET;
use POSIX ();
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('receivers', "gqlsvl.outbound_ca_file = ''");
my $sink = GqlsvlTest::Sink->new->start;
sub sql { return $node->safe_psql('postgres', $_[0]); }
sql('CREATE TABLE item (id int PRIMARY KEY, version int NOT NULL DEFAULT 0)');

# name => [webhook, status, what the log says of the attempt]
sub attempts_end_as {
	my ($receivers, %options) = @_;
	my $more = $options{options} ? ", $options{options}" : '';
	sql("SELECT gqlsvl.create_trigger('$_', 'item', '$receivers->{$_}[0]', num_retries => 0$more)") for sort keys %$receivers;
	sql('INSERT INTO item VALUES (1) ON CONFLICT (id) DO UPDATE SET version = item.version + 1');
	for my $name (sort keys %$receivers) {
		my (undef, $status, $response, $ends) = @{ $receivers->{$name} };
		$ends //= 'dead';
		my $log = "SELECT coalesce(status::text, 'none') || ' ' || response FROM gqlsvl.invocation_log WHERE trigger = '$name'";
		wait_for("$name is recorded", sub { sql("SELECT status FROM gqlsvl.event_log WHERE trigger = '$name'") eq $ends });
		like(sql($log), qr/^$status $response/, "$name: an attempt with its status and what there is to know");
		sql("SELECT gqlsvl.drop_trigger('$name')");
	}
}
sub peak_kb {
	my ($kb) = slurp_file('/proc/' . delivery_worker($node) . '/status') =~ /VmHWM:\s+(\d+) kB/;
	return $kb;
}

# Bad manners.
sql("SELECT gqlsvl.create_trigger('well', 'item', '@{[$sink->url('/well')]}')");
my $before = peak_kb();
attempts_end_as({
	gigabyte => [ $sink->url('/x?length=1073741824'), 200, '\{"status":200\}x{242}\z', 'delivered' ],
	gigabyte_of_failure => [ $sink->url('/x?length=1073741824&status=500'), 500, 'HTTP 500\n\{"status":500\}x{4000,4096}\z' ],
	headers => [ $sink->url('/x?headers=1000000'), 'none', 'the answer\'s headers are larger than 65536 bytes' ],
	silent => [ $sink->url('/x?hang=1'), 'none', 'time-out after 1500 ms$' ],
	byte_a_minute => [ $sink->url('/x?drip=60'), 'none', 'time-out after 1500 ms: the answer \(HTTP 200\) was not complete' ],
	reset => [ $sink->url('/x?reset=1'), 'none', 'the connection broke: .*reset|the connection was closed before an answer came' ],
	closes => [ $sink->url('/x?close=1'), 'none', 'the connection was closed before an answer came' ],
	half => [ $sink->url('/x?half=1'), 'none', 'the connection was closed before the answer was complete' ],
	no_tls => [ $sink->url('/x') =~ s/^http/https/r, 'none', 'TLS: |time-out' ],
	redirect => [ $sink->url('/x?status=302'), 302, 'HTTP 302' ],
	garbled => [ $sink->url('/x?garbled=1'), 200, "\x{ef}\x{bf}\x{bd}\x{ef}\x{bf}\x{bd} ab \x{ef}\x{bf}\x{bd}\\z", 'delivered' ],
	garbled_failure => [ $sink->url('/x?garbled=1&status=400'), 400, "HTTP 400\n\x{ef}\x{bf}\x{bd}" ],
}, options => "timeout => '1500 ms'");
cmp_ok(peak_kb() - $before, '<', 64 * 1024, 'the worker needs less than 64 MB for all of them');
wait_for('the event of the well-behaved receiver is delivered beside them', sub { $sink->delivered('/well') == 1 });
sql("SELECT gqlsvl.drop_trigger('well')");

# No HTTP, or too much of it: a peer that sends these bytes for that path, the last ones without end where the path says so.
my %bytes = (
	'/short' => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc",
	'/long' => "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc" . 'x' x 1_000_000,
	'/no_http' => "220 mail.example ESMTP\r\n",
	'/gzip' => "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nbomb",
	'/endless_headers' => "HTTP/1.1 200 OK\r\n",
	'/endless_continue' => "HTTP/1.1 100 Continue\r\n\r\n");
my %endless = ('/endless_headers' => "x: y\r\n" x 1000, '/endless_continue' => "HTTP/1.1 100 Continue\r\n\r\n" x 1000);
my $listener = IO::Socket::INET->new(Listen => 50, LocalAddr => '127.0.0.1') or die $!;
my $rude = fork() // die "fork: $!";
if ($rude == 0)
{
	$SIG{PIPE} = 'IGNORE';
	while (my $peer = $listener->accept)
	{
		sysread($peer, my $request, 65536);
		my ($path) = $request =~ m{^POST (\S+) };    # none: a TLS handshake, which is cut
		if (defined $path)
		{
			syswrite($peer, $bytes{$path});
			1 while $endless{$path} && syswrite($peer, $endless{$path});
		}
		close $peer;
	}
	POSIX::_exit(0);
}
END { local $?; kill 'KILL', $rude if $rude; }
my $peer = 'http://127.0.0.1:' . $listener->sockport;
$before = peak_kb();
attempts_end_as({
	length_too_large => [ "$peer/short", 'none', 'the connection was closed before the answer was complete' ],
	length_too_small => [ "$peer/long", 200, 'abc\z', 'delivered' ],
	no_http => [ "$peer/no_http", 'none', '.*HTTP/0.9' ],
	gzip => [ "$peer/gzip", 200, 'bomb\z', 'delivered' ],    # kept as it is: nothing is unpacked
	endless_headers => [ "$peer/endless_headers", 'none', 'the answer\'s headers are larger than 65536 bytes' ],
	endless_continue => [ "$peer/endless_continue", 'none', 'the answer\'s headers are larger than 65536 bytes' ],
	cut_handshake => [ $peer =~ s/^http/https/r, 'none', 'TLS: |the connection broke' ],
}, options => "timeout => '5 s'");
cmp_ok(peak_kb() - $before, '<', 32 * 1024, 'these need less than 32 MB');
is(scalar(grep { exists $_->{headers}{'accept-encoding'} } $sink->requests), 0, 'no request asks for a packed answer');

# Certificates.
my $folder = PostgreSQL::Test::Utils::tempdir();
system_or_bail('openssl', 'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', "$folder/key", '-out', "$folder/cert",
	'-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost');
my $safe = GqlsvlTest::Sink->new('--cert', "$folder/cert", '--key', "$folder/key")->start;
my $named = $safe->url('/safe') =~ s/^http/https/r =~ s/127\.0\.0\.1/localhost/r;
attempts_end_as({ self_signed => [ $named, 'none', 'TLS: .*self.signed certificate' ] });
# Tried until the worker has the setting.
sub becomes {
	my ($what, $webhook, $condition, $setting, $value) = @_;
	$node->adjust_conf('postgresql.conf', $setting, "'$value'");
	$node->reload;
	sql("SELECT gqlsvl.create_trigger('probe', 'item', '$webhook', num_retries => 1000, retry_interval => '100 ms', backoff => 1)");
	sql('UPDATE item SET version = version + 1');
	wait_for($what, sub { count($node, "gqlsvl.event_log WHERE trigger = 'probe' AND $condition") == 1 }) and pass($what);
	sql("SELECT gqlsvl.drop_trigger('probe')");
}
becomes('the authority of the setting counts after a reload', $named, "status = 'delivered'", 'gqlsvl.outbound_ca_file', "$folder/cert");
attempts_end_as({ another_name => [ $safe->url('/safe') =~ s/^http/https/r, 'none', 'TLS: .*subject name' ] });
is(scalar($safe->delivered('/safe')), 1, 'nothing was sent over a connection that is not verified');
becomes('without its file no certificate is trusted', $named, "last_error LIKE 'TLS: error setting certificate%'", 'gqlsvl.outbound_ca_file', "$folder/absent");

# Addresses denied by default, however they are written. Nothing of this leaves the machine: no socket is opened.
becomes('the list of denied addresses counts after a reload', $sink->url('/probe?status=503'), "last_error LIKE '%is denied by gqlsvl.outbound_deny'",
	'gqlsvl.outbound_allow', '');
my %denied;
$denied{"denied_" . keys %denied} = $_ for qw(127.0.0.1 127.9.9.9 localhost 2130706433 0x7f.1 [::1] [::ffff:127.0.0.1] [64:ff9b::7f00:1] 0.0.0.0 [::]
	169.254.169.254 [fe80::1] [::ffff:a9fe:a9fe] 100.100.100.200 192.0.0.192 168.63.129.16 [fd00:ec2::254] [fd20:ce::254]);
my $seen = $sink->requests;
attempts_end_as({ map { $_ => [ "http://$denied{$_}:$sink->{port}/x", 'none', 'address \S+ is denied by gqlsvl.outbound_deny' ] } keys %denied });
is(scalar($sink->requests), $seen, 'none of them was connected to');
my $deny = sql('SHOW gqlsvl.outbound_deny');
is(sql("SELECT count(*) FROM unnest(string_to_array('$deny', ',')) b WHERE btrim(b)::inet >>= ANY ('{10.0.0.1,172.16.0.1,192.168.0.1,fd00::1,8.8.8.8}'::inet[])"),
	'0', 'private networks, where most receivers live, are not among them');

$node->stop;
$_->stop for $sink, $safe;
done_testing();
