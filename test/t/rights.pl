# Whoever asks sees and does what his role and his claims allow, and nothing of one request reaches the next one.
# The session of the test stands in for the listener, which is stopped meanwhile; one executor, so that every request meets the same one.
use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('rights');
$node->init;
my $port = PostgreSQL::Test::Cluster::get_free_port();
$node->append_conf('postgresql.conf',
	"shared_preload_libraries = 'gqlsvl'\ngqlsvl.port = $port\ngqlsvl.executors = 1\ngqlsvl.admin_role = 'boss'\n");
$node->start;
$node->safe_psql('postgres', <<'SQL');
CREATE EXTENSION gqlsvl;
CREATE FUNCTION ring_call(kind text, role text, sub text, query text, admin boolean DEFAULT false, cancel boolean DEFAULT false) RETURNS text
  LANGUAGE c AS '$libdir/gqlsvl_ring_test', 'gqlsvl_test_ring_call';
CREATE ROLE web; CREATE ROLE boss BYPASSRLS; CREATE ROLE sly BYPASSRLS; CREATE ROLE stranger;
GRANT web, boss, sly TO gqlsvl_authenticator;
CREATE SCHEMA aside;
GRANT USAGE ON SCHEMA aside TO PUBLIC;
CREATE TABLE aside.seen (place text, who text, session text, error text);
GRANT ALL ON aside.seen TO PUBLIC;
CREATE TABLE aside.member (name text);
GRANT SELECT ON aside.member TO PUBLIC;
CREATE TABLE item (id int PRIMARY KEY, owner text);
GRANT ALL ON item TO web;
GRANT SELECT ON item TO boss;
ALTER TABLE item ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION aside.mine(owner text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF owner = 'slow' THEN PERFORM pg_sleep(60); END IF;
  PERFORM 1 FROM aside.member WHERE name = owner;
  -- The careless kind of policy: it keeps the claim it saw first.
  IF coalesce(current_setting('cache.sub', true), '') = '' THEN
    PERFORM set_config('cache.sub', current_setting('request.jwt.claims')::json ->> 'sub', true);
  END IF;
  RETURN owner = current_setting('cache.sub');
END $$;
CREATE POLICY mine ON item USING (aside.mine(owner)) WITH CHECK (true);
CREATE FUNCTION aside.try(place text, command text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE command;
  INSERT INTO aside.seen VALUES (place, current_user, session_user, NULL);
EXCEPTION WHEN OTHERS THEN
  INSERT INTO aside.seen VALUES (place, current_user, session_user, SQLERRM);
END $$;
-- What an earlier request left in the session: setting, settings of the server, channels, cursors, statements, temporary objects, sequence.
CREATE SEQUENCE aside.numbers;
GRANT USAGE ON aside.numbers TO PUBLIC;
CREATE FUNCTION aside.left_over() RETURNS text LANGUAGE plpgsql AS $$
DECLARE found text := concat_ws(' ', nullif(current_setting('left.behind', true), ''), CASE WHEN current_setting('work_mem') <> '4MB' THEN 'work_mem' END,
  CASE WHEN current_setting('search_path') <> '"$user", public' THEN 'search_path' END, (SELECT string_agg(c, ' ') FROM pg_listening_channels() AS c),
  (SELECT string_agg(name, ' ') FROM pg_cursors WHERE name = 'left_cursor'), (SELECT string_agg(name, ' ') FROM pg_prepared_statements WHERE name = 'left_statement'),
  to_regclass('pg_temp.left_table')::text);
BEGIN
  RETURN found || ' number ' || currval('aside.numbers');
EXCEPTION WHEN object_not_in_prerequisite_state THEN
  RETURN found;
END $$;
CREATE FUNCTION aside.at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO aside.seen VALUES ('left over', current_user, session_user, aside.left_over());
  PERFORM aside.try('nothing', 'SELECT 1');
  PERFORM aside.try('reset', 'RESET ROLE');
  PERFORM aside.try('set', 'SET ROLE postgres');
  PERFORM aside.try('session', 'SET SESSION AUTHORIZATION postgres');
  PERFORM set_config('left.behind', 'x', false), set_config('work_mem', '1MB', false), set_config('search_path', 'pg_catalog', false),
    pg_advisory_lock(42), nextval('aside.numbers');
  CREATE TEMP TABLE left_table (a int);
  EXECUTE 'PREPARE left_statement AS SELECT 1';
  EXECUTE 'DECLARE left_cursor CURSOR WITH HOLD FOR SELECT 1';
  RETURN NULL;
END $$;
CREATE FUNCTION aside.at_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM aside.try('at once: ' || command, command) FROM unnest(ARRAY['RESET ROLE', 'SET ROLE postgres', 'SET ROLE boss', 'SET LOCAL ROLE NONE',
    'SET SESSION AUTHORIZATION DEFAULT', 'SET SESSION AUTHORIZATION postgres', 'RESET SESSION AUTHORIZATION', 'DISCARD ALL',
    $q$SELECT set_config('role', 'boss', true)$q$, $q$SELECT set_config('session_authorization', 'postgres', false)$q$, 'LISTEN left_channel']) AS command;
  RETURN NEW;
END $$;
CREATE TRIGGER at_once BEFORE INSERT ON item FOR EACH ROW WHEN (NEW.owner <> 'slow') EXECUTE FUNCTION aside.at_once();
-- Only what the policy says is seen: whom a policy, and an invoker's function called by one, find themselves to be.
CREATE TABLE mirror (place text, who text);
INSERT INTO mirror SELECT place, who FROM unnest(ARRAY['policy', 'function']) AS place,
  unnest(ARRAY['web/gqlsvl_authenticator/web', 'boss/gqlsvl_authenticator/boss', 'postgres/postgres/none', 'gqlsvl_authenticator/gqlsvl_authenticator/none']) AS who;
GRANT SELECT ON mirror TO web, boss;
CREATE FUNCTION aside.who() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RETURN concat_ws('/', current_user, session_user, current_setting('role')); END $$;
ALTER TABLE mirror ENABLE ROW LEVEL SECURITY;
CREATE POLICY mirror ON mirror USING (who = CASE place WHEN 'policy' THEN concat_ws('/', current_user, session_user, current_setting('role')) ELSE aside.who() END);
CREATE SCHEMA vault;
CREATE TABLE vault.key (id int PRIMARY KEY);
CREATE TABLE locked (id int PRIMARY KEY, key_id int REFERENCES vault.key DEFERRABLE INITIALLY DEFERRED);
GRANT INSERT, SELECT ON locked TO web;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION aside.at_commit();
SQL
$node->safe_psql('postgres', <<'SQL');
CREATE TABLE sticky (id int PRIMARY KEY);
INSERT INTO sticky VALUES (1);
GRANT SELECT ON sticky TO web;
ALTER TABLE sticky ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION aside.stick() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_lock(77), set_config('left.behind', coalesce(current_setting('left.behind', true), '') || 'x', false);
  EXECUTE 'PREPARE sticky AS SELECT 1';
  RETURN current_setting('left.behind') = 'x';
END $$;
CREATE POLICY sticky ON sticky USING (aside.stick());
SQL
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM gqlsvl.stat_worker WHERE kind = 'executor' AND state = 'running'"), 'an executor runs');
ok($node->poll_query_until('postgres', "SELECT state = 'running' OR failures > 0 FROM gqlsvl.stat_worker WHERE kind = 'listener'"),
	'the listener has started');
my $listener = $node->safe_psql('postgres', "SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'listener' AND pid IS NOT NULL");
kill 'STOP', $listener if $listener ne '';

sub ask {
	my ($kind, $role, $sub, $query, %options) = @_;
	my ($admin, $cancel) = map { $options{$_} ? 'true' : 'false' } ('admin', 'cancel');
	return $node->safe_psql('postgres', "SELECT ring_call('$kind', '$role', '$sub', \$q\$$query\$q\$, $admin, $cancel)");
}
sub seen { return $node->safe_psql('postgres', $_[0]); }
my $insert = sub { "mutation { insert_item(objects: [{id: $_[0], owner: \"$_[1]\"}]) { affected_rows } }" };

like(ask('execute', 'web', 'a', $insert->(1, 'a')), qr/"affected_rows" ?: ?1/, 'a mutation is committed');
is(seen("SELECT string_agg(DISTINCT who || '/' || session, ',') FROM aside.seen"), 'web/gqlsvl_authenticator',
	'a deferred trigger runs as the role of the request, also at COMMIT');
is(seen("SELECT string_agg(place, ', ') FROM aside.seen WHERE place NOT IN ('nothing', 'left over') AND error IS NULL"), '',
	'nothing switches the role: not RESET ROLE, SET ROLE or SET SESSION AUTHORIZATION, at once or at COMMIT; LISTEN is refused, too');
is(seen("SELECT count(DISTINCT place) FROM aside.seen WHERE place NOT IN ('nothing', 'left over')"), '14', 'and each of them was tried');
is(seen("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42"), '0', 'no advisory lock survives the request');
is(seen("SELECT count(*) FROM pg_class WHERE relname = 'left_table'"), '0', 'no temporary table does');
like(ask('execute', 'web', 'b', $insert->(2, 'b')), qr/"affected_rows" ?: ?1/, 'the same session runs the next request');
is(seen("SELECT string_agg(error, '|') FROM aside.seen WHERE place = 'left over'"), '|',
	'which finds no setting, channel, cursor, prepared statement, temporary table or sequence value of the one before');

my $mirror = '{ mirror(order_by: {place: asc}) { place who } }';
my $web = qr/"function","who":"web\/gqlsvl_authenticator\/web"\},\{"place":"policy","who":"web\/gqlsvl_authenticator\/web"\}\]/;
like(ask('execute', 'web', 'a', $mirror), $web, 'a policy and a function it calls run as the role of the request, in a query');
like(ask('evaluate', 'web', 'a', "subscription $mirror"), $web, 'and in a live query');

