# A transform function shapes the requests of its trigger, with the rights of the trigger's owner and no others, and never harms the worker.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use GqlsvlTest;
use Test::More;

my $sink = GqlsvlTest::Sink->new->start;
my $node = new_node('transform');
sub sql { return $node->safe_psql('postgres', $_[0]); }
sub as_clerk { return sql("SET ROLE clerk; $_[0]"); }
my $base = $sink->url('');
sql(<<SQL);
CREATE ROLE clerk; GRANT gqlsvl_event_admin TO clerk; GRANT CREATE ON SCHEMA public TO clerk;
CREATE TABLE private (word text); INSERT INTO private VALUES ('hidden');
SET ROLE clerk;
CREATE TABLE item (id int PRIMARY KEY, note text);
CREATE TABLE word (id int, word text); INSERT INTO word VALUES (1, 'one');
CREATE FUNCTION shape(event json) RETURNS json LANGUAGE sql STABLE AS \$\$
  SELECT json_build_object('url', '$base/shaped', 'method', 'PUT', 'headers', json_build_object('x-word', (SELECT word FROM public.word WHERE id = 1), 'x-dropped', null),
    'body', json_build_object('note', event -> 'event' -> 'data' -> 'new' -> 'note', 'who', current_user, 'path', current_setting('search_path'), 'attempt', event -> 'delivery_info' -> 'current_retry'))
\$\$;
CREATE FUNCTION raises(event json) RETURNS json LANGUAGE plpgsql AS \$\$ BEGIN RAISE EXCEPTION 'no card in %', event -> 'event' -> 'data' -> 'new' ->> 'note'; END \$\$;
CREATE FUNCTION returns_null(event json) RETURNS json LANGUAGE sql AS 'SELECT NULL::json';
CREATE FUNCTION returns_rubbish(event json) RETURNS json LANGUAGE sql AS 'SELECT ''[1]''::json';
CREATE FUNCTION sleeps(event json) RETURNS json LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(600); RETURN event; END';
CREATE FUNCTION writes(event json) RETURNS json LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.word VALUES (2, ''two''); RETURN event; END';
CREATE FUNCTION reads_private(event json) RETURNS json LANGUAGE plpgsql AS 'BEGIN PERFORM word FROM public.private; RETURN ''{}''; END';
CREATE FUNCTION becomes_postgres(event json) RETURNS json LANGUAGE plpgsql AS 'BEGIN RESET ROLE; RETURN ''{}''; END';
CREATE FUNCTION unlocks(event json) RETURNS json LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_unlock_all(); PERFORM set_config(''search_path'', ''public'', false); RETURN ''{}''; END';
CREATE FUNCTION calls_lambda(event json) RETURNS json LANGUAGE sql AS 'SELECT ''{"url": "lambda:pay"}''::json';
CREATE FUNCTION wrong_kind(event jsonb) RETURNS json LANGUAGE sql AS 'SELECT event::json';
SQL

