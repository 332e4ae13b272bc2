# Events reach the receiver: in order per row, again after a failure, and none is lost when a process or the server dies.
use strict;
use warnings;
use FindBin;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $deadline_seconds = 60;
my $dir = PostgreSQL::Test::Utils::tempdir;
my ($log, $port_file) = ("$dir/sink.log", "$dir/sink.port");
my $sink;

sub start_sink {
	my ($port) = @_;
	unlink $port_file;
	$sink = fork // die "fork: $!";
	exec('python3', "$FindBin::RealBin/../lib/sink.py", '--log', $log, '--port', $port, '--port-file', $port_file) unless $sink;
	wait_until(sub { -s $port_file }, 'the sink listens');
	chomp(my $used = slurp_file($port_file));
	return $used;
}

sub stop_sink { kill 'KILL', $sink; waitpid $sink, 0; return; }

sub wait_until {
	my ($true, $what) = @_;
	my $end = time + $deadline_seconds;
	while (time < $end) { return 1 if $true->(); select undef, undef, undef, 0.05; }
	diag("waited in vain: $what");
	return 0;
}

# What the sink got on a path: a list of {status, body}.
sub received {
	my ($path) = @_;
	return () unless -e $log;
	return grep { $_->{path} eq $path } map { decode_json($_) } split /\n/, slurp_file($log);
}

my $port = start_sink(0);
my $node = PostgreSQL::Test::Cluster->new('events');
$node->init;
$node->append_conf('postgresql.conf', <<"CONF");
shared_preload_libraries = 'gqlsvl'
gqlsvl.outbound_allow = '127.0.0.0/8'
max_worker_processes = 16
max_prepared_transactions = 2
autovacuum = off
restart_after_crash = on
CONF
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION gqlsvl; CREATE TABLE item (id int PRIMARY KEY, n int);');

sub trigger {
	my ($name, $path, $options) = @_;
	$node->safe_psql('postgres', "SELECT gqlsvl.create_trigger('$name', 'item', 'http://127.0.0.1:$port$path', replace => true, $options)");
	return;
}
sub query { return $node->safe_psql('postgres', $_[0]); }

sub worker_pid { return query("SELECT pid FROM pg_stat_activity WHERE application_name = 'gqlsvl delivery' LIMIT 1"); }

# Order of one row, while every event fails twice.
trigger('order', '/order?status=503&first=2', "retry_interval => '0.05 s', operations => '{UPDATE}'");
query('INSERT INTO item VALUES (1, 0), (2, 0)');
query("UPDATE item SET n = $_") for 1 .. 8;
ok(wait_until(sub { 16 == grep { $_->{status} == 200 } received('/order') }, 'all updates delivered'), 'each change is delivered after its failures');
for my $id (1, 2) {
	my @seen = map { $_->{body}{event}{data}{new}{n} } grep { $_->{status} == 200 && $_->{body}{event}{data}{new}{id} == $id } received('/order');
	is_deeply(\@seen, [ 1 .. 8 ], "row $id: deliveries are in the order of its changes");
}
my ($first) = grep { $_->{body}{delivery_info}{current_retry} == 2 } received('/order');
is($first->{body}{delivery_info}{max_retries}, 20, 'delivery_info counts attempts');
query("SELECT gqlsvl.drop_trigger('order')");

# An event that is given up does not hold back its row.
trigger('dead', '/dead?status=500&first=2', "num_retries => 1, retry_interval => '0.05 s', operations => '{UPDATE}'");
query('UPDATE item SET n = 100 WHERE id = 1');
ok(wait_until(sub { query("SELECT count(*) FROM gqlsvl.dead WHERE trigger_name = 'dead'") eq '1' }, 'the event is dead'), 'an event without attempts left is dead');
is(query("SELECT attempts || ' ' || last_status || ' ' || last_error FROM gqlsvl.dead WHERE trigger_name = 'dead'"), '2 500 HTTP 500', 'gqlsvl.dead says why');
trigger('dead', '/alive', "num_retries => 1, operations => '{UPDATE}'");
query('UPDATE item SET n = 101 WHERE id = 1');
ok(wait_until(sub { received('/alive') }, 'the next event'), 'the row goes on after a dead event');
query("SELECT gqlsvl.drop_trigger('dead')");

# The receiver is away, and comes back.
trigger('away', '/away', "retry_interval => '0.1 s', backoff => 1");
stop_sink();
query('INSERT INTO item SELECT g, 0 FROM generate_series(1001, 1050) g');
query('UPDATE item SET n = 1 WHERE id > 1000');
ok(wait_until(sub { query('SELECT count(*) > 10 FROM gqlsvl.retry') eq 't' }, 'failures recorded'), 'events wait in gqlsvl.retry while the receiver is away');
is(start_sink($port), $port, 'the receiver is back on its port');
ok(wait_until(sub { received('/away') >= 100 }, 'all delivered'), 'all events arrive when the receiver is back');
ok(wait_until(sub { query('SELECT count(*) FROM gqlsvl.retry') eq '0' }, 'retry empty'), 'gqlsvl.retry is empty again');
query("SELECT gqlsvl.drop_trigger('away')");

