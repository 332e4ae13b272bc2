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
CREATE FUNCTION aside.at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM aside.try('nothing', 'SELECT 1');
  PERFORM aside.try('reset', 'RESET ROLE');
  PERFORM aside.try('set', 'SET ROLE postgres');
  PERFORM aside.try('session', 'SET SESSION AUTHORIZATION postgres');
  PERFORM set_config('left.behind', 'x', false), pg_advisory_lock(42);
  CREATE TEMP TABLE left_behind (a int);
  EXECUTE 'PREPARE left_behind AS SELECT 1';
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON item DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION aside.at_commit();
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
is(seen("SELECT count(*) FROM aside.seen WHERE place <> 'nothing' AND error IS NULL"), '0',
	'RESET ROLE, SET ROLE and SET SESSION AUTHORIZATION are refused there');
is(seen("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 42"), '0', 'no advisory lock survives the request');
is(seen("SELECT count(*) FROM pg_class WHERE relname = 'left_behind'"), '0', 'no temporary table does');
like(ask('execute', 'web', 'b', $insert->(2, 'b')), qr/"affected_rows" ?: ?1/,
	'nor a prepared statement: the same one is made again by the next request');

my $a = ask('evaluate', 'web', 'a', 'subscription { item { id owner } }');
my $b = ask('evaluate', 'web', 'b', 'subscription { item { id owner } }');
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
like(ask('execute', 'web', 'a', '{ __typename }'), qr/query_root/, 'which leaves the next one alone');
$node->safe_psql('postgres', "ALTER ROLE web SET statement_timeout = '50ms'");
like(ask('execute', 'web', 'a', '{ item { id } }'), qr/statement timeout/, 'the role\'s own settings hold: its statement_timeout');
$node->safe_psql('postgres', 'ALTER ROLE web RESET statement_timeout');

kill 'CONT', $listener if $listener ne '';
$node->stop;
done_testing();
