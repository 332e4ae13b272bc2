// What goes wrong for one live query stays with that one; what changes rows past the executor, or what nobody names, is pushed all the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { start, token, until } from '../lib/cluster.mjs';

let cluster;
const clients = [];
before(async () => {
  // One executor: all evaluations meet in one session.
  cluster = await start('wal_level = logical', 'gqlsvl.executors = 1');
  cluster.sql(`
    CREATE TABLE note (id int PRIMARY KEY, owner text);
    CREATE TABLE member (who text PRIMARY KEY);
    CREATE SCHEMA aside; GRANT USAGE ON SCHEMA aside TO PUBLIC;
    CREATE FUNCTION aside.is_member(name text) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER AS
      $$BEGIN RETURN EXISTS (SELECT FROM public.member WHERE who = name); END$$;
    CREATE FUNCTION aside.may_see(owner text) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
    BEGIN
      -- The careless kind: it keeps the claim it saw first.
      IF coalesce(current_setting('cache.sub', true), '') = '' THEN
        PERFORM set_config('cache.sub', current_setting('request.jwt.claims')::json ->> 'sub', true);
      END IF;
      IF current_setting('cache.sub') = 'bad' THEN RAISE EXCEPTION 'no rows for bad' USING ERRCODE = 'P0001'; END IF;
      IF current_setting('cache.sub') = 'slow' THEN PERFORM pg_sleep(600); END IF;
      -- May run in a parallel worker, and so does what the function opens.
      PERFORM FROM generate_series(1, 1) WHERE aside.is_member(current_setting('request.jwt.claims')::json ->> 'sub');
      RETURN FOUND AND owner = current_setting('cache.sub');
    END $$;
    ALTER TABLE note ENABLE ROW LEVEL SECURITY;
    CREATE POLICY mine ON note USING (aside.may_see(owner));
    GRANT SELECT ON note TO web;
    INSERT INTO member VALUES ('ann'), ('bob'), ('bad'), ('slow');
    INSERT INTO note VALUES (1, 'ann'), (2, 'bob');`);
  // Whatever may run in a parallel worker does.
  cluster.sql(`ALTER ROLE web SET ${cluster.sql('SHOW server_version_num') >= '160000' ? 'debug_parallel_query' : 'force_parallel_mode'} = on`);
});
after(async () => {
  for (const client of clients) await client.dispose();
  cluster?.stop();
});

// Subscribes as `sub`; every state received, as the list of ids or as the code of the error.
function watch(sub, query = 'subscription { note(order_by: {id: asc}) { id } }') {
  const client = createClient({ url: cluster.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0,
    connectionParams: { headers: { Authorization: `Bearer ${token({ role: 'web', sub })}` } } });
  clients.push(client);
  const states = [];
  const say = (errors) => states.push(errors[0].extensions?.code ?? 'closed');
  client.subscribe({ query }, { next: (r) => (r.errors ? say(r.errors) : states.push(r.data.note.map((n) => n.id).join())),
    error: (e) => say(Array.isArray(e) ? e : [{ extensions: { code: String(e.message ?? e.reason) } }]), complete() {} });
  return { client, states, sees: (state) => until(`${sub} sees [${state}], saw ${states.join(' | ')}`, () => states.at(-1) === state) };
}

test('a policy that keeps a claim for the transaction does not show one subscriber the rows of another', async () => {
  const ann = watch('ann'), bob = watch('bob');
  await ann.sees('1');
  await bob.sees('2');
  for (let id = 10; id < 20; ++id) cluster.sql(`INSERT INTO note VALUES (${id}, '${id % 2 ? 'ann' : 'bob'}')`);
  await ann.sees('1,11,13,15,17,19');
  await bob.sees('2,10,12,14,16,18');
  for (const state of ann.states) assert.ok(!/\b(2|1[02468])\b/.test(state), `ann saw ${state}`);
  for (const state of bob.states) assert.ok(!/\b(1|1[13579])\b/.test(state), `bob saw ${state}`);
  cluster.sql('DELETE FROM note WHERE id >= 10');
  ann.client.dispose();
  bob.client.dispose();
});

test('a subscriber whose policy raises fails alone', async () => {
  const ann = watch('ann'), bad = watch('bad');
  await ann.sees('1');
  await bad.sees('unexpected');
  cluster.sql("INSERT INTO note VALUES (3, 'ann')");
  await ann.sees('1,3');
  cluster.sql('DELETE FROM note WHERE id = 3');
  await ann.sees('1');
  ann.client.dispose();
  bad.client.dispose();
});

