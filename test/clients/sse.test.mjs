// Streams of events with the npm client graphql-sse, and by hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient } from 'graphql-sse';
import { start, token, until } from '../lib/cluster.mjs';
import { open, request } from '../lib/raw_http.mjs';

let cluster;
const clients = [];
before(async () => {
  cluster = await start();
  cluster.sql("CREATE TABLE dish (id int PRIMARY KEY, note json); GRANT SELECT, INSERT ON dish TO web; INSERT INTO dish VALUES (1, E'{\"a\":\\n1}')");
});
after(() => {
  clients.forEach((one) => one.dispose());
  cluster?.stop();
});

const headers = (claims = {}) => ({ Authorization: `Bearer ${token({ role: 'web', ...claims })}` });
function run(query, { variables, claims } = {}) {
  const client = createClient({ url: cluster.url, headers: headers(claims), retryAttempts: 0 });
  clients.push(client);
  const results = [], end = {};
  const stop = client.subscribe({ query, variables }, { next: (r) => results.push(r), error: (e) => { end.error = e; }, complete: () => { end.complete = true; } });
  return { results, end, stop };
}

test('a subscription is pushed at commit; a client that leaves is forgotten', async () => {
  const watched = run('subscription { dish(order_by: {id: asc}) { id note } }');
  await until('the first state', () => watched.results.length === 1);
  assert.deepEqual(watched.results[0].data.dish, [{ id: 1, note: { a: 1 } }], 'line ends in JSON do not break an event');
  cluster.sql('INSERT INTO dish VALUES (2)');
  await until('the pushed state', () => watched.results.length === 2);
  assert.equal(watched.results[1].data.dish.length, 2);
  watched.stop();
  cluster.sql('INSERT INTO dish VALUES (3)');
  const other = run('subscription { dish { id } }');
  await until('another one', () => other.results.length === 1);
  assert.equal(watched.results.length, 2);
  other.stop();
});

test('queries, mutations and errors give one result and the end', async () => {
  const added = run('mutation ($d: dish_insert_input!) { insert_dish_one(object: $d) { id } }', { variables: { d: { id: 9 } } });
  await until('the end', () => added.end.complete);
  assert.deepEqual(added.results, [{ data: { insert_dish_one: { id: 9 } } }]);
  for (const wrong of ['{ nowhere }', 'subscription { nowhere }']) {
    const refused = run(wrong);
    await until('the end of what is wrong', () => refused.end.complete);
    assert.match(refused.results[0].errors[0].message, /nowhere/);
  }
});

test('the end of the token ends the stream', async () => {
  const watched = run('subscription { dish { id } }', { claims: { exp: Math.floor(Date.now() / 1000) + 2 } });
  await until('the first state', () => watched.results.length === 1);
  await until('the end', () => watched.end.error || watched.end.complete);
});

test('by the protocol\'s text: GET, event names, no length; no credentials are a status', async () => {
  const path = `/v1/graphql?${new URLSearchParams({ query: 'subscription { dish(limit: 1) { id } }' })}`;
  const one = open(cluster.listenPort).write(request('GET', path, { Accept: 'text/event-stream', ...headers() }));
  await until('an event', () => /event: next\ndata: {"data":{"dish":\[ ?{ ?"id" ?: ?\d ?}\] ?}}\n\n/.test(one.received.toString()));
  assert.match(one.received.toString(), /^HTTP\/1.1 200 OK\r\n[^]*content-type: text\/event-stream\r\n/);
  assert.doesNotMatch(one.received.toString(), /content-length/);
  one.destroy();
  assert.equal((await fetch(new URL(path, cluster.url), { headers: { accept: 'text/event-stream' } })).status, 401);
});
