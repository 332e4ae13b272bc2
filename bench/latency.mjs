// commit -> POST and commit -> push at fixed commit rates, each beside simpler ways to learn of a commit in the same run.
//
// In:  PGHOST, PGPORT, PGUSER, PGDATABASE, PGBENCH (program), API_PORT; options --seconds, --rates, --subscribers, --only, --ways, --held. Out: Markdown tables.
// pgbench writes at the given rate; a row's commit time is pg_xact_commit_timestamp(xmin), its arrival the time this process saw it.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createClient } from 'graphql-ws';
import pg from 'pg';
import WebSocket from 'ws';

const { values: options } = parseArgs({
  options: { seconds: { type: 'string', default: '10' }, rates: { type: 'string', default: '100,500' }, subscribers: { type: 'string', default: '100' }, only: { type: 'string', default: 'post,push,writers' },
    ways: { type: 'string', default: 'webhook,notify,poll' }, held: { type: 'string', default: '0' } }, // held: events sent while a snapshot is
});
const seconds = Number(options.seconds);
const subscribers = Number(options.subscribers);
const held = Number(options.held);
const deadline = 60_000;
const folder = mkdtempSync(join(tmpdir(), 'gqlsvl-bench-'));
const now = () => performance.timeOrigin + performance.now(); // ms since the epoch, with fractions

const db = new pg.Client();
await db.connect();
const sql = async (text, values) => (await db.query(text, values)).rows;