like(ask('execute', 'web', 'a', 'mutation { insert_locked_one(object: {id: 1, key_id: 7}) { id } }'),
	qr/"Foreign key violation. insert or update on table \\"locked\\" violates foreign key constraint \\"locked_key_id_fkey\\"","extensions":\{"path":"\$","code":"constraint-violation","sqlstate":"23503"\}/,
	'a deferred constraint fails at COMMIT in the dialect\'s words, without the table the role cannot see');
like(slurp_file($node->logfile), qr/Key \(key_id\)=\(7\) is not present in table "key"/, 'which the log has');
like(ask('execute', 'web', 'a', $mirror), $web, 'after that error the next request runs as its role');

my $a = ask('evaluate', 'web', 'a', 'subscription { item { id owner } }');
my $b = ask('evaluate', 'web', 'b', 'subscription { item { id owner } }');
for my $time ('first', 'second')
{
	like(ask('evaluate', 'web', 'a', 'subscription { sticky { id } }'), qr/"id" ?: ?1\b/, "an evaluation leaves nothing to the next one: the $time");
	is(seen("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 77"), '0', 'no lock either');
}
like($a, qr/"id" ?: ?1\b/, 'a subscriber sees his row');
unlike($a, qr/"id" ?: ?2\b/, 'and not another one\'s');
like($b, qr/"id" ?: ?2\b/, 'a policy that keeps a claim for the transaction does not show the next subscriber the row of the first');
unlike($b, qr/"id" ?: ?1\b/, 'nor instead of his own');
my $member = seen("SELECT 'aside.member'::regclass::oid");
like($a, qr/"relations":\[.*\b$member\b.*\]/, 'a table that only a policy\'s function reads counts as opened');
like(ask('evaluate', 'web', 'a', 'mutation { delete_item(where: {}) { affected_rows } }'), qr/"errors"/, 'an evaluation changes nothing');

