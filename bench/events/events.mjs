// What bench/events/run measures beside latency: bursts against other queues, a backlog, WAL, one huge transaction, writers, bad neighbours.
//
// In:  PGHOST, PGPORT, PGUSER, PGDATABASE, PGBENCH, SINK (URL of sink.cpp); --quick, --only. Out: Markdown; each number's way is beside it.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { gqlsvl, graphileWorker, pgBoss } from './queues.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string', default: 'burst,backlog,wal,huge,writers,neighbours' } } });
const quick = options.quick;
const size = { burst: quick ? 10_000 : 50_000, backlog: quick ? 50_000 : 1_000_000, wal: quick ? 10_000 : 100_000, huge: quick ? 100_000 : 1_000_000, seconds: quick ? 4 : 20 };
const folder = mkdtempSync(join(tmpdir(), 'gqlsvl-bench-'));
const db = new pg.Client();
await db.connect();
const sql = async (text, values) => (await db.query(text, values)).rows;
const one = async (text) => Object.values((await sql(text))[0])[0];
const sink = async (path) => (await fetch(process.env.SINK + path)).text();
const received = async (path) => Number(await sink(`/count${path}`));
const times = async (path) => (await sink(`/times${path}`)).trim().split('\n').filter(Boolean).map((line) => line.split(' ').map(Number));

async function until(what, condition, seconds = 600) {
  const end = Date.now() + seconds * 1000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`within ${seconds} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function pgbench(script, ...more) {
  const file = join(folder, `script-${Math.random()}.sql`);
  writeFileSync(file, script);
  return new Promise((resolve, reject) => execFile(process.env.PGBENCH, ['-n', '-M', 'prepared', ...more, '-f', file],
    (error, out) => (error ? reject(error) : resolve(Number(/tps = ([0-9.]+)/.exec(out)[1])))));
}

const percentile = (list, share) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))];
const title = (text, head) => console.log(`\n${text}\n\n| ${head.join(' | ')} |\n|${head.map(() => '---').join('|')}|`);
const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);

// POST/s between the first and the last request that the receiver read.
function rateOf(arrivals) {
  const at = arrivals.map(([, time]) => time);
  return (at.length - 1) / ((Math.max(...at.slice(-1000)) - Math.min(...at.slice(0, 1000))) / 1e6);
}

async function drained(queue, count, path) {
  await sink('/reset');
  const url = process.env.SINK + path;
  await queue.fill(count, url);
  await queue.drain(url);
  await until(`${queue.name}: all ${count} are sent`, async () => (await received(path)) >= count);
  const arrivals = await times(path);
  await queue.stop();
  return arrivals;
}

async function burst() {
  const connection = `postgres://${process.env.PGUSER}@127.0.0.1:${process.env.PGPORT}/${process.env.PGDATABASE}`;
  title(`Burst: ${size.burst} events that wait, to one fast receiver (median of three rounds in turn)`, ['sender', 'POST/s', 'ratio to gqlsvl', 'sent twice']);
  const queues = [gqlsvl(sql), graphileWorker(sql, connection), pgBoss(sql, connection)];
  const rates = new Map(queues.map((queue) => [queue, []]));
  const twice = new Map();
  for (let round = 0; round < 3; round++) {
    for (const queue of queues) {
      const arrivals = await drained(queue, size.burst, `/burst-${round}`);
      rates.get(queue).push(rateOf(arrivals));
      twice.set(queue, arrivals.length - size.burst);
    }
  }
  const base = percentile(rates.get(queues[0]), 0.5);
  for (const queue of queues) {
    const rate = percentile(rates.get(queue), 0.5);
    line(queue.name, rate.toFixed(0), (rate / base).toFixed(2), twice.get(queue));
  }
}

async function backlog() {
  title('A backlog: events captured while the trigger is paused, then sent', ['events', 'POST/s', 'first tenth', 'last tenth']);
  const arrivals = await drained(gqlsvl(sql), size.backlog, '/backlog');
  const tenth = Math.floor(arrivals.length / 10);
  line(size.backlog, ...[arrivals, arrivals.slice(0, tenth), arrivals.slice(-tenth)].map((part) => rateOf(part).toFixed(0)));
}