async function until(what, condition, limit = deadline) {
  const end = now() + limit;
  while (!(await condition())) {
    if (now() > end) throw new Error(`within ${limit / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function pgbench(rate, script) {
  const file = join(folder, 'script.sql');
  writeFileSync(file, script);
  const child = spawn(process.env.PGBENCH, ['-n', '-c', '4', '-R', String(rate), '-T', String(seconds), '-f', file], { stdio: 'ignore' });
  return new Promise((resolve, reject) =>
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`pgbench ended with ${code}`)))));
}

async function commitTimes() {
  const rows = await sql('SELECT n, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 AS at FROM change');
  return new Map(rows.map(({ n, at }) => [Number(n), Number(at)]));
}

function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

// One line of a table from arrivals (n -> time).
async function line(way, rate, arrivals) {
  const commits = await commitTimes();
  const waits = [...arrivals].filter(([n]) => commits.has(n)).map(([n, at]) => at - commits.get(n)).sort((a, b) => a - b);
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(waits, share).toFixed(2));
  console.log(`| ${way} | ${rate} | ${commits.size} | ${waits.length} | ${p50} | ${p99} | ${waits.at(-1).toFixed(2)} |`);
}

const insert = 'INSERT INTO change DEFAULT VALUES;\n';
const reset = () => sql('TRUNCATE change');

// An open transaction that sees none of `held` events, all of which are sent meanwhile; their rows go again.
async function holdSnapshot(arrivals) {
  const snapshot = new pg.Client();
  await snapshot.connect();
  await snapshot.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM change LIMIT 1');
  await sql(`INSERT INTO change SELECT FROM generate_series(1, ${held})`);
  await until('the events since the snapshot are sent', () => arrivals.size >= held, 600_000);
  await sql('DELETE FROM change');
  return snapshot;
}

async function webhook(rate) {
  const arrivals = new Map();
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const at = now();
      const { n } = JSON.parse(body).event.data.new;
      if (!arrivals.has(n)) arrivals.set(n, at);
      response.end();
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  await reset();
  await sql(`SELECT gqlsvl.create_trigger('bench', 'change', 'http://127.0.0.1:${server.address().port}/', operations => '{INSERT}', max_in_flight => 64)`);
  const snapshot = held > 0 && (await holdSnapshot(arrivals));
  await pgbench(rate, insert);
  const [{ count }] = await sql('SELECT count(*) FROM change');
  await until('all commits are delivered', () => arrivals.size >= Number(count) + held);
  await line(held > 0 ? `gqlsvl webhook, a snapshot held over ${held} events` : 'gqlsvl webhook', rate, arrivals);
  await snapshot?.end?.();
  await sql("SELECT gqlsvl.drop_trigger('bench')");
  server.closeAllConnections();
  server.close();
}

// What one writes by hand: a trigger that notifies, a listener. It loses what is committed while nobody listens.
async function notify(rate) {
  const arrivals = new Map();
  const listener = new pg.Client();
  await listener.connect();
  listener.on('notification', ({ payload }) => arrivals.set(Number(payload), now()));
  await listener.query('LISTEN change');
  await reset();
  await sql(`CREATE FUNCTION notify_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('change', NEW.n::text); RETURN NULL; END $$`);
  await sql('CREATE TRIGGER notify AFTER INSERT ON change FOR EACH ROW EXECUTE FUNCTION notify_change()');
  await pgbench(rate, insert);
  const [{ count }] = await sql('SELECT count(*) FROM change');
  await until('all commits are notified', () => arrivals.size >= Number(count));
  await line('LISTEN/NOTIFY in node', rate, arrivals);
  await sql('DROP FUNCTION notify_change() CASCADE');
  await listener.end();
}

async function poll(rate) {
  const arrivals = new Map();
  await reset();
  let going = true;
  const polling = (async () => {
    while (going) {
      const rows = await sql('SELECT n FROM change');
      const at = now();
      for (const { n } of rows) if (!arrivals.has(Number(n))) arrivals.set(Number(n), at);
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  })();
  await pgbench(rate, insert);
  const [{ count }] = await sql('SELECT count(*) FROM change');
  await until('all commits are polled', () => arrivals.size >= Number(count));
  going = false;
  await polling;
  await line('poll each second', rate, arrivals);
}

async function push(rate) {
  const arrivals = new Map();
  await reset();
  await sql(`INSERT INTO counter SELECT id, 0 FROM generate_series(1, ${subscribers}) id ON CONFLICT (id) DO UPDATE SET n = 0`);
  await until('the port answers', () => fetch(`http://127.0.0.1:${process.env.API_PORT}/healthz`).then((r) => r.ok, () => false));
  const client = createClient({ url: `ws://127.0.0.1:${process.env.API_PORT}/v1/graphql`, webSocketImpl: WebSocket, lazy: false, retryAttempts: 0 });
  const first = new Set();
  const failures = [];
  for (let id = 1; id <= subscribers; id++) {
    client.subscribe({ query: `subscription { counter_by_pk(id: ${id}) { n } }` }, {
      next: ({ data, errors }) => {
        if (errors) failures.push(errors);
        else if (data.counter_by_pk.n > 0) arrivals.set(data.counter_by_pk.n, now());
        first.add(id);
      },
      error: (error) => failures.push(error),
      complete: () => {},
    });
  }
  await until('each subscription has its first result', () => failures.length > 0 || first.size === subscribers);
  if (failures.length > 0) throw new Error(`a subscription failed: ${JSON.stringify(failures[0])}`);
  await pgbench(rate, `\\set id random(1, ${subscribers})
WITH new AS (INSERT INTO change DEFAULT VALUES RETURNING n) UPDATE counter SET n = new.n FROM new WHERE id = :id;\n`);
  const states = await sql('SELECT n FROM counter WHERE n > 0');
  await until('the last state of each row is pushed', () => states.every(({ n }) => arrivals.has(Number(n))));
  await line(`gqlsvl subscription, ${subscribers} of them`, rate, arrivals);
  await client.dispose();
}

// What live queries cost writers of the table: the same updates with nobody listening, with subscriptions to other rows, to these rows.
async function writers() {
  await until('the port answers', () => fetch(`http://127.0.0.1:${process.env.API_PORT}/healthz`).then((r) => r.ok, () => false));
  await sql('TRUNCATE counter');
  await sql('INSERT INTO counter SELECT id, 0 FROM generate_series(1, 20000) id');
  const file = join(folder, 'update.sql');
  writeFileSync(file, '\\set id random(1, 10000)\nUPDATE counter SET n = n + 1 WHERE id = :id;\n');
  const rate = () => new Promise((resolve, reject) => execFile(process.env.PGBENCH, ['-n', '-c', '1', '-M', 'prepared', '-T', String(seconds), '-f', file],
    (error, out) => (error ? reject(error) : resolve(Number(/tps = ([0-9.]+)/.exec(out)[1])))));
  const cases = { 'nobody listens': 0, 'subscriptions to other rows': 10001, 'subscriptions to rows that change': 1 };
  const seen = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  for (let round = 0; round < 3; round++) {
    for (const [name, from] of Object.entries(cases)) {
      const client = createClient({ url: `ws://127.0.0.1:${process.env.API_PORT}/v1/graphql`, webSocketImpl: WebSocket, lazy: false, retryAttempts: 0 });
      const first = new Set();
      for (let id = from; from > 0 && id < from + subscribers; id++)
        client.subscribe({ query: `subscription { counter_by_pk(id: ${id}) { n } }` }, { next: () => first.add(id), error: () => {}, complete: () => {} });
      await until('first results', () => from === 0 || first.size === subscribers);
      seen[name].push(await rate());
      await client.dispose();
    }
  }
  const median = (list) => [...list].sort((a, b) => a - b)[1];
  console.log('\nWriters of a watched table (single-row updates, one client, median of three rounds)\n\n| | commits/s | ratio |\n|---|---|---|');
  const base = median(seen['nobody listens']);
  for (const name of Object.keys(cases)) console.log(`| ${name}${cases[name] ? ` (${subscribers})` : ''} | ${median(seen[name]).toFixed(0)} | ${(median(seen[name]) / base).toFixed(2)} |`);
}

const header = (title) => console.log(`\n${title}\n\n| way | commits/s asked | commits | seen | p50 ms | p99 ms | max ms |\n|---|---|---|---|---|---|---|`);
try {
  await sql('CREATE TABLE change (n serial PRIMARY KEY, note text NOT NULL DEFAULT repeat($$x$$, 100))');
  await sql('CREATE TABLE counter (id int PRIMARY KEY, n int NOT NULL)');
  for (const role of ['bench_authenticator LOGIN NOINHERIT', 'bench_reader']) await sql(`CREATE ROLE ${role}`).catch((error) => { if (error.code !== '42710') throw error; });
  await sql('GRANT bench_reader TO bench_authenticator');
  await sql('CREATE EXTENSION gqlsvl'); // after the roles: executors connect as bench_authenticator
  await sql('GRANT USAGE ON SCHEMA public TO bench_reader');
  await sql('GRANT SELECT ON counter TO bench_reader');
  const rates = options.rates.split(',').map(Number);
  if (options.only.includes('post')) {
    header('Commit -> POST');
    for (const rate of rates) for (const way of options.ways.split(',')) await { webhook, notify, poll }[way](rate);
  }
  if (options.only.includes('push')) {
    header('Commit -> push (a state overtaken by the next one of its row is not pushed)');
    for (const rate of rates) await push(rate);
  }
  if (options.only.includes('writers')) await writers();
} finally {
  await db.end();
  rmSync(folder, { recursive: true, force: true });
}
