// The GraphQL clients apps are written with, Apollo Client and urql, as their documentation sets them up: queries, mutations, errors and a
// subscription through graphql-ws, as an ordinary role.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import apollo from '@apollo/client/core/core.cjs';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions/subscriptions.cjs';
import { Client, cacheExchange, fetchExchange, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { start, token, until } from '../lib/cluster.mjs';

const { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql, split } = apollo;
let cluster;
const opened = [];
before(async () => {
  cluster = await start();
  cluster.sql(`CREATE TABLE dish (id int PRIMARY KEY, name text NOT NULL CHECK (name <> 'poison'), price numeric NOT NULL);
    GRANT SELECT, INSERT, UPDATE ON dish TO web; INSERT INTO dish VALUES (1, 'soup', 4.50)`);
});
after(() => {
  opened.forEach((one) => one.dispose());
  cluster?.stop();
});

const authorization = { Authorization: `Bearer ${token({ role: 'web' })}` };
function socket() {
  const client = createClient({ url: cluster.wsUrl, webSocketImpl: WebSocket, connectionParams: { headers: authorization } });
  opened.push(client);
  return client;
}
const dishes = 'query Dishes($least: numeric) { dish(where: {price: {_gte: $least}}, order_by: {id: asc}) { id name } }';
const add = 'mutation Add($dish: dish_insert_input!) { insert_dish_one(object: $dish) { id name } }';
const watch = 'subscription { dish(order_by: {id: asc}) { name } }';
const names = (data) => data.dish.map((d) => d.name).join();

test('Apollo Client: query, mutation, errors of both kinds, subscription', async () => {
  const http = new HttpLink({ uri: cluster.url, headers: authorization });
  const link = split(({ query }) => query.definitions.some((d) => d.operation === 'subscription'), new GraphQLWsLink(socket()), ApolloLink.from([http]));
  const client = new ApolloClient({ link, cache: new InMemoryCache(), defaultOptions: { query: { fetchPolicy: 'no-cache' } } });
  const states = [];
  const watched = client.subscribe({ query: gql(watch) }).subscribe({ next: ({ data }) => states.push(names(data)) });
  await until('the first state', () => states.at(-1) === 'soup');
  const { data } = await client.mutate({ mutation: gql(add), variables: { dish: { id: 2, name: 'bread', price: 2 } } });
  assert.equal(data.insert_dish_one.__typename, 'dish');
  await until('the pushed state', () => states.at(-1) === 'soup,bread');
  assert.equal(names((await client.query({ query: gql(dishes), variables: { least: 3 } })).data), 'soup');
  await assert.rejects(client.mutate({ mutation: gql(add), variables: { dish: { id: 3, name: 'poison', price: 1 } } }), (error) => {
    assert.match(error.graphQLErrors[0].message, /check constraint/i);
    assert.equal(error.graphQLErrors[0].extensions.code, 'permission-error');
    return true;
  });
  await assert.rejects(client.query({ query: gql('{ nowhere { id } }') }), (error) => error.graphQLErrors[0].extensions.code === 'validation-failed');
  assert.deepEqual(states, ['soup', 'soup,bread']);
  watched.unsubscribe();
  client.stop();
});

test('urql: query, mutation, errors, subscription', async () => {
  cluster.sql('DELETE FROM dish WHERE id > 1');
  const ws = socket();
  const client = new Client({
    url: cluster.url, fetchOptions: { headers: authorization }, requestPolicy: 'network-only', preferGetMethod: false,
    exchanges: [cacheExchange, fetchExchange, subscriptionExchange({
      forwardSubscription: (operation) => ({ subscribe: (sink) => ({ unsubscribe: ws.subscribe({ ...operation, query: operation.query ?? '' }, sink) }) }),
    })],
  });
  const states = [];
  const watched = client.subscription(watch, {}).subscribe(({ data }) => states.push(names(data)));
  await until('the first state', () => states.at(-1) === 'soup');
  assert.ifError((await client.mutation(add, { dish: { id: 2, name: 'bread', price: 2 } }).toPromise()).error);
  await until('the pushed state', () => states.at(-1) === 'soup,bread');
  assert.equal(names((await client.query(dishes, { least: 3 }).toPromise()).data), 'soup');
  const { error } = await client.mutation(add, { dish: { id: 3, name: 'poison', price: 1 } }).toPromise();
  assert.equal(error.graphQLErrors[0].extensions.code, 'permission-error');
  assert.match((await client.query('{ nowhere { id } }', {}).toPromise()).error.graphQLErrors[0].message, /nowhere/);
  watched.unsubscribe();
});

test('graphql-ws: queries and mutations over the socket, in order, and errors as error messages', async () => {
  const client = socket();
  const run = (query, variables) => new Promise((resolve, reject) => {
    const got = [];
    client.subscribe({ query, variables }, { next: (result) => got.push(result), error: reject, complete: () => resolve(got) });
  });
  assert.deepEqual(await run(add, { dish: { id: 7, name: 'tea', price: 1 } }), [{ data: { insert_dish_one: { id: 7, name: 'tea' } } }]);
  assert.equal(cluster.sql('SELECT name FROM dish WHERE id = 7'), 'tea');
  assert.equal((await run(dishes, { least: 0 }))[0].data.dish.length, 3);
  await assert.rejects(run(add, { dish: { id: 7, name: 'tea', price: 1 } }), (errors) => errors[0].extensions.code === 'constraint-violation');
  await assert.rejects(run('mutation { nowhere }'), (errors) => /nowhere/.test(errors[0].message));
});
