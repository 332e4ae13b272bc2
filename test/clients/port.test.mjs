// The port: every bad input gets a clear error, and no process of the cluster restarts for it.
// Dialect: D9-body D10-subscription D10-body D10-access
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { adminSecret, start, token, until } from '../lib/cluster.mjs';

let cluster, pids;
before(async () => {
  cluster = await start("gqlsvl.cors_origins = 'https://shop.example'", "gqlsvl.max_request_size = '64kB'");
  cluster.sql('CREATE TABLE thing (id int PRIMARY KEY); GRANT SELECT ON thing TO boss');
  await until('all workers run', () => cluster.sql("SELECT count(*) >= 4 FROM gqlsvl.stat_worker WHERE pid > 0") === 't');
  pids = cluster.pids();
});
after(() => {
  if (!cluster) return;
  try {
    assert.equal(cluster.pids(), pids, 'no process was restarted');
  } finally { cluster.stop(); }
});

const at = (path) => new URL(path, cluster.url);
async function post(body, headers = {}) {
  const answer = await fetch(cluster.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body });
  return { status: answer.status, headers: answer.headers, json: await answer.json() };
}
const query = JSON.stringify({ query: '{ __typename }' });
const error = ({ json }) => ({ code: json.errors[0].extensions.code, message: json.errors[0].message, hint: json.errors[0].extensions.hint });

test('a request without credentials is refused with 401', async () => {
  const answer = await post(query);
  assert.equal(answer.status, 401);
  assert.equal(error(answer).code, 'access-denied');
});

