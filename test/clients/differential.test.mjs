// Thousands of seeded documents, valid and damaged: gqlsvl accepts and rejects what graphql-js does, but for the disagreements listed here.
//
// And the answers: each is what graphql-js makes of its data, also of mutations (all of them rolled back).
// The seed is fixed, so that a run can be repeated; DIFFERENTIAL_SEED=n tries others, DIFFERENTIAL_DOCUMENTS=n more, DIFFERENTIAL_SEEDS=n so many seeds.
// Dialect: D9-key-order D9-rules
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { start } from '../lib/cluster.mjs';
import { Documents, fault, judge } from '../lib/documents.mjs';

const seed = Number(process.env.DIFFERENTIAL_SEED ?? 4), count = Number(process.env.DIFFERENTIAL_DOCUMENTS ?? 6000);
const seeds = Array.from({ length: Number(process.env.DIFFERENTIAL_SEEDS ?? 1) }, (_, n) => seed + 1000 * n);

// Where the dialect (docs/dialect.md, sections in brackets) asks for something else than the specification.
// `ours`, `theirs`: the message of the one who refuses; `example`: a request of boss on which they disagree so.
const allowed = [
  { why: 'comparisons and filters refuse null (4.1)', ours: /^unexpected null value for type/, example: '{ person(where: {id: {_eq: null}}) { id } }' },
  { why: 'limit and offset are not negative (1)', ours: /^expected a non-negative (32|64)-bit integer for type 'Int'/, example: '{ person(limit: -1) { id } }' },
  {
    why: 'scalars of the database take the kind of value that they store; graphql-js lets any literal through (5)',
    ours: /^expected a (string|number|boolean|(16|64)-bit integer) for type '(?!(Int|Float|String|Boolean|ID)')/, example: '{ order(where: {key: {_eq: 1}}) { id } }',
  },
  { why: 'smallint and bigint have bounds (5)', ours: /^The value .* lies outside the bounds or is not an integer/, example: '{ order(where: {small: {_eq: 70000}}) { id } }' },
  { why: 'a variable that the operation does not have is an error (9)', ours: /^unexpected variables in variableValues/, example: '{ person { id } }', variables: { extra: 1 } },
  { why: 'a column is not written by two operators (7)', ours: /^Column found in multiple operators/, example: 'mutation { update_person(where: {}, _set: {id: 1}, _inc: {id: 1}) { affected_rows } }' },
  { why: 'a filter by aggregates has exactly one predicate (4.3)', ours: /^exactly one predicate should be specified/, example: '{ person(where: {order_by_seller_id_aggregate: {}}) { id } }' },
  {
    why: 'a foreign key comes from the nested row or from the object, not from both (6)', ours: /^cannot insert (object|array) relationship/,
    example: 'mutation { insert_order(objects: [{seller_id: 1, seller: {data: {}}}]) { affected_rows } }',
  },
  { why: 'arguments of functions are nullable, and those without a default required all the same (8)', ours: /^Non default arguments cannot be omitted/, example: 'mutation { hire(args: {}) { name } }' },
  {
    why: 'columns take numbers and booleans as strings (5)', theirs: /(Int|Float|Boolean) cannot represent .*: "/,
    example: '{ order(where: {paid: {_eq: "true"}, seller_id: {_eq: "1"}, ratio: {_gt: "0.5"}}) { id } }',
  },
  {
    why: 'offset is a 64-bit integer, also as a string (1)', theirs: /Int cannot represent (non 32-bit signed integer value: \d+|non-integer value: "\d+")$/,
    example: 'query ($x: Int) { person(offset: 5000000000) { id } order(offset: $x) { id } }', variables: { x: '5000000000' },
  },
  {
    why: 'a variable of the item type stands for a list of one (9)', theirs: /^Variable "\$\w+" of type "\w+!?" used in position expecting type "\[/,
    example: 'query ($x: person_order_by!) { person(order_by: $x) { id } }', variables: { x: { id: 'asc' } },
  },
  { why: 'arguments of functions without a default are given; in introspection they are nullable (8)', ours: /^Non default arguments cannot be omitted/, example: 'mutation { hire(args: {}) { id } }' },
  {
    why: 'definitions of variables may have descriptions (specification of September 2025, 2.10; not in this graphql-js)', theirs: /^syntax: Syntax Error: Expected "\$", found String/,
    example: 'query ($x: Boolean! = true "of no use" $y: Boolean! = true) { person @include(if: $x) { id @include(if: $y) } }',
  },
];