const position = () => one('SELECT pg_current_wal_insert_lsn()');
const bytesSince = (from) => one(`SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '${from}')`).then(Number);

async function wal() {
  title(`WAL per event (${size.wal} rows in one statement, full_page_writes off)`, ['what', 'bytes']);
  const fill = async () => {
    const from = await position();
    await sql(`INSERT INTO plain (note) SELECT repeat('x', 100) FROM generate_series(1, ${size.wal})`);
    return (await bytesSince(from)) / size.wal;
  };
  await sql('CREATE TABLE plain (n serial PRIMARY KEY, note text NOT NULL)');
  const bare = await fill();
  await sql('TRUNCATE plain');
  await sink('/reset');
  await sql(`SELECT gqlsvl.create_trigger('wal', 'plain', '${process.env.SINK}/wal', operations => '{INSERT}', max_in_flight => 64)`);
  const start = await position();
  const captured = await fill();
  await until('all are sent', async () => (await received('/wal')) >= size.wal);
  await until('and recorded', async () => (await one("SELECT count(*) FROM gqlsvl.event_log WHERE trigger = 'wal' AND status <> 'delivered'")) === '0');
  const delivered = (await bytesSince(start)) / size.wal - captured;
  const payload = Number(await one("SELECT avg(octet_length(payload::text))::int FROM gqlsvl.event_log WHERE trigger = 'wal'"));
  line('the row itself', bare.toFixed(0));
  line(`its event (payload ${payload})`, (captured - bare).toFixed(0));
  line('its delivery: checkpoints and invocation log', delivered.toFixed(0));
  await sql("SELECT gqlsvl.drop_trigger('wal')");
}

// Commits of another table at a steady rate while `work` runs: commit -> POST of the receiver in ms.
async function latencyWhile(path, work) {
  await sql('TRUNCATE fast');
  await sink('/reset');
  const writing = pgbench('INSERT INTO fast DEFAULT VALUES;\n', '-c', '2', '-R', '100', '-T', String(size.seconds));
  await work?.();
  await writing;
  const count = Number(await one('SELECT count(*) FROM fast'));
  await until(`all of ${path} are sent`, async () => (await received(path)) >= count);
  const commits = new Map((await sql('SELECT n, extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1e6 AS at FROM fast')).map(({ n, at }) => [Number(n), Number(at)]));
  return (await times(path)).filter(([n]) => commits.has(n)).map(([n, at]) => (at - commits.get(n)) / 1000);
}

const fastTrigger = () => sql(`SELECT gqlsvl.create_trigger('fast', 'fast', '${process.env.SINK}/fast', operations => '{INSERT}', max_in_flight => 64, replace => true)`);
const shown = (waits) => [percentile(waits, 0.5), percentile(waits, 0.99), Math.max(...waits)].map((ms) => ms.toFixed(2));

async function huge() {
  title(`One transaction of ${size.huge} rows, others meanwhile (100 commits/s of another table, commit -> POST)`, ['others', 'commits', 'p50 ms', 'p99 ms', 'max ms']);
  await fastTrigger();
  const alone = await latencyWhile('/fast');
  line('alone', alone.length, ...shown(alone));
  await sql('CREATE TABLE huge (n int PRIMARY KEY, note text NOT NULL)');
  await sql(`SELECT gqlsvl.create_trigger('huge', 'huge', '${process.env.SINK}/huge', operations => '{INSERT}', max_in_flight => 64)`);
  const worker = await one("SELECT pid FROM pg_stat_activity WHERE backend_type = 'gqlsvl delivery' LIMIT 1");
  const memory = (what) => Number(new RegExp(`${what}:\\s*(\\d+)`).exec(readFileSync(`/proc/${worker}/status`, 'utf8'))[1]);
  const own = memory('RssAnon');
  let peak = own;
  const looking = setInterval(() => (peak = Math.max(peak, memory('RssAnon'))), 20);
  const writer = new pg.Client();
  await writer.connect();
  const beside = await latencyWhile('/fast', () => writer.query(`INSERT INTO huge SELECT n, repeat('x', 100) FROM generate_series(1, ${size.huge}) n`));
  line('beside it', beside.length, ...shown(beside));
  await until('the huge transaction is sent', async () => (await one("SELECT count(*) FROM gqlsvl.retry") === '0') && (await one("SELECT NOT EXISTS (SELECT FROM gqlsvl.event_log WHERE trigger = 'huge' AND status <> 'delivered')")));
  clearInterval(looking);
  await writer.end();
  console.log(`\nOwn memory of the delivery worker (RssAnon, asked every 20 ms): ${(own / 1024).toFixed(0)} MB before, at most ${(peak / 1024).toFixed(0)} MB.`);
  await sql("SELECT gqlsvl.drop_trigger('huge')");
}

