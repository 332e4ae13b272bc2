// The gate lets through what the owner of the key signed, and nothing else.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { spawn } from 'node:child_process';
import aws4 from 'aws4';

const KEY = { accessKeyId: 'AKIDTEST', secretAccessKey: 'right' };
const gate = {};
let runtime;

before(async () => {
  runtime = http.createServer((request, response) => response.end(JSON.stringify({ path: request.url })));
  await new Promise((listening) => runtime.listen(0, '127.0.0.1', listening));
  gate.process = spawn(process.execPath, ['gate.mjs'], { cwd: new URL('..', import.meta.url), stdio: ['ignore', 'pipe', 'inherit'], env: {
    ...process.env, GATE_PORT: '0', RUNTIME_URL: `http://127.0.0.1:${runtime.address().port}`, AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: KEY.accessKeyId, AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey } });
  const [line] = await new Promise((started) => gate.process.stdout.once('data', (data) => started(String(data).split('\n'))));
  gate.host = `127.0.0.1:${JSON.parse(line).listening}`;
});
after(() => { gate.process.kill(); runtime.close(); });

function signed(change = {}, key = KEY) {
  return aws4.sign({ host: gate.host, method: 'POST', path: '/2015-03-31/functions/payment/invocations', service: 'lambda', region: 'eu-west-1',
    headers: { 'content-type': 'application/json' }, body: '{"id":1}', ...change }, key);
}
async function send({ method, path, headers, body }) {
  const { Host, host, ...rest } = headers;
  const answer = await fetch(`http://${gate.host}${path}`, { method, headers: rest, body });
  return { status: answer.status, error: answer.headers.get('x-amzn-errortype'), body: await answer.text() };
}

test('a right signature reaches the function', async () => {
  assert.deepEqual(await send(signed()), { status: 200, error: null, body: '{"path":"/2015-03-31/functions/payment/invocations"}' });
});
test('an ARN with a qualifier, percent-encoded, names the function', async () => {
  const arn = encodeURIComponent('arn:aws:lambda:eu-west-1:123456789012:function:agent:live');
  assert.equal((await send(signed({ path: `/2015-03-31/functions/${arn}/invocations` }))).body, '{"path":"/2015-03-31/functions/agent/invocations"}');
});
test('a wrong secret key is refused', async () => {
  const answer = await send(signed({}, { ...KEY, secretAccessKey: 'wrong' }));
  assert.deepEqual([answer.status, answer.error], [403, 'InvalidSignatureException']);
});
test('an unknown access key is refused', async () => {
  assert.equal((await send(signed({}, { ...KEY, accessKeyId: 'AKIDOTHER' }))).error, 'UnrecognizedClientException');
});
test('a body changed after signing is refused', async () => {
  assert.equal((await send({ ...signed(), body: '{"id":2}' })).status, 403);
});
test('a path changed after signing is refused', async () => {
  assert.equal((await send({ ...signed(), path: '/2015-03-31/functions/agent/invocations' })).status, 403);
});
test('a signature of an hour ago is refused', async () => {
  const then = new Date(Date.now() - 3_600_000).toISOString().replace(/[-:]|\.\d+/g, '');
  assert.equal((await send(signed({ headers: { 'content-type': 'application/json', 'X-Amz-Date': then } }))).status, 403);
});
test('no signature is refused', async () => {
  assert.equal((await send({ ...signed(), headers: {} })).error, 'MissingAuthenticationTokenException');
});
test('a function switched off answers 429 until it is switched on', async () => {
  const path = '/2017-10-31/functions/payment/concurrency';
  assert.equal((await send(signed({ method: 'PUT', path, body: '{"ReservedConcurrentExecutions":0}' }))).status, 200);
  assert.deepEqual((await send(signed())).status, 429);
  assert.equal((await send(signed({ path: '/2015-03-31/functions/agent/invocations' }))).status, 200);
  assert.equal((await send(signed({ method: 'DELETE', path, body: undefined, headers: {} }))).status, 204);
  assert.equal((await send(signed())).status, 200);
});
