// Live queries with the npm client graphql-ws: pushed when, and only when, the subscriber's own result changed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { start, token, until } from '../lib/cluster.mjs';

let cluster;
const clients = [];
before(async () => {
  cluster = await start("shared_preload_libraries = 'gqlsvl, pg_stat_statements'");
  cluster.sql(`
    CREATE EXTENSION pg_stat_statements;
    CREATE TABLE member (org int, who text, PRIMARY KEY (org, who));
    CREATE TABLE note (id int PRIMARY KEY, org int, body text);
    CREATE FUNCTION is_member(o int) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
      $$BEGIN RETURN EXISTS (SELECT FROM member WHERE org = o AND who = current_setting('request.jwt.claims')::json ->> 'sub'); END$$;
    ALTER TABLE note ENABLE ROW LEVEL SECURITY;
    CREATE POLICY members ON note USING (is_member(org));
    GRANT SELECT ON note TO web;
    INSERT INTO member VALUES (1, 'ann'), (2, 'bob');
    INSERT INTO note VALUES (1, 1, 'for ann'), (2, 2, 'for bob');`);
});
after(async () => {
  for (const client of clients) await client.dispose();
  cluster?.stop();
});

// Subscribes as `sub` and keeps every state received, as the list of ids.
function watch(sub) {
  const client = createClient({
    url: cluster.wsUrl, webSocketImpl: WebSocket, retryAttempts: 100, retryWait: () => new Promise((r) => setTimeout(r, 50)),
    shouldRetry: () => true, connectionParams: { headers: { Authorization: `Bearer ${token({ role: 'web', sub })}` } },
  });
  clients.push(client);
  const states = [];
  client.subscribe({ query: 'subscription { note(order_by: {id: asc}) { id } }' },
    { next: (r) => states.push(r.errors ? JSON.stringify(r.errors) : r.data.note.map((n) => n.id).join()), error: (e) => states.push(`error ${JSON.stringify(e)}`), complete() {} });
  return { client, states, sees: (ids) => until(`${sub} sees [${ids}], saw ${states.join(' | ')}`, () => states.at(-1) === ids) };
}

test('two users see their own rows; a policy function over another table is followed', async () => {
  const ann = watch('ann'), bob = watch('bob');
  await ann.sees('1');
  await bob.sees('2');
  cluster.sql("INSERT INTO note VALUES (3, 1, 'for ann')");
  await ann.sees('1,3');
  cluster.sql("DELETE FROM member WHERE who = 'ann'");
  await ann.sees('');
  assert.deepEqual(bob.states, ['2'], 'what concerns others is not pushed');
  cluster.sql("INSERT INTO member VALUES (1, 'ann')");
  await ann.sees('1,3');
  ann.client.dispose();
  bob.client.dispose();
});

test('COPY and TRUNCATE are seen; a rollback and an unchanged update push nothing', async () => {
  const bob = watch('bob');
  await bob.sees('2');
  cluster.sql("COPY note FROM PROGRAM 'echo 4,2,copied' WITH (FORMAT csv)");
  await bob.sees('2,4');
  cluster.sql("BEGIN; INSERT INTO note VALUES (5, 2, 'never'); ROLLBACK");
  cluster.sql('UPDATE note SET body = body');
  cluster.sql("INSERT INTO note VALUES (6, 2, 'after them')");
  await bob.sees('2,4,6');
  cluster.sql('TRUNCATE note');
  await bob.sees('');
  assert.deepEqual(bob.states, ['2', '2,4', '2,4,6', '']);
  bob.client.dispose();
});

test('a hundred subscribers all get the last state', async () => {
  const all = Array.from({ length: 100 }, () => watch('bob'));
  await Promise.all(all.map((one) => one.sees('')));
  for (let id = 10; id < 20; ++id) cluster.sql(`INSERT INTO note VALUES (${id}, 2, 'x')`);
  await Promise.all(all.map((one) => one.sees('10,11,12,13,14,15,16,17,18,19')));
  for (const one of all) assert.equal(new Set(one.states).size, one.states.length, 'no state came twice');
  all.forEach((one) => one.client.dispose());
});

test('an idle database with an open subscription runs no statement of ours', async () => {
  const bob = watch('bob');
  await bob.sees('10,11,12,13,14,15,16,17,18,19');
  const count = () => cluster.sql("SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%'");
  // The time is what is tested: nothing may happen in it.
  await until('a second without a statement', async () => {
    const earlier = count();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return count() === earlier;
  });
  const before = count();
  await new Promise((resolve) => setTimeout(resolve, 5000));
  assert.equal(count(), before);
  bob.client.dispose();
});

test('a client comes back by itself after the listener was killed', async () => {
  const bob = watch('bob');
  await bob.sees('10,11,12,13,14,15,16,17,18,19');
  process.kill(Number(cluster.sql("SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'listener'")), 'SIGKILL');
  await until('the server is back', () => cluster.sql('TRUNCATE note') === '');
  await bob.sees('');
});
