// Queries and subscriptions on a hot standby: what is replayed is pushed there; after its promotion what is committed there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { start, startStandby, token, until } from '../lib/cluster.mjs';

let primary, standby, client;
before(async () => {
  primary = await start();
  primary.sql('CREATE TABLE note (id int PRIMARY KEY); GRANT ALL ON note TO web; INSERT INTO note VALUES (1)');
  standby = await startStandby(primary);
});
after(async () => {
  await client?.dispose();
  standby?.stop();
  primary?.stop();
});

test('rows of the primary are pushed by the standby, and its own after promotion', async () => {
  const headers = { Authorization: `Bearer ${token({ role: 'web' })}` };
  client = createClient({ url: standby.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0, connectionParams: { headers } });
  const states = [];
  client.subscribe({ query: 'subscription { note(order_by: {id: asc}) { id } }' },
    { next: (r) => states.push(r.errors ? JSON.stringify(r.errors) : r.data.note.map((n) => n.id).join()), error: (e) => states.push(`error ${JSON.stringify(e)}`), complete() {} });
  const sees = (ids) => until(`[${ids}], saw ${states.join(' | ')}`, () => states.at(-1) === ids);
  await sees('1');
  primary.sql('INSERT INTO note VALUES (2)');
  await sees('1,2');
  const post = (query) => fetch(standby.url, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ query }) }).then((r) => r.json());
  const refused = await post('mutation { insert_note_one(object: {id: 9}) { id } }');
  assert.match(JSON.stringify(refused), /read-only/, 'a mutation is refused there');
  assert.equal(standby.sql("SELECT count(*) FROM gqlsvl.stat_worker WHERE kind = 'delivery' AND state = 'running'"), '0', 'and nothing is delivered from it');
  standby.promote();
  standby.sql('INSERT INTO note VALUES (3)');
  await sees('1,2,3');
  await until('delivery starts', () => standby.sql("SELECT count(*) FROM gqlsvl.stat_worker WHERE kind = 'delivery' AND state = 'running'") === '1');
});
