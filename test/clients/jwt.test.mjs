// Tokens signed by Node's own crypto, with every kind of key and every way to say where the claims are: the setting changes by reload.
// Dialect: D10-access
import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync, sign as signWith } from 'node:crypto';
import { after, before, test } from 'node:test';
import { start, token, until } from '../lib/cluster.mjs';

let cluster;
before(async () => {
  cluster = await start();
  cluster.sql("CREATE FUNCTION whoami() RETURNS text STABLE LANGUAGE sql AS $$SELECT current_user || ' ' || current_setting('hasura.user')$$; CREATE VIEW me AS SELECT whoami() AS name; GRANT SELECT ON me TO web");
});
after(() => cluster?.stop());

const base64url = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
function signed(alg, privateKey, claims, header = {}) {
  const text = `${base64url({ alg, ...header })}.${base64url(claims)}`, hash = `sha${alg.slice(2)}`;
  const signature = alg === 'EdDSA' ? signWith(null, Buffer.from(text), privateKey)
    : createSign(hash).update(text).sign({ key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${text}.${signature.toString('base64url')}`;
}
async function ask(headers) {
  const answer = await fetch(cluster.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: '{"query":"{ me { name } }"}' });
  const { data, errors } = await answer.json();
  return data ? data.me[0].name : errors[0].message;
}
const bearer = (jwt) => ({ authorization: `Bearer ${jwt}` });
// Sets the key, and waits until a token that it made is taken.
async function configure(setting, headers, wanted = /^web /) {
  cluster.sql(`ALTER SYSTEM SET gqlsvl.jwt_secret = '${JSON.stringify(setting).replaceAll("'", "''")}'`);
  cluster.sql('SELECT pg_reload_conf()');
  let last;
  await until(`a token for ${JSON.stringify(setting).slice(0, 60)}`, async () => wanted.test(last = await ask(headers))).catch((error) => { throw new Error(`${error.message}: ${last}`); });
}

const kinds = { RS256: ['rsa', { modulusLength: 2048 }], RS512: ['rsa', { modulusLength: 2048 }], ES256: ['ec', { namedCurve: 'P-256' }],
  ES384: ['ec', { namedCurve: 'P-384' }], ES512: ['ec', { namedCurve: 'P-521' }], EdDSA: ['ed25519', {}] };

test('RSA, elliptic curves and Ed25519, as PEM and as JWK; a forged signature is refused', async () => {
  for (const [alg, [type, options]] of Object.entries(kinds)) {
    const { publicKey, privateKey } = generateKeyPairSync(type, options), other = generateKeyPairSync(type, options);
    const good = signed(alg, privateKey, { role: 'web' }), forged = signed(alg, other.privateKey, { role: 'web' });
    for (const setting of [{ type: alg, key: publicKey.export({ type: 'spki', format: 'pem' }) }, { ...publicKey.export({ format: 'jwk' }), alg }]) {
      await configure(setting, bearer(good));
      assert.match(await ask(bearer(forged)), /JWSInvalidSignature/, alg);
      assert.match(await ask(bearer(token({ role: 'web' }))), /Could not verify JWT/, `an HMAC token for ${alg}`);
    }
  }
});

test('of a set of keys the one that the token names counts', async () => {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' }), other = generateKeyPairSync('ed25519');
  const keys = [{ ...pair.publicKey.export({ format: 'jwk' }), kid: 'new' }, { ...other.publicKey.export({ format: 'jwk' }), kid: 'old' }];
  await configure({ keys }, bearer(signed('ES256', pair.privateKey, { role: 'web' }, { kid: 'new' })));
  assert.match(await ask(bearer(signed('EdDSA', other.privateKey, { role: 'web' }, { kid: 'old' }))), /^web /);
  assert.match(await ask(bearer(signed('ES256', pair.privateKey, { role: 'web' }, { kid: 'old' }))), /JWSNoValidKey/);
});

test('claims at a path, by a map, as text, and tokens in a cookie or a header', async () => {
  const key = 'another key for tests of at least 32 bytes', type = 'HS256';
  const claims = { 'x-hasura-default-role': 'web', 'x-hasura-allowed-roles': ['web'], 'x-hasura-user-id': '7' };
  const hs256 = (payload) => token(payload, { key });
  const user7 = /^web .*"x-hasura-user-id": ?"7"/;
  await configure({ type, key, claims_namespace_path: '$.app.hasura' }, bearer(hs256({ app: { hasura: claims } })), user7);
  await configure({ type, key, claims_format: 'stringified_json' }, bearer(hs256({ 'https://hasura.io/jwt/claims': JSON.stringify(claims) })), user7);
  await configure({ type, key, claims_map: { 'x-hasura-allowed-roles': ['web'], 'x-hasura-default-role': { path: '$.r', default: 'web' }, 'x-hasura-user-id': { path: '$.sub' } } },
    bearer(hs256({ sub: '7' })), user7);
  await configure({ type, key, header: { type: 'Cookie', name: 'session' } }, { cookie: `a=b; session=${hs256({ role: 'web' })}` });
  await configure({ type, key, header: { type: 'CustomHeader', name: 'X-Session-Token' } }, { 'x-session-token': hs256({ role: 'web' }) });
  await configure({ type, key, audience: 'shop', issuer: 'us', allowed_skew: 60 }, bearer(hs256({ role: 'web', aud: ['shop'], iss: 'us', exp: Math.floor(Date.now() / 1000) - 5 })));
  assert.match(await ask(bearer(hs256({ role: 'web', aud: 'bank', iss: 'us' }))), /JWTNotInAudience/);
});

test('a setting that is wrong lets nobody in and says why, never with the key', async () => {
  cluster.sql(`ALTER SYSTEM SET gqlsvl.jwt_secret = '{"type": "HS256", "jwk_url": "https://x", "key": "a very secret key of at least 32 bytes"}'`);
  cluster.sql('SELECT pg_reload_conf()');
  await until('the port says so', async () => (await fetch(new URL('/healthz', cluster.url))).status === 503);
  assert.match(cluster.log(), /The member "jwk_url" is not supported/);
  assert.ok(!cluster.log().includes('very secret'));
});