sub trigger {
	my ($name, $transform, $more) = @_;
	as_clerk("SELECT gqlsvl.create_trigger('$name', 'item', '$base/plain?first=1&status=503', transform => '$transform', retry_interval => '100 ms', backoff => 1, "
		  . ($more // 'num_retries => 0') . ')');
}
my $row = 0;
sub next_event { $row++; as_clerk("INSERT INTO item VALUES ($row, 'note $row')"); return; }

# What it shapes.
trigger('shaped', 'shape(json)', q(num_retries => 5, headers => '{"x-kept": "k", "x-dropped": "d"}'));
next_event();
wait_for('a request shaped by the function arrives', sub { $sink->delivered('/shaped') == 1 });
my ($request) = $sink->requests('/shaped');
is($request->{method}, 'PUT', 'with its method');
is($request->{headers}{'x-word'}, 'one', 'with a header read from a table of the owner');
is(($request->{headers}{'x-kept'} // '') . '/' . ($request->{headers}{'x-dropped'} // 'none'), 'k/none', 'the definition\'s headers stay, less those set to null');
is($request->{body}{note}, 'note 1', 'with a body made from the event');
is($request->{body}{who}, 'clerk', 'made as the trigger\'s owner');
is($request->{body}{path}, 'pg_catalog, pg_temp', 'under a pinned search_path');
like(sql('SELECT gqlsvl.export_triggers()'), qr/transform => 'public\.shape\(pg_catalog\.json\)'/, 'the definition names the function with its schema');
as_clerk("SELECT gqlsvl.alter_trigger('shaped', transform => '-')");
next_event();
wait_for('without the function the event is sent as it is', sub { $sink->delivered('/plain') == 1 });
is(($sink->delivered('/plain'))[0]{body}{event}{data}{new}{note}, 'note 2', 'in full');
as_clerk("SELECT gqlsvl.drop_trigger('shaped')");

# What fails, and says why; the worker goes on.
my $worker = delivery_worker($node);
my %fails = (
	raises => 'no card in note 3', returns_null => 'it returned NULL', returns_rubbish => 'the transform function\'s answer is not a JSON object',
	sleeps => 'canceling statement due to statement timeout', writes => 'cannot execute INSERT in a read-only transaction',
	reads_private => 'permission denied for table private', becomes_postgres => 'cannot set parameter "role" within security-',
	calls_lambda => 'the transform function\'s answer has a url that is not http or https');
trigger($_, "$_(json)") for sort keys %fails;
trigger('unlocks', 'unlocks(json)', 'num_retries => 5');
next_event();
for my $name (sort keys %fails) {
	wait_for("$name fails", sub { sql("SELECT status FROM gqlsvl.event_log WHERE trigger = '$name'") eq 'dead' });
	like(sql("SELECT last_error FROM gqlsvl.event_log WHERE trigger = '$name'"), qr/\Q$fails{$name}\E/, "$name: $fails{$name}");
}
wait_for('a function that releases all locks only wastes its time', sub { sql("SELECT status FROM gqlsvl.event_log WHERE trigger = 'unlocks'") eq 'delivered' });
is(sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 3 AND mode = 'ExclusiveLock' AND pid = $worker"), '16', 'the worker holds its locks again');
is(delivery_worker($node), $worker, 'and is the same process');
is(sql('SELECT count(*) FROM word WHERE id = 2'), '0', 'nothing was written');
as_clerk("SELECT gqlsvl.drop_trigger('$_')") for 'unlocks', keys %fails;

# Rights at creation and at each run.
for my $case (['wrong_kind(jsonb)', 'cannot be a transform'], ['absent(json)', 'does not exist'], ['pg_catalog.now()', 'cannot be a transform']) {
	my (undef, undef, $error) = $node->psql('postgres', "SET ROLE clerk; SELECT gqlsvl.create_trigger('n', 'item', '$base/', transform => '$case->[0]')");
	like($error, qr/$case->[1]/, "refused: $case->[0]");
}
sql('CREATE FUNCTION others(event json) RETURNS json LANGUAGE sql AS $$SELECT \'{}\'::json$$; REVOKE ALL ON FUNCTION others(json) FROM PUBLIC');
my (undef, undef, $denied) = $node->psql('postgres', "SET ROLE clerk; SELECT gqlsvl.create_trigger('n', 'item', '$base/', transform => 'others(json)')");
like($denied, qr/permission denied for function public\.others\(pg_catalog\.json\)/, 'a function that the owner may not execute is refused');
sql('GRANT EXECUTE ON FUNCTION others(json) TO clerk');
trigger('revoked', 'others(json)');
sql('REVOKE ALL ON FUNCTION others(json) FROM clerk');
next_event();
wait_for('and a right taken away later counts at the next run', sub { sql("SELECT last_error FROM gqlsvl.event_log WHERE trigger = 'revoked'") =~ /permission denied for function/ });

$node->stop;
$sink->stop;
done_testing();
