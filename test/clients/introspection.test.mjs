// graphql-js takes the introspected schema of each role, through the port and through gqlsvl.resolve, and what it validates is executed.
// Dialect: D5-scalar-names D5-no-url D8-invalid D8-clash D9-introspection D9-key-order
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, parse, printSchema, validate, validateSchema } from 'graphql';
import { adminSecret, start, token } from '../lib/cluster.mjs';
import { Documents, difference, shape } from '../lib/documents.mjs';

const everything = { descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true, inputValueDeprecation: true, oneOf: true };
const introspection = getIntrospectionQuery(everything);
const data = (name) => readFileSync(new URL(`../data/${name}.sql`, import.meta.url), 'utf8');

let cluster, schemas;
before(async () => {
  cluster = await start("gqlsvl.schemas = 'public, shop'", "gqlsvl.anonymous_role = 'web'", "gqlsvl.max_request_size = '1MB'");
  cluster.script(data('chinook').replace(/^(DROP DATABASE|CREATE DATABASE|\\c ).*$/gm, ''));
  // Few rows: unlimited lists four levels deep multiply.
  cluster.sql('DELETE FROM invoice_line WHERE invoice_line_id > 9; DELETE FROM invoice WHERE invoice_id > 9; DELETE FROM playlist_track WHERE track_id > 9 OR playlist_id > 9;' +
    'DELETE FROM track WHERE track_id > 9 AND NOT EXISTS (SELECT FROM invoice_line i WHERE i.track_id = track.track_id)');
  cluster.script(data('awkward'));
  schemas = { boss: await throughPort({ 'x-hasura-admin-secret': adminSecret }), web: await throughPort({ authorization: `Bearer ${token({ role: 'web' })}` }) };
});
after(() => cluster?.stop());

async function post(request, headers) {
  const answer = await fetch(cluster.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(request) });
  return answer.json();
}
async function throughPort(headers) {
  const { data: answered, errors } = await post({ query: introspection }, headers);
  assert.equal(errors, undefined);
  return answered;
}
const throughSql = (role, request) => JSON.parse(cluster.script(
  `SET ROLE ${role}; SELECT gqlsvl.resolve($gql$${request.query}$gql$, $gql$${JSON.stringify(request.variables ?? {})}$gql$);`));
const typeNames = (introspected) => introspected.__schema.types.map((type) => type.name);

test('the port and gqlsvl.resolve show a role the same schema', () => {
  for (const role of ['boss', 'web']) assert.deepEqual(throughSql(role, { query: introspection }).data, schemas[role]);
});

test('buildClientSchema takes each role\'s schema and validateSchema finds nothing', () => {
  for (const [role, introspected] of Object.entries(schemas)) assert.deepEqual(validateSchema(buildClientSchema(introspected)), [], role);
});

test('no name is there twice, and lists are sorted as in Hasura', () => {
  const check = (what, entries) => {
    const names = entries.map((entry) => entry.name);
    assert.deepEqual(names, [...new Set(names)], `${what}: a name is there twice`);
    assert.deepEqual(names, [...names].sort(), `${what}: not sorted`);
  };
  for (const { __schema: schema } of Object.values(schemas)) {
    check('types', schema.types);
    check('directives', schema.directives);
    for (const type of schema.types) {
      for (const list of ['fields', 'inputFields', 'enumValues']) check(`${list} of ${type.name}`, type[list] ?? []);
      for (const field of type.fields ?? []) check(`arguments of ${type.name}.${field.name}`, field.args);
    }
  }
});

test('a role sees exactly the tables and columns it has rights to', () => {
  const { types } = schemas.web.__schema;
  const fields = (name) => (types.find((type) => type.name === name)?.fields ?? []).map((field) => field.name);
  assert.deepEqual(fields('query_root'), ['order', 'order_aggregate', 'order_by_pk', 'order_group_by', 'person', 'person_aggregate', 'person_by_pk', 'person_group_by', 'profile', 'profile_aggregate', 'profile_group_by']);
  assert.deepEqual(fields('mutation_root'), ['delete_pair', 'insert_keyless', 'update_order', 'update_order_by_pk', 'update_order_many']);
  assert.deepEqual(fields('person'), ['id', 'name', 'order_by_seller_id', 'order_by_seller_id_aggregate', 'order_by_seller_id_group_by'], 'boss_id is not granted, nor is the relationship over it');
  assert.deepEqual(fields('order'), ['id', 'meta', 'seller', 'seller_id', 'state']);
  assert.deepEqual(fields('profile'), ['bio'], 'the key is not granted');
  const leaked = JSON.stringify(schemas.web).match(/boss_id|ledger|track|artist|buyer/);
  assert.equal(leaked, null);
});