test('a body that is not JSON is a clear error', async () => {
  const answer = await post('rubbish', { 'x-hasura-admin-secret': adminSecret });
  assert.equal(answer.status, 400);
  assert.match(error(answer).message, /not valid JSON \(at byte/);
});

test('a wrong content type, method, path and size each name what is wrong', async () => {
  assert.equal((await post(query, { 'content-type': 'text/plain' })).status, 415);
  const deleted = await fetch(cluster.url, { method: 'DELETE' });
  assert.equal(deleted.status, 405);
  assert.equal(deleted.headers.get('allow'), 'GET, POST, OPTIONS');
  const nowhere = await fetch(at('/v2/query'));
  assert.equal(nowhere.status, 404);
  assert.match((await nowhere.json()).errors[0].message, /\/v2\/query/);
  assert.equal((await post('x'.repeat(70000))).status, 413);
  for (const later of ['/metrics', '/console']) assert.equal((await fetch(at(later))).status, 501);
});

test('tokens that are expired, forged, unsigned or without the role are refused, each with its reason', async () => {
  const now = Math.floor(Date.now() / 1000);
  const refused = async (jwt, headers = {}) => error(await post(query, { authorization: `Bearer ${jwt}`, ...headers }));
  assert.deepEqual(await refused(token({ role: 'web', exp: now - 1 })), { code: 'invalid-jwt', message: 'Could not verify JWT: JWTExpired', hint: undefined });
  assert.match((await refused(token({ role: 'web' }, { key: 'another key of at least thirty-two bytes' }))).message, /JWSInvalidSignature/);
  assert.equal((await refused(`${token({ role: 'web' }, { header: { alg: 'none' } }).split('.').slice(0, 2).join('.')}.`)).code, 'invalid-jwt');
  assert.equal((await refused(token({}))).code, 'jwt-missing-role-claims');
  assert.equal((await refused(token({ role: 'web' }), { 'x-hasura-role': 'boss' })).code, 'access-denied');
  assert.equal((await refused('rubbish')).code, 'invalid-jwt');
});

test('a role that is not granted to the authenticator, or does not exist, is refused by the database side', async () => {
  cluster.sql('CREATE ROLE not_granted');
  for (const role of ['not_granted', 'does_not_exist', 'postgres']) {
    const answer = await post(query, { authorization: `Bearer ${token({ role })}` });
    assert.ok(answer.json.errors, `${role} was let in`);
  }
});

test('a wrong admin secret is refused, and the secret is in no log', async () => {
  assert.equal(error(await post(query, { 'x-hasura-admin-secret': 'wrong' })).code, 'access-denied');
  assert.ok(!cluster.log().includes(adminSecret));
});

test('a subscription over HTTP points to the WebSocket', async () => {
  const answer = await post(JSON.stringify({ query: 'subscription { a }' }), { 'x-hasura-admin-secret': adminSecret });
  assert.equal(answer.status, 200);
  assert.match(error(answer).message, /use websockets/);
});

test('/healthz says what check() says: names to all, messages to the admin, a failure only when asked to be strict', async () => {
  const health = async (search = '', headers = {}) => {
    const answer = await fetch(new URL(`/healthz${search}`, cluster.url), { headers });
    return { status: answer.status, body: await answer.json() };
  };
  await until('all is well', async () => (await health()).body.status === 'ok');
  cluster.sql('SELECT gqlsvl.adopt(deliver => false)');
  await until('the held delivery shows', async () => (await health()).body.checks?.includes('delivery'));
  assert.deepEqual(await health(), { status: 200, body: { status: 'warn', checks: ['delivery'] } });
  assert.equal((await health('?strict=true')).status, 503);
  const details = (await health('', { 'x-hasura-admin-secret': adminSecret })).body.details;
  assert.match(details[0].hint, /adopt/);
  cluster.sql('SELECT gqlsvl.adopt(deliver => true)');
  await until('all is well again', async () => (await health('?strict=true')).status === 200);
});

test('a query may come in the URL, a mutation may not', async () => {
  const get = async (args) => {
    const answer = await fetch(`${cluster.url}?${new URLSearchParams(args)}`, { headers: { 'x-hasura-admin-secret': adminSecret } });
    return { status: answer.status, text: await answer.text() };
  };
  const thing = { query: 'query T($w: thing_bool_exp) { thing(where: $w) { id } }', variables: JSON.stringify({ w: { id: { _in: [1] } } }), operationName: 'T' };
  assert.deepEqual(await get(thing), { status: 200, text: '{"data":{"thing":[]}}' });
  assert.equal((await get({ query: 'mutation { delete_thing(where: {}) { affected_rows } }' })).status, 405);
  assert.equal((await get({ query: '{ thing { id } }', variables: '{' })).status, 400);
});

test('the request id is echoed, and statuses follow GraphQL over HTTP when asked for', async () => {
  const answer = await post(query, { 'x-request-id': 'abc', accept: 'application/graphql-response+json', authorization: 'Bearer x' });
  assert.equal(answer.headers.get('x-request-id'), 'abc');
  assert.equal(answer.status, 401);
});

test('only allowed origins may call', async () => {
  const preflight = async (origin) => (await fetch(cluster.url, { method: 'OPTIONS', headers: { origin } })).headers.get('access-control-allow-origin');
  assert.equal(await preflight('https://shop.example'), 'https://shop.example');
  assert.equal(await preflight('https://evil.example'), null);
});

// Opens a socket, sends the frames, returns how it ended.
function converse(frames, { protocol = 'graphql-transport-ws', origin } = {}) {
  return new Promise((resolve) => {
    const socket = new WebSocket(cluster.wsUrl, protocol, { origin });
    socket.on('open', () => frames.forEach((frame) => socket.send(frame)));
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    socket.on('unexpected-response', (request, response) => { resolve({ status: response.statusCode }); request.destroy(); });
    socket.on('error', () => {});
  });
}
const init = (payload) => JSON.stringify({ type: 'connection_init', payload });
const admin = init({ headers: { 'x-hasura-admin-secret': adminSecret } });

test('frames of rubbish close the socket with the code of the protocol', async () => {
  for (const frame of ['rubbish', '', '[]', '{"type":"start"}', Buffer.from([0, 255])]) assert.equal((await converse([frame])).code, 4400);
  assert.equal((await converse(['{"type":"subscribe","id":"1","payload":{"query":"{a}"}}'])).code, 4401);
  assert.equal((await converse([admin, admin])).code, 4429);
  assert.equal((await converse(['x'.repeat(70000)])).code, 1009);
  const twice = '{"type":"subscribe","id":"1","payload":{"query":"subscription { thing { id } }"}}';
  assert.equal((await converse([admin, twice, twice])).code, 4409);
});

test('an init without valid credentials is forbidden, and silence ends after the time-out', async () => {
  assert.equal((await converse([init({})])).code, 4403);
  assert.match((await converse([init({ headers: { Authorization: 'Bearer x' } })])).reason, /Could not verify JWT/);
  assert.equal((await converse([])).code, 4408);
});

test('other sub-protocols and origins are refused', async () => {
  assert.equal((await converse([], { protocol: 'wamp' })).status, 400);
  assert.equal((await converse([], { origin: 'https://evil.example' })).status, 400);
});

test('a socket ends when its token does', async () => {
  const exp = Math.floor(Date.now() / 1000) + 2;
  const end = await converse([init({ headers: { Authorization: `Bearer ${token({ role: 'web', exp })}` } })]);
  assert.deepEqual(end, { code: 4403, reason: 'Could not verify JWT: JWTExpired' });
});