# The worker is killed, which resets the whole server; then the server is stopped at once.
sub deliver_through {
	my ($path, $from, $fault, $what) = @_;
	trigger('fault', $path, "operations => '{INSERT}'");
	my $rows = 300;
	query("BEGIN; INSERT INTO item VALUES (@{[$from - 1]}, 0); ROLLBACK");
	query("INSERT INTO item SELECT g, 0 FROM generate_series($from, @{[$from + $rows - 1]}) g");
	ok(wait_until(sub { scalar received($path) }, 'first delivery'), "$what: delivery has begun");
	$fault->();
	my %seen;
	ok( wait_until(
			sub { %seen = (); $seen{ $_->{body}{event}{data}{new}{id} }++ for received($path); return keys %seen >= $rows; }, 'all delivered'),
		"$what: no event is lost");
	ok(!$seen{ $from - 1 }, "$what: nothing of a rolled back transaction");
	ok(wait_until(sub { $node->psql('postgres', 'SELECT 1') == 0 }, 'server'), "$what: the server serves");
	query("SELECT gqlsvl.drop_trigger('fault')");
	return;
}
deliver_through('/killed', 10001, sub { kill 'KILL', worker_pid() }, 'kill -9 of the worker');
deliver_through('/stopped', 20001, sub { $node->stop('immediate'); $node->start }, 'immediate stop');

# No statement runs while nothing happens.
ok(wait_until(sub { my $a = query('SELECT max(n) FROM gqlsvl.checkpoint'); select undef, undef, undef, 0.5; $a eq query('SELECT max(n) FROM gqlsvl.checkpoint') },
		'checkpoints stop'), 'an idle worker writes no checkpoint');

# COMMIT PREPARED takes no transaction number and runs no commit callback of the writer, so nothing but its own wake-up shows it.
trigger('prepared', '/prepared', "operations => '{INSERT}'");
query("BEGIN; INSERT INTO item VALUES (25001, 0); PREPARE TRANSACTION 'later'");
query('INSERT INTO item VALUES (25002, 0)');
ok(wait_until(sub { received('/prepared') }, 'the one after it'), 'a prepared transaction holds nobody up');
my $idle = sub { query('SELECT max(n) FROM gqlsvl.checkpoint') };
ok(wait_until(sub { my $a = $idle->(); select undef, undef, undef, 1.5; $a eq $idle->() }, 'idle'), 'the worker is idle');
query("COMMIT PREPARED 'later'");
ok(wait_until(sub { grep { $_->{body}{event}{data}{new}{id} == 25001 } received('/prepared') }, 'the prepared one'), 'COMMIT PREPARED wakes the worker');
query("SELECT gqlsvl.drop_trigger('prepared')");

# Delivery is held where the data is a copy.
query('UPDATE gqlsvl.control SET database_oid = 1');
trigger('held', '/held', "operations => '{INSERT}'");
ok($node->wait_for_log(qr/delivery of events is held/), 'a copy holds delivery and says so');
like(query("SELECT message FROM gqlsvl.check() WHERE name = 'delivery'"), qr/held: this database is a copy/, 'so does check()');
query('INSERT INTO item VALUES (30001, 0)');
query('SELECT gqlsvl.adopt(deliver => true)');
ok(wait_until(sub { received('/held') }, 'delivery after adopt'), 'gqlsvl.adopt(true) goes on with what was captured meanwhile');

is(query("SELECT count(*) FROM gqlsvl.check() WHERE name = 'delivery'"), '0', 'and check() has nothing more to say about it');

# gqlsvl.delivery = off is obeyed at a reload, and so is its end.
$node->append_conf('postgresql.conf', "gqlsvl.delivery = off");
$node->reload;
ok(wait_until(sub { query("SELECT message FROM gqlsvl.check() WHERE name = 'delivery'") =~ /gqlsvl.delivery is off/ }, 'off'), 'check() tells that delivery is off');
ok($node->wait_for_log(qr/Because gqlsvl.delivery is off/), 'and the log');
my $before = scalar received('/held');
query('INSERT INTO item VALUES (30002, 0)');
$node->append_conf('postgresql.conf', "gqlsvl.delivery = auto");
$node->reload;
ok(wait_until(sub { received('/held') == $before + 1 }, 'delivery again'), 'what was captured meanwhile is delivered when it is on again');

# A trigger that captures nothing any more is reported.
query('ALTER TABLE item DISABLE TRIGGER ALL');
is(query("SELECT message FROM gqlsvl.check() WHERE name = 'trigger'"), 'event trigger "held" captures no INSERT on public.item: its trigger is disabled', 'a disabled trigger');
query('DROP TABLE item');
is(query("SELECT message FROM gqlsvl.check() WHERE name = 'trigger'"), 'event trigger "held" captures no INSERT on public.item: the table is gone', 'a table that is gone');

$node->stop;
stop_sink();
done_testing();