// Without wake-up: the worker is stopped (SIGSTOP) with its latch set, so that a commit signals nobody; it also takes none of the processor.
async function writers() {
  title('Writers: 64 clients, single-row commits, the same trigger (median of three rounds in turn)', ['delivery worker', 'commits/s', 'ratio']);
  await sql('CREATE TABLE written (n serial PRIMARY KEY, note text NOT NULL DEFAULT $$x$$)');
  await sql(`SELECT gqlsvl.create_trigger('written', 'written', '${process.env.SINK}/written', operations => '{INSERT}', max_in_flight => 64)`);
  const worker = Number(await one("SELECT pid FROM pg_stat_activity WHERE backend_type = 'gqlsvl delivery' LIMIT 1"));
  const rate = () => pgbench('INSERT INTO written DEFAULT VALUES;\n', '-c', '64', '-j', '2', '-T', String(size.seconds));
  const seen = { stopped: [], paused: [], sending: [] };
  for (let round = 0; round < 3; round++) {
    process.kill(worker, 'SIGSTOP');
    try {
      seen.stopped.push(await rate());
    } finally {
      process.kill(worker, 'SIGCONT');
    }
    seen.sending.push(await rate());
    await sql("SELECT gqlsvl.pause_trigger('written')");
    seen.paused.push(await rate());
    await sql("SELECT gqlsvl.resume_trigger('written')");
    await until('the backlog is sent', async () => await one("SELECT NOT EXISTS (SELECT FROM gqlsvl.event_log WHERE trigger = 'written' AND status <> 'delivered')"));
  }
  const base = percentile(seen.stopped, 0.5);
  const names = { stopped: 'not woken (stopped)', sending: 'woken, sending', paused: 'woken, its trigger paused' };
  for (const [what, name] of Object.entries(names)) line(name, percentile(seen[what], 0.5).toFixed(0), (percentile(seen[what], 0.5) / base).toFixed(2));
  await sql("SELECT gqlsvl.drop_trigger('written')");
}

async function neighbours() {
  title('Neighbours: commit -> POST of a fast receiver (100 commits/s) beside a dead one and one that takes 5 s, each with a backlog', ['fast receiver', 'commits', 'p50 ms', 'p99 ms', 'max ms']);
  await fastTrigger();
  const alone = await latencyWhile('/fast');
  line('alone', alone.length, ...shown(alone));
  for (const [name, url] of [['dead', 'http://127.0.0.1:9/'], ['slow', `${process.env.SINK}/slow/`]]) {
    await sql(`CREATE TABLE ${name} (n serial PRIMARY KEY)`);
    await sql(`SELECT gqlsvl.create_trigger('${name}', '${name}', '${url}', operations => '{INSERT}')`);
    await sql(`INSERT INTO ${name} SELECT FROM generate_series(1, ${quick ? 5_000 : 50_000})`);
  }
  const more = (table) => pgbench(`INSERT INTO ${table} DEFAULT VALUES;\n`, '-c', '1', '-R', '20', '-T', String(size.seconds));
  const beside = await latencyWhile('/fast', () => Promise.all([more('dead'), more('slow')]));
  line('beside a dead and a slow one', beside.length, ...shown(beside));
  for (const name of ['dead', 'slow', 'fast']) await sql(`SELECT gqlsvl.drop_trigger('${name}')`);
}

const parts = { burst, backlog, wal, huge, writers, neighbours };
try {
  await sql('CREATE EXTENSION IF NOT EXISTS gqlsvl');
  await sql("DROP TABLE IF EXISTS fast; CREATE TABLE fast (n serial PRIMARY KEY, note text NOT NULL DEFAULT repeat('x', 100))");
  for (const part of options.only.split(',')) await parts[part]();
} finally {
  await db.end();
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
