// Documents by id and hash, and the allow list, over HTTP, in URLs, as a stream and over both WebSocket protocols; Apollo's persisted queries.
// Dialect: D10-allow-list
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, test } from 'node:test';
import apollo from '@apollo/client/core/core.cjs';
import persisted from '@apollo/client/link/persisted-queries/persisted-queries.cjs';
import { createClient } from 'graphql-ws';
import { SubscriptionClient } from 'subscriptions-transport-ws';
import WebSocket from 'ws';
import { start, token } from '../lib/cluster.mjs';

const { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } = apollo;
const sha256 = (text) => createHash('sha256').update(text).digest('hex');
const headers = (role) => ({ authorization: `Bearer ${token({ role })}` });
const list = 'query Items { item(order_by: {id: asc}) { id name } }', add = 'mutation Add($id: Int!) { insert_item_one(object: {id: $id}) { id } }';
const live = 'subscription Live { item(order_by: {id: asc}) { id } }', bossOnly = '{ item_aggregate { aggregate { count } } }';

let cluster;
before(async () => {
  cluster = await start();
  cluster.sql(`CREATE TABLE item (id int PRIMARY KEY, name text); INSERT INTO item VALUES (1, 'a'); GRANT ALL ON item TO web, boss;
    INSERT INTO gqlsvl.document (id, query, roles) VALUES ('items', $$${list}$$, NULL), ('add', $$${add}$$, NULL), ('live', $$${live}$$, NULL), ('count', '${bossOnly}', '{boss}')`);
});
after(() => cluster?.stop());

async function post(request, role = 'web', accept = 'application/json') {
  const answer = await fetch(cluster.url, { method: 'POST', headers: { 'content-type': 'application/json', accept, ...headers(role) }, body: JSON.stringify(request) });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text(), get json() { return JSON.parse(this.text); } };
}
const data = async (request, role) => (await post(request, role)).json.data;
const error = async (request, role) => (await post(request, role)).json.errors[0];
const get = async (values) => {
  const answer = await fetch(`${cluster.url}?${new URLSearchParams(values)}`, { headers: headers('web') });
  return answer.json();
};
const byHash = (text) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: sha256(text) } } });
const setAllowList = async (value) => {
  cluster.sql(`ALTER SYSTEM SET gqlsvl.allow_list = ${value}`);
  cluster.sql('SELECT pg_reload_conf()');
  for (const end = Date.now() + 30000; ; ) {
    const { errors } = await (await post({ query: '{ item { unlisted: id } }' })).json;
    if (Boolean(errors) === (value === 'on')) return;
    assert.ok(Date.now() < end, 'the setting takes effect');
  }
};

test('a document runs by its id and by its hash, with variables', async () => {
  assert.deepEqual(await data({ documentId: 'items' }), { item: [{ id: 1, name: 'a' }] });
  assert.deepEqual(await data({ documentId: `sha256:${sha256(list)}` }), { item: [{ id: 1, name: 'a' }] });
  assert.deepEqual(await data(byHash(list)), { item: [{ id: 1, name: 'a' }] });
  assert.deepEqual(await data({ documentId: 'add', variables: { id: 2 } }), { insert_item_one: { id: 2 } });
  assert.deepEqual((await get({ documentId: 'items' })).data.item.length, 2);
  assert.deepEqual((await get({ extensions: JSON.stringify(byHash(list).extensions) })).data.item.length, 2);
});

test('what is wrong with a reference is said', async () => {
  const unknown = { message: 'PersistedQueryNotFound', extensions: { path: '$', code: 'PERSISTED_QUERY_NOT_FOUND' } };
  assert.deepEqual(await error({ documentId: 'nothing' }), unknown);
  assert.deepEqual(await error(byHash('{ item { id } }')), unknown);
  assert.deepEqual(await error({ documentId: 'count' }), unknown, 'it is for another role');
  assert.deepEqual(await data({ documentId: 'count' }, 'boss'), { item_aggregate: { aggregate: { count: 2 } } });
  assert.equal((await error({ query: '{ item { id } }', ...byHash(list) })).message, 'provided sha does not match query');
  assert.deepEqual(await data({ query: '{ item { id } }', ...byHash('{ item { id } }') }), { item: [{ id: 1 }, { id: 2 }] }, 'the right hash beside the query');
  assert.equal((await error({ query: list, documentId: 'items' })).extensions.code, 'parse-failed');
  assert.equal((await error({})).message, 'the member "query" is missing');
  assert.equal((await error({ documentId: 'live' })).extensions.code, 'unexpected-payload');
  const changed = await get({ documentId: 'add', variables: '{"id": 3}' });
  assert.equal(changed.errors[0].message, 'mutations are not possible in a read-only request', 'a URL changes nothing');
  assert.equal(cluster.sql('SELECT count(*) FROM item WHERE id = 3'), '0');
  assert.equal((await post({ documentId: 'nothing' }, 'web', 'application/graphql-response+json')).status, 400);
});

