// Clients that misbehave: each is answered or dropped, the others are served meanwhile, and no process of the cluster restarts.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { adminSecret, start, token, until } from '../lib/cluster.mjs';
import { open, request } from '../lib/raw_http.mjs';

let cluster, pids;
const connections = [];
before(async () => {
  cluster = await start("gqlsvl.max_request_size = '64kB'");
  cluster.sql("CREATE FUNCTION whoami() RETURNS text STABLE LANGUAGE sql AS $$SELECT current_setting('hasura.user')$$; CREATE VIEW me AS SELECT whoami() AS hasura_user; GRANT SELECT ON me TO boss");
  await until('all workers run', () => cluster.sql("SELECT count(*) >= 4 FROM gqlsvl.stat_worker WHERE pid > 0") === 't');
  pids = cluster.pids();
});
after(() => {
  connections.forEach((one) => one.destroy());
  if (!cluster) return;
  try {
    assert.equal(cluster.pids(), pids, 'no process was restarted');
  } finally { cluster.stop(); }
});

const path = '/v1/graphql', json = { 'Content-Type': 'application/json' }, admin = { 'x-hasura-admin-secret': adminSecret };
const body = JSON.stringify({ query: '{ __typename }' });
const typename = '{"data":{"__typename":"query_root"}}';
function connect() {
  const one = open(cluster.listenPort);
  connections.push(one);
  return one;
}
async function others_are_served() {
  const answer = await fetch(cluster.url, { method: 'POST', headers: { ...json, ...admin }, body });
  assert.equal(await answer.text(), typename);
}
const chunked = (...parts) => `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join('')}0\r\n\r\n`;

test('a body in chunks is read, in whatever pieces it comes, and the connection goes on', async () => {
  const head = request('POST', path, { ...json, ...admin, 'Transfer-Encoding': 'chunked' });
  const whole = connect().write(head + chunked(body.slice(0, 5), body.slice(5)) + request('GET', '/v1/version'));
  assert.equal((await whole.answer()).body, typename);
  assert.match((await whole.answer(1)).body, /"version"/);
  const slow = connect();
  for (const byte of head + chunked(body)) slow.write(byte);
  assert.equal((await slow.answer()).body, typename);
  const streamed = await fetch(cluster.url, { method: 'POST', headers: { ...json, ...admin }, duplex: 'half', body: new Blob([body]).stream() });
  assert.equal(await streamed.text(), typename, 'as fetch sends a stream');
});

test('chunks that are wrong, too large, or beside a length are a clear error', async () => {
  const send = async (headers, text) => (await connect().write(request('POST', path, { ...json, ...admin, ...headers }) + text).answer());
  const wrong = await send({ 'Transfer-Encoding': 'chunked' }, 'zz\r\n');
  assert.equal(wrong.status, 400);
  assert.match(wrong.body, /not chunked as announced/);
  const large = await send({ 'Transfer-Encoding': 'chunked' }, chunked('x'.repeat(50000), 'x'.repeat(50000)));
  assert.equal(large.status, 413);
  assert.match(large.body, /gqlsvl\.max_request_size/);
  const both = await send({ 'Transfer-Encoding': 'chunked', 'Content-Length': 5 }, chunked(body));
  assert.equal(both.status, 400);
  assert.match(both.body, /not both/);
  assert.equal((await send({ 'Transfer-Encoding': 'gzip' }, 'x')).status, 501);
});

test('requests in one piece are answered in order', async () => {
  const numbered = (n) => request('POST', path, { ...json, ...admin, 'x-request-id': n }, body);
  const one = connect().write(numbered(1) + request('GET', '/v1/version') + numbered(2) + request('GET', '/nowhere') + numbered(3));
  await one.answer(4);
  assert.deepEqual(one.answers().map((a) => [a.status, a.headers['x-request-id']]), [[200, '1'], [200, undefined], [200, '2'], [404, undefined], [200, '3']]);
});

