# While checkpoints fail (a full disk, a lock, a cancel) delivery goes no further than it can remember; then it goes on, and repeats nothing.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

my ($rows, $in_flight) = (3000, 20);
my $node = new_node('checkpoint', 'gqlsvl.executors = 1', 'gqlsvl.delivery_workers = 1');
my $sink = GqlsvlTest::Sink->new->start;
sub sql { return $node->safe_psql('postgres', $_[0]); }
sub ids { my %times; $times{ $_->{body}{event}{data}{new}{id} }++ for $sink->requests('/hook'); return \%times; }
sub log_since { my ($offset) = @_; return PostgreSQL::Test::Utils::slurp_file($node->logfile, $offset); }
sql('CREATE TABLE item (id int PRIMARY KEY)');
sql("SELECT gqlsvl.create_trigger('hook', 'item', '@{[$sink->url('/hook')]}', max_in_flight => $in_flight)");

# What a full disk does to the transaction: an error as it writes.
my $next = 0;
sub fails
{
	my ($what, $break, $mend, $error) = @_;
	my $offset = -s $node->logfile;
	sql($break);
	sql("INSERT INTO item SELECT generate_series($next + 1, $next + $rows)");
	wait_for("$what: the log says so, and more than once", sub { my $found = () = log_since($offset) =~ /$error/g; $found >= 3 });
	cmp_ok(scalar(keys %{ ids() }), '<=', $next + 3 * $in_flight + 1000, "$what: delivery does not go on without a record");
	sql("INSERT INTO item VALUES (-$next - 1)");    # writers go on
	sql($mend);
	$next += $rows;
	wait_for("$what: all is delivered in the end", sub { my $ids = ids(); !grep { !$ids->{$_} } 1 .. $next });
	wait_for("$what: and recorded", sub { count($node, "gqlsvl.event_log WHERE status = 'pending'") == 0 });
	return;
}

fails('a checkpoint that cannot be written', 'ALTER TABLE gqlsvl.checkpoint ADD CONSTRAINT full_disk CHECK (false) NOT VALID',
	'ALTER TABLE gqlsvl.checkpoint DROP CONSTRAINT full_disk', 'violates check constraint "full_disk"');
fails('attempts that cannot be written', 'ALTER TABLE gqlsvl.invocation ADD CONSTRAINT full_disk CHECK (false) NOT VALID',
	'ALTER TABLE gqlsvl.invocation DROP CONSTRAINT full_disk', 'violates check constraint "full_disk"');
my $ids = ids();
is(scalar(grep { $ids->{$_} > 1 } 1 .. $next), 0, 'nothing was sent twice');

$node->stop;
$sink->stop;
done_testing();
