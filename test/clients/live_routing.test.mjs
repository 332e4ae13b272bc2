// A commit costs the evaluation of those live queries whose rows it touched, and no other; and none is ever missed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { start, token, until } from '../lib/cluster.mjs';

let cluster;
const clients = [];
before(async () => {
  cluster = await start("shared_preload_libraries = 'gqlsvl, pg_stat_statements'", 'gqlsvl.max_subscriptions_per_connection = 1000');
  cluster.sql(`
    CREATE EXTENSION pg_stat_statements;
    CREATE TABLE item (id int PRIMARY KEY, code uuid, name varchar(20), price numeric(10, 2), owner text, parent int REFERENCES item ON DELETE CASCADE, n int NOT NULL DEFAULT 0);
    CREATE INDEX ON item (owner);
    INSERT INTO item SELECT i, ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, 'name ' || i, i + 0.5, 'owner ' || i FROM generate_series(1, 50) i;
    CREATE TABLE mine (id int PRIMARY KEY, owner text, n int NOT NULL DEFAULT 0);
    INSERT INTO mine SELECT i, 'owner ' || i FROM generate_series(1, 50) i;
    ALTER TABLE mine ENABLE ROW LEVEL SECURITY;
    CREATE POLICY mine ON mine USING (owner = (SELECT current_setting('request.jwt.claims')::json ->> 'sub'));
    CREATE TABLE line (id serial PRIMARY KEY, item_id int NOT NULL REFERENCES item ON DELETE CASCADE, n int NOT NULL DEFAULT 0);
    CREATE INDEX ON line (item_id);
    INSERT INTO line (item_id) SELECT i % 50 + 1 FROM generate_series(0, 4999) i;
    GRANT SELECT ON item, mine, line TO web;
    ANALYZE;`);
});
after(async () => {
  for (const client of clients) await client.dispose();
  cluster?.stop();
});

function connect(sub = 'nobody') {
  const client = createClient({ url: cluster.wsUrl, webSocketImpl: WebSocket, retryAttempts: 0, lazy: false,
    connectionParams: { headers: { Authorization: `Bearer ${token({ role: 'web', sub })}` } } });
  clients.push(client);
  return client;
}
// Keeps the last state and how many came.
function watch(client, query) {
  const watched = { query, client, last: undefined, count: 0 };
  watched.stop = client.subscribe({ query: `subscription ${query}` }, {
    next: (r) => { watched.last = JSON.stringify(r); watched.count++; }, error: (e) => { watched.last = `error ${JSON.stringify(e)}`; }, complete() {} });
  return watched;
}
const evaluations = () => Number(cluster.sql("SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE userid = 'web'::regrole"));

const uuid = (i) => `00000000-0000-0000-0000-${String(i).padStart(12, '0')}`;
const shapes = {
  'by primary key': (i) => [`{ item_by_pk(id: ${i}) { n } }`],
  'where, int': (i) => [`{ item(where: {id: {_eq: ${i}}}) { n } }`],
  'where, uuid': (i) => [`{ item(where: {code: {_eq: "${uuid(i)}"}}) { n } }`],
  'where, varchar': (i) => [`{ item(where: {name: {_eq: "name ${i}"}}) { n } }`],
  'where, numeric of another scale': (i) => [`{ item(where: {price: {_eq: "${i}.500"}}) { n } }`],
  'where, text, ordered and limited': (i) => [`{ item(where: {owner: {_eq: "owner ${i}"}}, order_by: {id: desc}, limit: 5) { id n } }`],
  'an aggregate': (i) => [`{ item_aggregate(where: {owner: {_eq: "owner ${i}"}}) { aggregate { count sum { n } } } }`],
  'a list of keys': (i) => [`{ item(where: {id: {_in: [${i}, ${1000 + i}]}}, order_by: {id: asc}) { n } }`],
  'and more conditions': (i) => [`{ item(where: {_and: [{n: {_gte: 0}}, {owner: {_eq: "owner ${i}"}}]}, order_by: {id: asc}) { n } }`],
  'lines of one item': (i) => [`{ item_by_pk(id: ${i}) { line(order_by: {id: asc}, limit: 3) { n } } }`],
  'lines of a list of items': (i) => [`{ item(where: {owner: {_eq: "owner ${i}"}}, order_by: {id: asc}) { line_aggregate { aggregate { sum { n } } } } }`],
  'the item of a line': (i) => [`{ line(where: {id: {_eq: ${i}}}) { item { n } } }`],
  'row security with a claim': (i) => ['{ mine(order_by: {id: asc}) { n } }', `owner ${i}`],
};

const touch = (i) => cluster.sql(`UPDATE item SET n = n + 1 WHERE id = ${i}; UPDATE mine SET n = n + 1 WHERE id = ${i}; UPDATE line SET n = n + 1 WHERE item_id = ${i}`);

for (const [shape, query] of Object.entries(shapes)) {
  test(`only the one whose row changed is evaluated: ${shape}`, async () => {
    const shared = connect();
    const all = Array.from({ length: 20 }, (_, at) => {
      const [text, sub] = query(at + 1);
      return watch(sub ? connect(sub) : shared, text);
    });
    await until('first results', () => all.every((one) => one.last));
    for (const one of all) assert.ok(!/error/.test(one.last), one.last);
    const before = evaluations();
    touch(7);
    await until('the push', () => all[6].count > 1);
    touch(45); // concerns nobody
    touch(8);
    await until('the second push', () => all[7].count > 1);
    assert.deepEqual(all.map((one) => one.count).map((count, at) => [at + 1, count]).filter(([, count]) => count > 1), [[7, 2], [8, 2]]);
    const spent = evaluations() - before;
    assert.ok(spent >= 2 && spent <= 4, `${spent} evaluations for two changes that concern one subscription each`);
    for (const one of all) one.stop();
    for (const one of all) if (one.client !== shared) one.client.dispose();
    shared.dispose();
  });
}

