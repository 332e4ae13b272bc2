// The library that receivers use (npm: standardwebhooks) accepts what gqlsvl signs, and nothing else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Webhook } from 'standardwebhooks';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'gqlsvl-signature-'));
const driver = join(folder, 'driver');
const secret = () => `whsec_${randomBytes(32).toString('base64')}`;
const now = () => Math.floor(Date.now() / 1000);

before(() => {
  const sources = ['src/outbound/webhook_signature.cpp', 'src/outbound/digest.cpp'].map((file) => join(root, file));
  execFileSync('c++', ['-std=c++20', '-O1', `-I${join(root, 'src')}`, '-o', driver, join(here, 'signature_driver.cpp'), ...sources, '-lcrypto'],
    { stdio: 'inherit' });
});
after(() => rmSync(folder, { recursive: true, force: true }));

function sign(secrets, body, { id = '00000000-0001-8000-8000-000000000011', time = now() } = {}) {
  const line = execFileSync(driver, { input: [secrets, id, time, body].join('\t') + '\n', encoding: 'utf8' });
  return Object.fromEntries(line.trimEnd().split('\t').map((header) => header.split(': ')));
}

for (const [name, body] of Object.entries({ 'an event': '{"id":"x","event":{"op":"INSERT"}}', 'many scripts': '{"name":"Zoë 漢字 🚀"}', 'an empty object': '{}' }))
  test(`a receiver accepts ${name}`, () => {
    const key = secret();
    assert.deepEqual(new Webhook(key).verify(body, sign(key, body)), JSON.parse(body));
  });

test('keys of 24 and of 64 bytes', () => {
  for (const bytes of [24, 25, 26, 64]) {
    const key = `whsec_${randomBytes(bytes).toString('base64')}`;
    new Webhook(key).verify('{}', sign(key, '{}'));
  }
});

test('while the secret changes over, receivers with the old and with the new one accept; others do not', () => {
  const [older, newer] = [secret(), secret()];
  const headers = sign(`${newer} ${older}`, '{}');
  new Webhook(older).verify('{}', headers);
  new Webhook(newer).verify('{}', headers);
  assert.throws(() => new Webhook(secret()).verify('{}', headers), /No matching signature/);
});

test('a changed body, id or time is refused, and an old attempt too', () => {
  const key = secret();
  const receiver = new Webhook(key);
  const headers = sign(key, '{}');
  assert.throws(() => receiver.verify('{ }', headers), /No matching signature/);
  assert.throws(() => receiver.verify('{}', { ...headers, 'webhook-id': 'other' }), /No matching signature/);
  assert.throws(() => receiver.verify('{}', { ...headers, 'webhook-timestamp': String(now() + 1) }), /No matching signature/);
  assert.throws(() => receiver.verify('{}', sign(key, '{}', { time: now() - 3600 })), /too old/);
});