test('what is sent ahead of an answer waits without work', async () => {
  cluster.sql('CREATE VIEW nap AS SELECT pg_sleep(2)::text AS slept; GRANT SELECT ON nap TO boss');
  const listener = cluster.sql("SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'listener' AND pid > 0");
  const ticks = () => readFileSync(`/proc/${listener}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13).reduce((a, b) => a + Number(b), 0);
  const nap = request('POST', path, { ...json, ...admin }, JSON.stringify({ query: '{ nap { slept } }' }));
  const before = ticks();
  const one = connect().write(nap + request('POST', path, { ...json, ...admin }, body) + request('POST', path, { ...json, ...admin, 'Transfer-Encoding': 'chunked' }) + chunked(body));
  await one.answer(2);
  assert.deepEqual(one.answers().map((a) => a.status), [200, 200, 200]);
  assert.ok(ticks() - before < 50, `in the 2 s of the nap the listener used ${(ticks() - before) * 10} ms of CPU`);
});

test('methods that a path does not take are named, HEAD has no body', async () => {
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    const answer = await connect().write(request(method, path)).answer();
    assert.equal(answer.status, 405, method);
    assert.match(answer.body, new RegExp(`does not take ${method}`));
  }
  const head = connect();
  head.isHead = true;
  head.write(request('HEAD', '/healthz') + request('HEAD', '/healthz'));
  assert.equal((await head.answer(1)).status, 200);
  assert.equal((await connect().write(request('BREW', path)).answer()).status, 405);
});

test('a head that is rubbish, too large or unfinished holds up nobody', async () => {
  const dropped = [connect().write('\0\xff\r\n\r\n'), connect().write(`GET /${'x'.repeat(100000)} HTTP/1.1\r\n\r\n`),
    connect().write(`GET / HTTP/1.1\r\n${'a: b\r\n'.repeat(20000)}\r\n`)];
  const silent = Array.from({ length: 100 }, () => connect());
  const dawdling = Array.from({ length: 200 }, () => connect().write('POST /v1/graphql HTTP/1.1\r\nHost: x\r\nA: '));
  await Promise.all([...silent, ...dawdling].map((one) => until('connected', () => one.socket.readyState === 'open')));
  await others_are_served();
  const dripping = setInterval(() => dawdling.forEach((one) => one.write('x')), 500);
  try {
    for (const one of dropped) await one.ended();
    await Promise.all(dawdling.map((one) => one.ended(60)));
  } finally { clearInterval(dripping); }
  await others_are_served();
});

test('all x-hasura headers are session variables with the admin secret, none without', async () => {
  const ask = JSON.stringify({ query: '{ me { hasura_user } }' });
  const strange = { 'X-Hasura-User-Id': '7', 'x-hasura-anything-else': 'a: x-hasura-fake: 1', 'X-Hasura-Empty': '' };
  const one = connect().write(request('POST', path, { ...json, ...strange, ...admin }, ask));
  const variables = async (n) => JSON.parse(JSON.parse((await one.answer(n)).body).data.me[0].hasura_user);
  assert.deepEqual(await variables(0), { 'x-hasura-role': 'boss', 'x-hasura-user-id': '7', 'x-hasura-anything-else': 'a: x-hasura-fake: 1', 'x-hasura-empty': '' });
  one.write(request('POST', path, { ...json, ...admin }, ask));
  assert.deepEqual(await variables(1), { 'x-hasura-role': 'boss' }, 'those of the request before are gone');
  one.write(request('POST', path, { ...json, 'X-Hasura-User-Id': '8', Authorization: `Bearer ${token({ role: 'boss' })}` }, ask));
  assert.deepEqual(await variables(2), { 'x-hasura-role': 'boss' }, 'with a token they are not believed');
});

test('a client that leaves before its answer leaves nothing behind', async () => {
  for (let i = 0; i < 50; ++i) {
    const one = connect().write(request('POST', path, { ...json, ...admin }, body));
    one.destroy();
  }
  await others_are_served();
});