test('a row that moves from one parent to another is told to both, and to no third', async () => {
  const client = connect();
  const all = Array.from({ length: 20 }, (_, at) => watch(client, `{ item_by_pk(id: ${at + 1}) { line_aggregate { aggregate { count } } } }`));
  await until('first results', () => all.every((one) => one.count > 0));
  const before = evaluations();
  cluster.sql('UPDATE line SET item_id = 8 WHERE id = (SELECT min(id) FROM line WHERE item_id = 7)');
  await until('both pushes', () => all[6].count > 1 && all[7].count > 1);
  assert.deepEqual(all.flatMap((one, at) => (one.count > 1 ? [at + 1] : [])), [7, 8]);
  assert.ok(evaluations() - before <= 4, `${evaluations() - before} evaluations`);
  client.dispose();
});

test('a sub-select that is computed anew for each outer row does not count as one value', async () => {
  cluster.sql(`
    CREATE TABLE link (id int PRIMARY KEY, item_id int);
    INSERT INTO link SELECT i, i FROM generate_series(1, 3) i;
    CREATE VIEW linked AS SELECT o.id, (SELECT sum(n) FROM line WHERE item_id = (SELECT item_id FROM link WHERE link.id = o.id OFFSET 0)) AS total FROM link o;
    GRANT SELECT ON linked TO web`);
  const client = connect();
  const one = watch(client, '{ linked(order_by: {id: asc}) { total } }');
  await until('the first result', () => one.count > 0);
  for (const item of [1, 2, 3]) {
    cluster.sql(`UPDATE line SET n = n + 1 WHERE item_id = ${item}`);
    await until(`the push for link ${item}`, () => one.count > item, 10);
  }
  client.dispose();
});

test('after a storm of writers, with subscriptions coming and going, each has the state that a query gives', async () => {
  const people = Array.from({ length: 10 }, (_, at) => connect(`owner ${at + 1}`));
  const pick = (list) => list[Math.floor(Math.random() * list.length)];
  const queries = [...Object.values(shapes).flatMap((query) => [1, 2, 3, 4, 5].map((i) => query(i)[0])),
    '{ item(order_by: {id: asc}) { id n owner } }', '{ item_aggregate { aggregate { sum { n } } } }', '{ mine(order_by: {id: asc}) { id n } }'];
  cluster.sql('CREATE TABLE stop (at timestamptz)');
  const writers = cluster.sqlAsync(`
    DO $$
    DECLARE i int; kind int;
    BEGIN
      WHILE NOT EXISTS (SELECT FROM stop) LOOP
        i := 1 + floor(random() * 12); kind := floor(random() * 9);
        IF kind = 0 THEN UPDATE item SET owner = 'owner ' || (1 + floor(random() * 5))::int WHERE id = i;
        ELSIF kind = 1 AND random() < 0.7 THEN UPDATE line SET item_id = (SELECT id FROM item ORDER BY random() LIMIT 1), n = n + 1 WHERE id = i;
        ELSIF kind = 1 THEN DELETE FROM item WHERE id = i;
        ELSIF kind = 2 THEN INSERT INTO item VALUES (i, ('00000000-0000-0000-0000-' || lpad(i::text, 12, '0'))::uuid, 'name ' || i, i + 0.5, 'owner ' || i) ON CONFLICT (id) DO UPDATE SET n = item.n + 1;
        ELSIF kind = 3 THEN UPDATE mine SET owner = 'owner ' || (1 + floor(random() * 10))::int WHERE id = i;
        ELSIF kind = 5 THEN UPDATE item SET owner = 'owner ' || (1 + floor(random() * 5))::int WHERE id = i;
        ELSIF kind = 4 AND random() < 0.1 THEN UPDATE item SET parent = (SELECT min(id) FROM item WHERE id <> i) WHERE id = i;
        ELSIF kind = 5 AND random() < 0.02 THEN BEGIN UPDATE item SET n = n + 100; -- says all rows, so rarely
          RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END;
        ELSE UPDATE item SET n = n + 1 WHERE id = i; UPDATE mine SET n = n + 1 WHERE id = i;
        END IF;
        COMMIT;
      END LOOP;
    END $$`);
  const open = [];
  for (let begun = 0; begun < 300; begun++) {
    if (open.length >= 60) open.splice(Math.floor(Math.random() * open.length), 1)[0].stop();
    const one = watch(pick(people), pick(queries));
    open.push(one);
    if (begun % 5 === 0) await until('a first result meanwhile', () => one.count > 0);
  }
  cluster.sql('INSERT INTO stop VALUES (now())');
  await writers;
  const answer = (client, query) => new Promise((resolve, reject) => {
    let result;
    client.subscribe({ query: `query ${query}` }, { next: (r) => { result = JSON.stringify(r); }, error: reject, complete: () => resolve(result) });
  });
  for (const one of open) {
    const truth = await answer(one.client, one.query);
    await until(`${one.query} shows ${truth}, has ${one.last}`, () => one.last === truth, 10);
  }
});
