// The older sub-protocol, graphql-ws, with its own npm client: apps that use it work unchanged.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SubscriptionClient } from 'subscriptions-transport-ws';
import WebSocket from 'ws';
import { start, token, until } from '../lib/cluster.mjs';

let cluster;
const clients = [];
before(async () => {
  cluster = await start();
  cluster.sql("CREATE TABLE dish (id int PRIMARY KEY, name text NOT NULL); GRANT SELECT, INSERT ON dish TO web; INSERT INTO dish VALUES (1, 'soup')");
});
after(() => {
  clients.forEach((one) => one.close());
  cluster?.stop();
});

function connect(claims, options = {}) {
  const client = new SubscriptionClient(cluster.wsUrl, { connectionParams: { headers: { Authorization: `Bearer ${token(claims)}` } }, ...options }, WebSocket);
  clients.push(client);
  return client;
}
function run(client, query, variables) {
  const results = [], end = {};
  const observer = { next: (result) => results.push(result), error: (error) => { end.error = error; }, complete: () => { end.complete = true; } };
  const { unsubscribe } = client.request({ query, variables }).subscribe(observer);
  return { results, end, unsubscribe };
}

test('a subscription is pushed, queries and mutations run, all on one socket', async () => {
  const client = connect({ role: 'web' });
  const watched = run(client, 'subscription { dish(order_by: {id: asc}) { name } }');
  await until('the first state', () => watched.results.length === 1);
  const added = run(client, 'mutation ($d: dish_insert_input!) { insert_dish_one(object: $d) { id } }', { d: { id: 2, name: 'bread' } });
  await until('the mutation completes', () => added.end.complete);
  assert.deepEqual(added.results, [{ data: { insert_dish_one: { id: 2 } } }]);
  await until('the pushed state', () => watched.results.length === 2);
  assert.deepEqual(watched.results.at(-1).data.dish, [{ name: 'soup' }, { name: 'bread' }]);
  watched.unsubscribe();
  const query = run(client, '{ dish { id } }');
  await until('the query completes', () => query.end.complete);
  assert.equal(watched.results.length, 2, 'what was stopped is not pushed');
});

test('a wrong document is an error, what fails while it runs is data with errors', async () => {
  const client = connect({ role: 'web' });
  const wrong = run(client, '{ nowhere }');
  await until('the error', () => wrong.end.error);
  assert.match(wrong.end.error[0]?.message ?? wrong.end.error.message, /nowhere/);
  const taken = run(client, 'mutation { insert_dish_one(object: {id: 1, name: "x"}) { id } }');
  await until('the result', () => taken.end.complete);
  assert.equal(taken.results[0].errors[0].extensions.code, 'constraint-violation');
});

test('without a right to be here the reason comes before the close', async () => {
  const reasons = [];
  connect({}, { reconnect: false, connectionCallback: (error) => reasons.push(error) });
  await until('the refusal', () => reasons.length > 0);
  assert.match(reasons[0].message, /Forbidden/);
});

test('a client that offers no sub-protocol is spoken to in this one, and kept alive', async () => {
  const socket = new WebSocket(cluster.wsUrl), types = [];
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload: { headers: { Authorization: `Bearer ${token({ role: 'web' })}` } } })));
  socket.on('message', (text) => types.push(JSON.parse(text).type));
  await until('acknowledged', () => types.length === 2);
  assert.deepEqual(types, ['connection_ack', 'ka']);
  socket.terminate();
});