like(ask('execute', 'web', 'a', $insert->(1, 'a')), qr/"constraint-violation"/, 'a violated constraint is an error');
like(ask('execute', 'web', 'b', '{ item { id } }'), qr/"id" ?: ?2\b/, 'and the next request runs as its own role again');
for my $case (['postgres', 'a superuser'], ['pg_monitor', 'a predefined role'], ['sly', 'a role with BYPASSRLS'],
	['stranger', 'a role not granted'], ['nobody', 'a role that does not exist'], ['boss', 'the admin role without the admin secret']) {
	like(ask('execute', $case->[0], 'a', '{ item { id } }'), qr/may not be used by requests.*"access-denied"/, "$case->[1] is refused");
}
like(ask('execute', 'boss', 'a', '{ item { id } }', admin => 1), qr/"id" ?: ?1\b.*"id" ?: ?2\b/, 'the admin role with the admin secret sees all');
$node->safe_psql('postgres', 'REVOKE web FROM gqlsvl_authenticator');
like(ask('execute', 'web', 'a', '{ item { id } }'), qr/"access-denied"/, 'a role revoked is refused at the next request');
$node->safe_psql('postgres', 'GRANT web TO gqlsvl_authenticator');

like(ask('execute', 'web', 'a', '{ __typename }' . ' ' x 1_000_000), qr/query_root/, 'a message larger than the ring goes through in pieces');
$node->safe_psql('postgres', "INSERT INTO item VALUES (3, 'slow')");
like(ask('execute', 'web', 'a', '{ item { id } }', cancel => 1), qr/canceling statement due to user request/, 'a request can be canceled');
$node->safe_psql('postgres', "CREATE FUNCTION ring_call(kind text, role text, sub text, query text, admin boolean, cancel boolean, at_turn int) RETURNS text
  LANGUAGE c AS '\$libdir/gqlsvl_ring_test', 'gqlsvl_test_ring_call'");
like($node->safe_psql('postgres', q{SELECT string_agg(ring_call('execute', 'web', 'a', '{ item { id } }', false, true, 0), ' ') FROM generate_series(1, 20)}),
	qr/^([^ ].*?canceling statement due to user request.*?){20}$/, 'also when the cancel comes before it has begun');
like(ask('execute', 'web', 'a', '{ __typename }'), qr/query_root/, 'which leaves the next one alone');
$node->safe_psql('postgres', "ALTER ROLE web SET statement_timeout = '50ms'");
like(ask('execute', 'web', 'a', '{ item { id } }'), qr/statement timeout/, 'the role\'s own settings hold: its statement_timeout');
$node->safe_psql('postgres', 'ALTER ROLE web RESET statement_timeout');

# Settings that would change what requests mean are pinned, whatever the executors' own role brings with it (docs/rules.md, 25).
$node->safe_psql('postgres', "ALTER ROLE gqlsvl_authenticator SET $_") for "default_transaction_read_only = on", "statement_timeout = '1ms'",
	"lock_timeout = '1ms'", "idle_session_timeout = '1ms'", "default_transaction_isolation = serializable", "row_security = off",
	"session_replication_role = replica";
my $executor = $node->safe_psql('postgres', "SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'executor'");
$node->safe_psql('postgres', "SELECT pg_terminate_backend($executor)");
ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM gqlsvl.stat_worker WHERE kind = 'executor' AND state = 'running' AND pid <> $executor"),
	'an executor with hostile settings runs');
$executor = $node->safe_psql('postgres', "SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'executor'");
$node->safe_psql('postgres', "DELETE FROM item WHERE owner = 'slow'; TRUNCATE aside.seen");
like(ask('execute', 'web', 'a', $insert->(4, 'a')), qr/"affected_rows" ?: ?1/, 'it may write, has time, and knows row security');
is(seen("SELECT count(*) FROM aside.seen WHERE place = 'nothing'"), '1', 'and triggers fire there');
is($node->safe_psql('postgres', "SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'executor'"), $executor, 'and it is not ended for being idle');

kill 'CONT', $listener if $listener ne '';
$node->stop;
done_testing();