test('queries, mutations and subscriptions run by id over a WebSocket, and as a stream', async () => {
  const client = createClient({ url: cluster.wsUrl, webSocketImpl: WebSocket, connectionParams: { headers: headers('web') } });
  // The library insists on a query: an empty one stands for none.
  const states = (documentId) => client.iterate({ query: '', documentId });
  const first = async (documentId) => (await states(documentId).next()).value;
  assert.equal((await first('items')).data.item.length, 2);
  await assert.rejects(first('add'), (errors) => errors[0].message === 'expecting a value for non-nullable variable: "id"');
  await assert.rejects(first('nothing'), (errors) => errors[0].message === 'PersistedQueryNotFound');
  const live = states('live');
  assert.equal((await live.next()).value.data.item.length, 2);
  cluster.sql("INSERT INTO item VALUES (4, 'd')");
  assert.equal((await live.next()).value.data.item.length, 3);
  await live.return();
  await client.dispose();

  const answer = await fetch(cluster.url, { method: 'POST', headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers('web') }, body: JSON.stringify({ documentId: 'live' }) });
  const reader = answer.body.getReader();
  let text = '';
  while (!text.includes('"item"')) text += new TextDecoder().decode((await reader.read()).value);
  assert.match(text, /event: next\ndata: {"data":{"item":\[{"id":1},{"id":2},{"id":4}\]}}/);
  await reader.cancel();
});

test('the older protocol of WebSockets takes ids too', async () => {
  const client = new SubscriptionClient(cluster.wsUrl, { connectionParams: { headers: headers('web') } }, WebSocket);
  // The library insists on a query, so the message is written by itself.
  const states = [];
  const first = new Promise((resolve, reject) => {
    client.onConnected(() => {
      client.client.addEventListener('message', ({ data }) => {
        const message = JSON.parse(data);
        if (message.id !== 'own') return;
        states.push(message);
        if (message.type === 'data' || message.type === 'error') resolve(message);
      });
      client.client.send(JSON.stringify({ id: 'own', type: 'start', payload: { documentId: 'live' } }));
    });
    client.onError(reject);
  });
  assert.equal((await first).type, 'data');
  assert.deepEqual((await first).payload.data.item.map(({ id }) => id), [1, 2, 4]);
  client.close();
});

test('with the allow list only what is listed runs, however it is laid out; other roles and SQL are as they are told', async () => {
  await setAllowList('on');
  const refused = { message: 'query is not allowed', extensions: { path: '$', code: 'validation-failed' } };
  assert.deepEqual(await error({ query: '{ item { id } }' }), refused);
  assert.deepEqual(await error({ query: '{ item { i' }), refused, 'nothing is told of a document that is not listed');
  assert.deepEqual(await error({ query: '{ __schema { queryType { name } } }' }), refused);
  assert.deepEqual(await error({ query: bossOnly }), refused);
  assert.equal((await data({ query: bossOnly }, 'boss')).item_aggregate.aggregate.count, 3);
  assert.equal((await data({ query: list })).item.length, 3);
  assert.equal((await data({ query: 'query Items {\n  item(order_by: {id: asc}) {\n    id\n    name\n    __typename\n  }\n}' })).item[0].__typename, 'item');
  assert.equal((await data({ documentId: 'items' })).item.length, 3);
  const client = createClient({ url: cluster.wsUrl, webSocketImpl: WebSocket, connectionParams: { headers: headers('web') } });
  const first = async (query) => (await client.iterate({ query }).next()).value;
  await assert.rejects(first('{ item { id } }'), (errors) => errors[0].message === 'query is not allowed');
  await assert.rejects(first('subscription { item { id } }'), (errors) => errors[0].message === 'query is not allowed');
  assert.equal((await first(live)).data.item.length, 3);
  await client.dispose();
  assert.match(cluster.sql("SELECT gqlsvl.resolve('{ item { other: id } }')"), /"other"/);
  cluster.sql('ALTER ROLE boss SET gqlsvl.allow_list = off');
  assert.equal((await data({ query: '{ item { free: id } }' }, 'boss')).item.length, 3);
  cluster.sql("DELETE FROM gqlsvl.document WHERE id = 'items'");
  assert.deepEqual(await error({ query: list }), refused, 'at the next request');
  cluster.sql(`INSERT INTO gqlsvl.document (id, query) VALUES ('items', $$${list}$$)`);
  await setAllowList('off');
});

test('Apollo: a query that is stored is sent by its hash only; another one is sent again in full', async () => {
  const sent = [];
  const spy = async (url, options) => {
    sent.push(JSON.parse(options.body));
    return fetch(url, options);
  };
  // Apollo adds __typename and prints: the hash is of that text.
  const link = ApolloLink.from([persisted.createPersistedQueryLink({ sha256 }), new HttpLink({ uri: cluster.url, headers: headers('web'), fetch: spy })]);
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const unknown = await client.query({ query: gql('query Once { item(order_by: {id: asc}) { id } }') });
  assert.equal(unknown.data.item.length, 3);
  assert.deepEqual(sent.map((request) => Boolean(request.query)), [false, true]);
  cluster.sql(`INSERT INTO gqlsvl.document (query) VALUES ($$${sent[1].query}$$)`);
  sent.length = 0;
  await client.query({ query: gql('query Once { item(order_by: {id: asc}) { id } }'), fetchPolicy: 'network-only' });
  assert.deepEqual(sent.map((request) => Boolean(request.query)), [false]);
  client.stop();
});