test('an evaluation that takes too long is an error of its subscriber; the others go on', async () => {
  cluster.sql("ALTER SYSTEM SET gqlsvl.request_timeout = '300ms'");
  cluster.sql('SELECT pg_reload_conf()');
  await until('the new limit', () => cluster.sql('SHOW gqlsvl.request_timeout') === '300ms');
  const slow = watch('slow');
  await slow.sees('time-limit-exceeded');
  const ann = watch('ann');
  await until(`ann is served, saw ${ann.states}`, () => ann.states.includes('1'));
  slow.client.dispose();
  cluster.sql('ALTER SYSTEM RESET gqlsvl.request_timeout');
  cluster.sql('SELECT pg_reload_conf()');
  cluster.sql("INSERT INTO note VALUES (3, 'ann')");
  await ann.sees('1,3');
  cluster.sql('DELETE FROM note WHERE id = 3');
  ann.client.dispose();
});

test('a slow evaluation keeps none waiting behind it, and ends when nobody waits for it', async () => {
  cluster.sql('ALTER SYSTEM SET gqlsvl.executors = 2');
  cluster.sql('SELECT pg_reload_conf()');
  await until('two executors', () => cluster.sql("SELECT count(*) FROM gqlsvl.stat_worker WHERE kind = 'executor' AND state = 'running'") === '2');
  const asleep = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'gqlsvl executor' AND wait_event = 'PgSleep'";
  const slow = watch('slow');
  const others = Array.from({ length: 12 }, (_, at) => watch(at % 2 ? 'ann' : 'bob', `subscription { note(where: {id: {_lt: ${100 + at}}}, order_by: {id: asc}) { id } }`));
  await until('the others are served', () => others.every((one) => one.states.length > 0));
  assert.deepEqual(slow.states, []);
  assert.equal(cluster.sql(asleep), '1', 'the slow one is still at work');
  slow.client.dispose();
  await until('its executor is free', () => cluster.sql(asleep) === '0', 10);
  others.forEach((one) => one.client.dispose());
  cluster.sql('ALTER SYSTEM RESET gqlsvl.executors');
  cluster.sql('SELECT pg_reload_conf()');
});

test('a right that is revoked and a table that is dropped are said; the subscription goes on when they are back', async () => {
  const ann = watch('ann');
  await ann.sees('1');
  cluster.sql('REVOKE SELECT ON note FROM web');
  await ann.sees('validation-failed');
  cluster.sql('GRANT SELECT ON note TO web');
  await ann.sees('1');
  cluster.sql('ALTER TABLE note RENAME TO note_away');
  await ann.sees('validation-failed');
  cluster.sql('ALTER TABLE note_away RENAME TO note');
  await ann.sees('1');
  ann.client.dispose();
});

test('a role that loses its membership by a session of another database is refused at once', async () => {
  const ann = watch('ann');
  await ann.sees('1');
  cluster.sql('REVOKE web FROM gqlsvl_authenticator', 'template1');
  await ann.sees('access-denied');
  cluster.sql('GRANT web TO gqlsvl_authenticator', 'template1');
  await ann.sees('1');
  ann.client.dispose();
});

test('what a function opens in a parallel worker is followed too', async () => {
  const ann = watch('ann');
  await ann.sees('1');
  cluster.sql("DELETE FROM member WHERE who = 'ann'");
  await ann.sees('');
  cluster.sql("INSERT INTO member VALUES ('ann')");
  await ann.sees('1');
  ann.client.dispose();
});

test('rows that arrive by logical replication are pushed', async () => {
  const ann = watch('ann');
  await ann.sees('1');
  cluster.sql('CREATE DATABASE origin');
  const origin = (text) => cluster.sql(text, 'origin');
  origin('CREATE TABLE note (id int PRIMARY KEY, owner text); CREATE PUBLICATION all_notes FOR TABLE note');
  origin("SELECT pg_create_logical_replication_slot('notes', 'pgoutput')");
  cluster.sql(`CREATE SUBSCRIPTION notes CONNECTION 'host=${cluster.dir}/c port=${cluster.port} user=postgres dbname=origin' PUBLICATION all_notes
    WITH (create_slot = false, slot_name = 'notes', copy_data = false)`);
  origin("INSERT INTO note VALUES (7, 'ann')");
  await ann.sees('1,7');
  origin('DELETE FROM note WHERE id = 7');
  await ann.sees('1');
  cluster.sql('ALTER SUBSCRIPTION notes DISABLE');
  await until('the slot is free', () => cluster.sql("SELECT count(*) FROM pg_replication_slots WHERE active") === '0');
  cluster.sql('DROP SUBSCRIPTION notes');
  ann.client.dispose();
});