// distinct_on must match order_by (3), an aggregate's predicate has one function (4.3): valid documents do without.
const avoid = (type, name) => name === 'distinct_on' || (type.endsWith('_bool_exp') && name.endsWith('_aggregate'));

let cluster, schemas;
const roles = ['boss', 'web'];
before(async () => {
  cluster = await start("gqlsvl.schemas = 'public, shop'");
  cluster.script(readFileSync(new URL('../data/awkward.sql', import.meta.url), 'utf8'));
  const introspected = (role) => cluster.resolveAll(role, [{ query: getIntrospectionQuery() }])[0].data;
  schemas = Object.fromEntries(roles.map((role) => [role, buildClientSchema(introspected(role))]));
});
after(() => cluster?.stop());

const permits = (one, ours, theirs) => (ours ? one.ours?.test(ours) : one.theirs?.test(theirs));

// Each request with both verdicts: null, or the message of the refusal.
function verdicts(role, requests) {
  const answers = cluster.resolveAll(role, requests, 'gqlsvl.explain');
  return requests.map((request, n) => ({ request, ours: answers[n].errors?.[0].message ?? null, theirs: judge(schemas[role], request) }));
}
const disagree = ({ ours, theirs }) => (ours === null) !== (theirs === null);
const disagreements = (role, requests) => verdicts(role, requests).filter(disagree).filter(({ ours, theirs }) => !allowed.some((one) => permits(one, ours, theirs)));

test('each disagreement listed exists, for the reason listed', () => {
  const found = verdicts('boss', allowed.map(({ example, variables }) => ({ query: example, variables: variables ?? {} })));
  for (const [n, verdict] of found.entries()) {
    assert.ok(disagree(verdict), `${allowed[n].why}: both ${verdict.ours ? 'refuse' : 'accept'} ${verdict.request.query}`);
    assert.ok(permits(allowed[n], verdict.ours, verdict.theirs), `${allowed[n].why}: ${verdict.ours ?? verdict.theirs}`);
  }
});

// Answers that are right in the dialect, and wrong to graphql-js.
const allowedAnswers = [
  /Int cannot represent non 32-bit signed integer value/, // sums are of the column's type, however large (2)
  /(Int|Float) cannot represent non(-numeric| numeric|-integer) value: "(NaN|Infinity|-Infinity)"/, // not finite numbers are strings (5)
];

for (const seed of seeds) for (const role of roles) {
  test(`${role}: documents that are valid, seed ${seed}`, () => {
    const documents = new Documents(schemas[role], seed, avoid);
    const requests = Array.from({ length: count / 6 }, () => documents.valid());
    const refused = requests.map((request) => judge(schemas[role], request)).filter(Boolean);
    assert.deepEqual(refused, [], 'the generator makes what graphql-js takes');
    assert.deepEqual(disagreements(role, requests).slice(0, 5), []);
  });
  test(`${role}: documents that were damaged, seed ${seed}`, () => {
    const documents = new Documents(schemas[role], seed + 1, avoid);
    const requests = Array.from({ length: count / 3 }, () => documents.damaged(documents.valid()));
    const refused = requests.filter((request) => judge(schemas[role], request)).length;
    assert.ok(refused > requests.length / 2 && refused < requests.length, `${refused} of ${requests.length} are refused: damage breaks most and not all`);
    const found = disagreements(role, requests);
    assert.deepEqual(found.slice(0, 5), [], `${found.length} of ${requests.length}`);
  });
  for (const kind of ['query', 'mutation']) {
    test(`${role}: what is answered to a ${kind}, seed ${seed}`, () => {
      const documents = new Documents(schemas[role], seed + 2, avoid);
      const requests = Array.from({ length: count / 10 }, () => documents.operation(kind)).filter((request) => judge(schemas[role], request) === null);
      const answers = cluster.resolveAll(role, requests);
      const answered = requests.flatMap((request, n) => (answers[n].errors ? [] : [{ request, data: answers[n].data }]));
      // The rest broke a constraint, or met a rule of the dialect.
      assert.ok(answered.length > requests.length / 4, `${answered.length} of ${requests.length} are answered`);
      for (const answer of answers) assert.deepEqual(Object.keys(answer), answer.errors ? ['errors'] : ['data']);
      const faults = answered.map(({ request, data }) => ({ request, what: fault(schemas[role], request, data) })).filter(({ what }) => what && !allowedAnswers.some((one) => one.test(what)));
      assert.deepEqual(faults.slice(0, 5), [], `${faults.length} of ${answered.length}`);
    });
  }
}
