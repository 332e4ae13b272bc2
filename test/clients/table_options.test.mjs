// What a role may ask at the port beyond its rights: settings of the role, and mutations that are kept for the back end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { buildClientSchema, getIntrospectionQuery, validateSchema } from 'graphql';
import { adminSecret, start, token, until } from '../lib/cluster.mjs';

let cluster;
before(async () => {
  cluster = await start();
  cluster.sql(`CREATE TABLE thing (id int PRIMARY KEY, size bigint); INSERT INTO thing SELECT n, n FROM generate_series(1, 9) AS n;
    CREATE ROLE other; GRANT other TO gqlsvl_authenticator; GRANT ALL ON thing TO web, other, boss;
    SELECT gqlsvl.set_table_option('thing', backend_only => true)`);
  await until('all workers run', () => cluster.sql("SELECT count(*) >= 4 FROM gqlsvl.stat_worker WHERE pid > 0") === 't');
});
after(() => cluster?.stop());

async function ask(query, headers) {
  const answer = await fetch(cluster.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ query }) });
  return answer.json();
}
const claims = (role, more = {}) => ({ authorization: `Bearer ${token({ 'https://hasura.io/jwt/claims': { 'x-hasura-default-role': role, 'x-hasura-allowed-roles': [role], ...more } })}` });
const backend = 'x-hasura-use-backend-only-permissions';
const message = (answer) => answer.errors?.[0].message;

test('every limit of gqlsvl that a role has set for it holds for its requests, and for no others', async () => {
  const settings = { max_rows: 2, max_depth: 2, max_aliases: 1, max_nodes: 4, stringify_numerics: 'on', introspection: 'off', max_response_size: "'1kB'" };
  for (const [name, value] of Object.entries(settings)) cluster.sql(`ALTER ROLE web SET gqlsvl.${name} = ${value}`);
  assert.deepEqual(await ask('{ thing(limit: 5, order_by: {id: asc}) { size } }', claims('web')), { data: { thing: [{ size: '1' }, { size: '2' }] } });
  assert.equal((await ask('{ thing(limit: 5) { size } }', claims('other'))).data.thing.length, 5);
  const limits = {
    '{ thing_aggregate { nodes { id } } }': /nested deeper than 2 levels/, '{ a: thing { x: id } }': /more than 1 aliases/,
    '{ thing { id size } thing_by_pk(id: 1) { id } }': /more than 4 fields \(gqlsvl.max_nodes\)/, '{ __schema { __typename } }': /'__schema' not found/,
  };
  for (const [query, refused] of Object.entries(limits)) {
    assert.match(message(await ask(query, claims('web'))), refused);
    assert.ok((await ask(query, claims('other'))).data, query);
  }
  cluster.sql('ALTER ROLE web RESET ALL; ALTER ROLE web IN DATABASE postgres SET gqlsvl.max_rows = 3; ALTER ROLE web SET gqlsvl.hasura_lenient_validation = on');
  assert.equal((await ask('{ thing { id } } fragment unused on thing { id }', claims('web'))).data.thing.length, 3, 'for one database, too');
  assert.match(message(await ask('{ thing { id } } fragment unused on thing { id }', claims('other'))), /unused/);
  cluster.sql("ALTER ROLE web RESET ALL; ALTER ROLE web IN DATABASE postgres RESET ALL; ALTER ROLE web SET gqlsvl.max_response_size = '1kB'");
  assert.match(message(await ask(`{ thing { ${[...'abcdefghijklmnopqrst'].map((alias) => `${alias}: id`).join(' ')} } }`, claims('web'))), /larger than gqlsvl.max_response_size/);
  cluster.sql('ALTER ROLE web RESET ALL');
});

test('mutations kept for the back end need the admin secret and the header, each', async () => {
  const insert = (id) => `mutation { insert_thing_one(object: {id: ${id}}) { id } }`;
  const admin = { 'x-hasura-admin-secret': adminSecret };
  cluster.sql('ALTER ROLE web SET gqlsvl.use_backend_only_permissions = on'); // not its to say
  for (const headers of [claims('web'), { ...claims('web'), [backend]: 'true' }, claims('web', { [backend]: 'true' }), { ...admin, 'x-hasura-role': 'web' },
    { ...admin, 'x-hasura-role': 'web', [backend]: 'false' }, admin])
    assert.match(message(await ask(insert(100), headers)) ?? 'done', /^(no mutations exist|field 'insert_thing_one' not found in type: 'mutation_root')$/);
  assert.deepEqual(await ask(insert(101), { ...admin, 'x-hasura-role': 'web', [backend]: 'true' }), { data: { insert_thing_one: { id: 101 } } });
  assert.deepEqual(await ask(insert(102), { ...admin, [backend]: 'True' }), { data: { insert_thing_one: { id: 102 } } });
  assert.match(message(await ask(insert(103), claims('web'))), /no mutations exist|not found/, 'the request after it has them not');
});

test('what is left of a schema with limits is valid for graphql-js', async () => {
  cluster.sql(`CREATE TABLE kind (name text PRIMARY KEY, note text); INSERT INTO kind VALUES ('big', 'more than small'), ('small', NULL); SELECT gqlsvl.set_enum_table('kind');
    CREATE TABLE part (id int PRIMARY KEY, thing_id int REFERENCES thing, kind text REFERENCES kind); GRANT ALL ON part TO web;
    SELECT gqlsvl.set_table_option('part', 'web', allow_aggregations => false, query_root_fields => '{select_by_pk}', subscription_root_fields => '{}');
    SELECT gqlsvl.set_table_option('thing', 'web', query_root_fields => '{}', subscription_root_fields => '{select_aggregate}', backend_only => true)`);
  for (const options of [{}, { inputValueDeprecation: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true }]) {
    const { data } = await ask(getIntrospectionQuery(options), claims('web'));
    const schema = buildClientSchema(data);
    assert.deepEqual(validateSchema(schema), []);
    assert.deepEqual(Object.keys(schema.getQueryType().getFields()), ['part_by_pk']);
    assert.deepEqual(Object.keys(schema.getSubscriptionType().getFields()), ['thing_aggregate']);
    assert.equal(schema.getType('part_aggregate'), undefined);
    assert.equal(schema.getType('kind_enum').getValue('big').description, 'more than small');
  }
});
