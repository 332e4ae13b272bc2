# A receiver that changes the row it is told of makes its own next event, without end: the row is parked, every other row goes on.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use IO::Socket::INET;
use POSIX ();
use PostgreSQL::Test::Utils;
use Test::More;

my $node = new_node('loop', 'gqlsvl.loop_limit = 10');
sub sql { return $node->safe_psql('postgres', $_[0]); }
sql('CREATE TABLE item (id int PRIMARY KEY, n int NOT NULL DEFAULT 0); INSERT INTO item VALUES (1), (2), (3)');

# The receiver: writes row 1 back, before it answers; of other rows it only takes note.
my $listener = IO::Socket::INET->new(Listen => 50, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die $!;
my $receiver = fork() // die "fork: $!";
if ($receiver == 0)
{
	while (my $client = $listener->accept)
	{
		my ($length, $body) = (0, '');
		while (defined(my $line = <$client>)) { $length = $1 if $line =~ /^content-length: (\d+)/i; last if $line =~ /^\r?\n$/; }
		read($client, $body, $length);
		$node->psql('postgres', 'UPDATE item SET n = n + 1 WHERE id = 1') if $body =~ /"new":\{"id":1,/;
		print $client "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
		close $client;
	}
	POSIX::_exit(0);
}
END { local $?; kill 'KILL', $receiver if $receiver; }

sql("SELECT gqlsvl.create_trigger('changed', 'item', 'http://127.0.0.1:" . $listener->sockport . "/', operations => '{UPDATE}')");
sub delivered { my ($id) = @_; return sql("SELECT count(*) FROM gqlsvl.event_log WHERE status = 'delivered' AND payload->'data'->'new'->>'id' = '$id'"); }

sql('UPDATE item SET n = 1 WHERE id = 1');
# Meanwhile row 2 is written fifty times a second, whatever is delivered.
my $writer = $node->background_psql('postgres');
$writer->query_until(qr/busy/, "\\echo busy\nDO \$\$ BEGIN FOR i IN 1..400 LOOP UPDATE item SET n = n + 1 WHERE id = 2; COMMIT; PERFORM pg_sleep(0.02); END LOOP; END \$\$;\n");

ok($node->wait_for_log(qr/WARNING:  event \S+ of trigger "changed" and its row are parked: its events make themselves/), 'the log says that the row is parked');
wait_for('check() says so', sub { sql("SELECT message FROM gqlsvl.check() WHERE name = 'loop'") eq '1 rows of trigger "changed" are parked: their events make themselves' });
is(sql("SELECT looping FROM gqlsvl.stat_trigger WHERE trigger = 'changed'"), 1, 'so does stat_trigger');
my $parked = "SELECT payload->'data'->'new'->>'id' || ' ' || next_attempt_at || ' ' || last_error FROM gqlsvl.event_log WHERE status = 'blocked' AND last_error IS NOT NULL";
is(sql($parked), '1 infinity parked: each event of this row follows the delivery of the one before; resume_trigger sends it', 'and event_log, of the event that waits');
my $sent = delivered(1);
cmp_ok($sent, '>=', 11, 'a row may follow its own events as often as gqlsvl.loop_limit says');
cmp_ok($sent, '<', 30, 'and not much more');

$writer->quit;
wait_for('all events of the busy row are delivered', sub { delivered(2) == 400 });
is(sql("SELECT count(*) FROM gqlsvl.retry WHERE looping"), 1, 'a row that is only busy is not parked');
sql('UPDATE item SET n = 1 WHERE id = 3');
wait_for('another row goes on', sub { delivered(3) == 1 });
is(delivered(1), $sent, 'the parked row does not');
is(scalar(() = slurp_file($node->logfile) =~ /are parked: its events make themselves/g), 1, 'the log says it once');

# A worker that starts anew, and a change that has nothing to do with it, leave the row parked; a later event of it waits behind.
my $pid = delivery_worker($node);
sql("SELECT pg_terminate_backend($pid)");
wait_for('another worker', sub { my $now = delivery_worker($node); $now && $now != $pid });
sql('UPDATE item SET n = -1 WHERE id = 1');
sql("SELECT gqlsvl.pause_trigger('changed')");
wait_for('the later event waits behind', sub { sql("SELECT count(*) FROM gqlsvl.retry WHERE blocked") == 1 });
is(delivered(1), $sent, 'the row stays parked through a restart of the worker');

# Released, with a receiver that writes no more.
kill 'KILL', $receiver;
waitpid $receiver, 0;
my $sink = GqlsvlTest::Sink->new->start;
sql("SELECT gqlsvl.alter_trigger('changed', webhook => '" . $sink->url('/mended') . "')");
sql("SELECT gqlsvl.resume_trigger('changed')");
wait_for('resume_trigger sends what was parked', sub { $sink->delivered('/mended') == 2 });
is(sql('SELECT count(*) FROM gqlsvl.retry'), 0, 'nothing is left waiting') if wait_for('the retries are over', sub { sql('SELECT count(*) FROM gqlsvl.retry') == 0 });
is(sql("SELECT count(*) FROM gqlsvl.check() WHERE name = 'loop'"), 0, 'check() is content');

$node->stop;
done_testing();
