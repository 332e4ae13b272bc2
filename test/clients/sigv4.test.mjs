// Two signers that others wrote sign gqlsvl's Lambda requests again and reach the same signature: names, aliases, ARNs, tokens, endpoints.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import aws4 from 'aws4';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'gqlsvl-sigv4-'));
const driver = join(folder, 'driver');
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const now = 1440938160;

before(() => {
  const sources = ['src/outbound/target.cpp', 'src/outbound/digest.cpp', 'src/outbound/sigv4.cpp', 'src/outbound/lambda.cpp'].map((file) => join(root, file));
  execFileSync('c++', ['-std=c++20', '-O1', `-I${join(root, 'src')}`, '-o', driver, join(here, 'sigv4_driver.cpp'), ...sources, '-lcrypto'],
    { stdio: 'inherit' });
});
after(() => rmSync(folder, { recursive: true, force: true }));

function sent({ webhook, region = 'eu-west-1', endpoint = '', token = '', type = 'RequestResponse', body = '{"id":1}', headers: more = {} }) {
  const extra = Object.entries(more).map(([name, value]) => `${name}: ${value}`);
  const input = [webhook, region, endpoint, keys.accessKeyId, keys.secretAccessKey, token, type, body, now, ...extra].join('\t') + '\n';
  const [url, sentBody, ...lines] = execFileSync(driver, { input, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }).trimEnd().split('\t');
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]));
  return { url: new URL(url), body: sentBody, headers };
}

const scopeOf = (authorization) => /Credential=[^/]+\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/.exec(authorization);
const signatureOf = (authorization) => /Signature=([0-9a-f]{64})$/.exec(authorization)[1];

function unsigned(headers) {
  const { authorization, ...rest } = headers;
  return rest;
}

async function signedBySmithy({ url, body, headers }, token) {
  const [, region, service] = scopeOf(headers.authorization);
  const { 'x-amz-date': date, 'x-amz-security-token': sentToken, ...rest } = unsigned(headers);
  const signer = new SignatureV4({ service, region, sha256: Sha256, applyChecksum: false,
    credentials: { ...keys, sessionToken: token || undefined } });
  const request = { method: 'POST', protocol: url.protocol, hostname: url.hostname, path: url.pathname, body, headers: rest,
    query: Object.fromEntries(url.searchParams) };
  const { headers: result } = await signer.sign(request, { signingDate: new Date(now * 1000) });
  return signatureOf(result.authorization);
}

function signedByAws4({ url, body, headers }, token) {
  const [, region, service] = scopeOf(headers.authorization);
  const { 'x-amz-security-token': sentToken, ...rest } = unsigned(headers);
  const request = { method: 'POST', path: url.pathname + url.search, service, region, body, headers: rest,
    extraHeadersToIgnore: { 'content-length': true } }; // which aws4 adds by itself
  return signatureOf(new aws4.RequestSigner(request, { ...keys, sessionToken: token || undefined }).sign().headers.Authorization);
}

const arn = 'arn:aws:lambda:eu-central-1:123456789012:function:order_paid';
const cases = {
  'a bare name': { webhook: 'lambda:order-paid' },
  'a name with an alias': { webhook: 'lambda:order-paid:live' },
  'a name with $LATEST': { webhook: 'lambda:order-paid:$LATEST' },
  'an ARN': { webhook: arn },
  'an ARN with a version': { webhook: `${arn}:42` },
  'an ARN with $LATEST': { webhook: `${arn}:$LATEST` },
  'China': { webhook: 'arn:aws-cn:lambda:cn-north-1:123456789012:function:f' },
  'GovCloud': { webhook: 'arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f' },
  'a session token': { webhook: arn, token: 'IQoJb3JpZ2luX2VjE+/==' },
  'an asynchronous invocation': { webhook: arn, type: 'Event' },
  'another endpoint with a port': { webhook: 'lambda:f:live', endpoint: 'http://127.0.0.1:9001' },
  'another endpoint with a path': { webhook: `${arn}:live`, endpoint: 'http://127.0.0.1:9001/a%20b/stage' },
  'an empty body': { webhook: 'lambda:f', body: '' },
  'an alias with letters, digits, - and _': { webhook: `${arn}:Blue-2_x` },
  'the longest name': { webhook: `lambda:${'n'.repeat(64)}:7` },
  'a long session token with an ARN and a version': { webhook: `${arn}:42`, token: `${'Fwo+/='.repeat(300)}` },
  'a client context and headers of the trigger': { webhook: arn, headers: { 'X-Amz-Client-Context': 'e30=', 'X-Shop': 'a  b   c', 'x-empty': '' } },
  'a header of many scripts': { webhook: 'lambda:f', headers: { 'x-name': 'Zoë' } },
  'a body of one emoji and a NUL escape': { webhook: 'lambda:f', body: '"\\u0000🚀"' },
  'a large body': { webhook: 'lambda:f', body: JSON.stringify({ text: 'ü'.repeat(1000000) }) },
  'a body of many scripts': { webhook: 'lambda:f', body: '{"name":"Zoë 漢字 🚀"}' },
};

for (const [name, input] of Object.entries(cases)) {
  test(`the signature holds for ${name}`, async () => {
    const request = sent(input);
    const own = signatureOf(request.headers.authorization);
    assert.equal(await signedBySmithy(request, input.token), own, '@smithy/signature-v4');
    assert.equal(signedByAws4(request, input.token), own, 'aws4');
  });
}

test('a changed byte of the body changes the signature', async () => {
  const request = sent({ webhook: arn });
  request.body += ' ';
  assert.notEqual(await signedBySmithy(request), signatureOf(request.headers.authorization));
});

test('a secret is never part of what is sent', () => {
  assert.ok(!JSON.stringify(sent({ webhook: arn })).includes(keys.secretAccessKey));
});
