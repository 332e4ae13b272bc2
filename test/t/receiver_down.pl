# A receiver that is down, slow or hanging delays its own events only; when it is well again all of them arrive, in order for each row.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

my $node = new_node('receiver');
my $sink = GqlsvlTest::Sink->new->start;
my $retries = "num_retries => 1000, retry_interval => '200 ms', backoff => 1, max_interval => '200 ms'";

sub sql { return $node->safe_psql('postgres', $_[0]); }
sub versions { my ($path, $id) = @_; return join ',', map { $_->{body}{event}{data}{new}{version} } grep { $_->{body}{event}{data}{new}{id} == $id } $sink->delivered($path); }

sql('CREATE TABLE item (id int PRIMARY KEY, version int NOT NULL DEFAULT 0)');

# Down, then up again.
sql("SELECT gqlsvl.create_trigger('down', 'item', '@{[$sink->url('/down')]}', $retries)");
$sink->stop;
sql('INSERT INTO item SELECT generate_series(1, 10)');
sql("UPDATE item SET version = $_") for 1 .. 3;
wait_for('a refused attempt is recorded', sub { count($node, "gqlsvl.event_log WHERE status = 'retrying' AND last_error LIKE '%connection refused%'") == 10 });
is(count($node, "gqlsvl.event_log WHERE status = 'delivered'"), 0, 'nothing counts as delivered while the receiver is down');
wait_for('later changes of a row wait behind the first', sub { count($node, "gqlsvl.event_log WHERE status IN ('blocked', 'pending')") == 30 });
$sink->start;
wait_for('all are delivered once the receiver is up', sub { scalar($sink->delivered('/down')) >= 40 });
is(versions('/down', $_), '0,1,2,3', "row $_: each change, in order") for 1 .. 10;
wait_for('the log says so too', sub { count($node, "gqlsvl.event_log WHERE status = 'delivered'") == 40 });
sql("SELECT gqlsvl.drop_trigger('down')");

# A receiver that never answers does not hold another trigger.
sql("SELECT gqlsvl.create_trigger('hanging', 'item', '@{[$sink->url('/hanging?hang=1')]}', max_in_flight => 2, $retries)");
sql("SELECT gqlsvl.create_trigger('quick', 'item', '@{[$sink->url('/quick')]}', $retries)");
sql('UPDATE item SET version = 10');
sql('UPDATE item SET version = 11');
wait_for('the quick receiver gets all of its events', sub { scalar($sink->delivered('/quick')) >= 20 });
my @waiting = $sink->requests('/hanging');
cmp_ok(scalar(@waiting), '<=', 2, 'the hanging one has no more requests open than max_in_flight');
sql("SELECT gqlsvl.drop_trigger('hanging'); SELECT gqlsvl.drop_trigger('quick')");

# A time-out is a failed attempt with its reason; the next attempt succeeds.
sql("SELECT gqlsvl.create_trigger('late', 'item', '@{[$sink->url('/late?hang=1&first=1')]}', timeout => '500 ms', $retries)");
sql('UPDATE item SET version = 20 WHERE id = 1');
wait_for('the second attempt succeeds', sub { scalar($sink->delivered('/late')) == 1 });
my @attempts = $sink->requests('/late');
is(scalar(@attempts), 2, 'two attempts');
is($attempts[0]{body}{id}, $attempts[1]{body}{id}, 'both carry the same event id');
is(join(',', map { $_->{body}{delivery_info}{current_retry} } @attempts), '0,1', 'and count the retries');
wait_for('the first attempt is logged with its reason', sub { count($node, "gqlsvl.invocation_log WHERE trigger = 'late' AND status IS NULL AND response LIKE '%time-out after 500 ms%'") == 1 });

# Retry-After outranks the trigger's own interval.
sql("SELECT gqlsvl.create_trigger('busy', 'item', '@{[$sink->url('/busy?status=503&first=1&retry-after=1')]}', num_retries => 3, retry_interval => '5 h', max_interval => '5 h')");
sql('UPDATE item SET version = 30 WHERE id = 2');
wait_for('the event is sent again after the second that the receiver asked for', sub { scalar($sink->delivered('/busy')) == 1 });

# Out of attempts: dead, with the reason.
sql("SELECT gqlsvl.create_trigger('failing', 'item', '@{[$sink->url('/failing?status=500')]}', num_retries => 1, retry_interval => '100 ms')");
sql('UPDATE item SET version = 40 WHERE id = 3');
wait_for('the event is dead', sub { count($node, "gqlsvl.event_log WHERE trigger = 'failing' AND status = 'dead' AND last_status = 500 AND attempts = 2") == 1 });
is(scalar($sink->requests('/failing')), 2, 'after one retry');

# A status to give up on: dead at once, though attempts are left and the receiver asks for another.
sql("SELECT gqlsvl.create_trigger('final', 'item', '@{[$sink->url('/final?status=404&retry-after=1')]}', give_up_on => '{400,404}', $retries)");
sql('UPDATE item SET version = 50 WHERE id = 3');
wait_for('the event is dead', sub { count($node, "gqlsvl.event_log WHERE trigger = 'final' AND status = 'dead' AND last_status = 404 AND attempts = 1") == 1 });
is(scalar($sink->requests('/final')), 1, 'after one attempt');
sql("SELECT gqlsvl.alter_trigger('final', give_up_on => '{400}')");
sql('UPDATE item SET version = 51 WHERE id = 3');
wait_for('another status is tried again', sub { scalar($sink->requests('/final')) >= 3 });
like(sql("SELECT gqlsvl.export_triggers()"), qr/'final'.*give_up_on => '\{400\}'/, 'the export has it');
sql("SELECT gqlsvl.drop_trigger('final')");

# A denied address is refused without a connection.
sql("ALTER SYSTEM SET gqlsvl.outbound_allow = ''");
$node->reload;
sql("SELECT gqlsvl.create_trigger('denied', 'item', '@{[$sink->url('/denied')]}', num_retries => 0)");
wait_for('the address is denied, and the log says so',
	sub { sql('UPDATE item SET version = version + 1 WHERE id = 4'); count($node, "gqlsvl.event_log WHERE trigger = 'denied' AND status = 'dead' AND last_error LIKE '%127.0.0.1 is denied by gqlsvl.outbound_deny%'") > 0 });

$node->stop;
$sink->stop;
done_testing();