test('awkward names: each is left out, or has a name of its own', () => {
  const types = new Set(typeNames(schemas.boss)), roots = schemas.boss.__schema.types.find((type) => type.name === 'query_root').fields.map((field) => field.name);
  for (const table of ['order', 'shop_order', 'shop_order_table', 'order_aggregate_table', 'order_by_pk_table', 'order_one_table', 'order_bool_exp_table', 'String_table',
    'query_root_table', 'order_by_table', 'jsonb', 'Int_comparison_exp_table', 'true', 'node', 'keyless', 'ledger', 'person_view', 'person_count', 'person_copy', 'artist'])
    assert.ok(types.has(table) && roots.includes(table), table);
  for (const scalar of ['jsonb_scalar', 'order_state', 'shop_order_state', 'email', 'shop_email', 'public_Int', 'money_amount_scalar', 'email_array']) assert.ok(types.has(scalar), scalar);
  const columns = (name) => schemas.boss.__schema.types.find((type) => type.name === name).fields.map((field) => field.name);
  assert.deepEqual(columns('keyword'), ['_and', '_not', 'aggregate', 'count', 'if', 'limit', 'nodes', 'on', 'query', 'type', 'where']);
  assert.deepEqual(columns('person').filter((name) => name.startsWith('order')), ['order_by_buyer_id', 'order_by_buyer_id_aggregate', 'order_by_buyer_id_group_by', 'order_by_seller_id', 'order_by_seller_id_aggregate', 'order_by_seller_id_group_by']);
  assert.ok(!types.has('odd table') && !types.has('__hidden') && !types.has('empty_table'));
  const person = schemas.boss.__schema.types.find((type) => type.name === 'person');
  assert.equal(person.description, 'People: "quoted" \\ and\non two lines, 😀');
  assert.equal(person.fields.find((field) => field.name === 'name').description, 'tab\there');
});

test('functions are fields where tables leave them their names', () => {
  const type = (name) => schemas.boss.__schema.types.find((each) => each.name === name), names = (list) => list.map((each) => each.name);
  for (const root of ['query_root', 'subscription_root'])
    for (const field of ['sales', 'sales_aggregate', 'shop_first_person']) assert.ok(names(type(root).fields).includes(field), `${root}.${field}`);
  assert.ok(names(type('mutation_root').fields).includes('hire'));
  assert.deepEqual(names(type('sales_args').inputFields), ['arg_1', 'arg_2', 'if']);
  const field = (root, name) => type(root).fields.find((each) => each.name === name);
  assert.equal(field('query_root', 'sales').args.find((each) => each.name === 'args').type.kind, 'INPUT_OBJECT', 'all have defaults');
  assert.deepEqual(names(field('query_root', 'order_by_pk').args), ['id'], 'the table keeps its name');
  assert.deepEqual(names(field('mutation_root', 'insert_order_one').args), ['object', 'on_conflict']);
  assert.equal(field('person', 'sold').type.kind, 'LIST', 'nullable');
  assert.deepEqual(names(field('person', 'as_json').args), ['args', 'path']);
  for (const input of ['person_bool_exp', 'person_order_by']) {
    assert.ok(names(type(input).inputFields).includes('initials'), input);
    assert.ok(!names(type(input).inputFields).includes('as_json'), `${input}: it takes arguments`);
  }
  assert.ok(names(type('person_order_by').inputFields).includes('sold_aggregate'));
  assert.ok(!names(type('person_insert_input').inputFields).includes('initials'));
  assert.equal(JSON.stringify(schemas.web).match(/initials|sales|first_person|everybody/), null);
});

test('specifiedByURL, isOneOf, isRepeatable and deprecation are answered, __type finds one type', async () => {
  const { data: answered } = await post({
    query: `query ($name: String!) { __type(name: $name) { kind name specifiedByURL isOneOf possibleTypes { name } interfaces { name } fields(includeDeprecated: true) { name isDeprecated deprecationReason } }
      nothing: __type(name: "nowhere") { name } input: __type(name: "person_bool_exp") { isOneOf inputFields(includeDeprecated: true) { name isDeprecated } } }`, variables: { name: 'profile' },
  }, { authorization: `Bearer ${token({ role: 'web' })}` });
  assert.deepEqual(answered.__type, { kind: 'OBJECT', name: 'profile', specifiedByURL: null, isOneOf: null, possibleTypes: null, interfaces: [], fields: [{ name: 'bio', isDeprecated: false, deprecationReason: null }] });
  assert.equal(answered.nothing, null);
  assert.equal(answered.input.isOneOf, false);
  assert.deepEqual(Object.keys(answered), ['__type', 'nothing', 'input']);
});

test('schema_sdl is the schema of introspection', () => {
  for (const role of ['boss', 'web']) {
    const sdl = cluster.script(`SET ROLE ${role}; SELECT gqlsvl.schema_sdl()`);
    assert.equal(printSchema(lexicographicSortSchema(buildSchema(sdl))), printSchema(lexicographicSortSchema(buildClientSchema(schemas[role]))), role);
  }
});

// json has no order, "x" is no SQL path, distinct_on must match order_by, and a filter by aggregates has exactly one predicate: dialect, sections 3 and 4.3.
const refusedByTheDialect = (type, name) => name === 'distinct_on' || (type === 'order_order_by' && name === 'plain') || (/_bool_exp$/.test(type) && /_aggregate$/.test(name)) || /^_jsonb_path_/.test(name);

test('what graphql-js validates is executed, and answered with the keys in its order', () => {
  for (const role of ['boss', 'web']) {
    const schema = buildClientSchema(schemas[role]), documents = new Documents(schema, 20260101, refusedByTheDialect);
    const requests = [];
    for (let n = 0; requests.length < 300 && n < 5000; ++n) {
      const request = documents.operation('query');
      if (validate(schema, parse(request.query)).length === 0) requests.push(request);
    }
    assert.equal(requests.length, 300, 'the generator makes valid documents');
    const answers = cluster.resolveAll(role, requests);
    for (const [n, request] of requests.entries()) {
      const what = `${role}: ${request.query}\n${JSON.stringify(request.variables)}\n`;
      assert.equal(answers[n].errors, undefined, what + JSON.stringify(answers[n].errors));
      assert.equal(difference(shape(schema, request), answers[n].data), null, what);
    }
  }
});
