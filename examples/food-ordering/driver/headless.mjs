// The demo without a browser: several customers order through real clients; ends with "demo: N/M orders completed, ... 0 lost".
//
// In:  --orders N --declines N --break FUNCTION --customers N; environment set by scripts/demo (GRAPHQL_URL, PAGE_ORIGIN, PGHOST, PGPORT,
//      RUNTIME_LOG, GATE_URL, AWS_*).
// Out: exit 0 only if every order came to its end and rows, runtime log and socket agree for each of them, and an idle database with open
//      subscriptions runs no statement. Progress on stderr, one closing line on stdout.
import { parseArgs } from 'node:util';
import aws4 from 'aws4';
import pg from 'pg';
import { Customer, isOver } from './customer.mjs';
import { compareRecords, readRows, readRuntimeLog } from './records.mjs';
import { idleStatements } from './idle.mjs';

const ORDER_DEADLINE_MS = 120_000;
const BROKEN_FOR_MS = 5_000;
const CUSTOMERS = ['ana', 'bruno', 'carla', 'david', 'elena', 'felix', 'greta', 'henry'];
const MENU = { 1: [1, 2, 3, 4], 2: [5, 6, 7, 8], 3: [9, 10, 11] };
const FLAG_OF = { validate: 'is_validated', payment: 'is_paid', approval: 'is_approved', agent: 'is_agent_assigned' };

const { values: options } = parseArgs({ options: {
  orders: { type: 'string', default: '50' }, declines: { type: 'string', default: '0' }, customers: { type: 'string', default: '5' },
  break: { type: 'string' },
} });
const total = Number(options.orders);
const declines = Number(options.declines);
const say = (text) => process.stderr.write(`${text}\n`);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, condition, deadlineMs) {
  for (const deadline = Date.now() + deadlineMs; ; await pause(50)) {
    if (await condition()) return;
    if (Date.now() > deadline) throw new Error(`not in ${deadlineMs / 1000} s: ${what}`);
  }
}

// Off and on as on AWS: a reserved concurrency of 0 lets no invocation through.
async function switchFunction(name, on) {
  const request = aws4.sign({
    host: new URL(process.env.GATE_URL).host, path: `/2017-10-31/functions/${name}/concurrency`, method: on ? 'DELETE' : 'PUT',
    service: 'lambda', region: process.env.AWS_REGION, headers: { 'content-type': 'application/json' },
    body: on ? '' : JSON.stringify({ ReservedConcurrentExecutions: 0 }),
  }, { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY });
  const { host, Host, ...headers } = request.headers;
  const answer = await fetch(new URL(request.path, process.env.GATE_URL), { method: request.method, headers, body: request.body || undefined });
  if (!answer.ok) throw new Error(`switching ${name} ${on ? 'on' : 'off'}: HTTP ${answer.status} ${await answer.text()}`);
}

function basketOf(n) {
  const restaurant = 1 + (n % 3);
  const menu = MENU[restaurant];
  return { restaurant, card: n < declines ? '0002' : '4242',
    items: [{ menu_item_id: menu[n % menu.length], quantity: 1 + (n % 2) }, { menu_item_id: menu[(n + 1) % menu.length], quantity: 1 }] };
}

async function placeOrders(customers) {
  const expected = new Map();
  await Promise.all(customers.map(async (customer, c) => {
    for (let n = c; n < total; n += customers.length) {
      const basket = basketOf(n);
      expected.set(await customer.place(basket), basket.card === '0002');
    }
  }));
  return expected;
}

const statesOf = (customers) => new Map(customers.flatMap((customer) => [...customer.states]));
const stillOpen = (customers, expected) => [...expected.keys()].filter((id) => !isOver(statesOf(customers).get(id)?.at(-1)));

// The talk's resilience: with the function off, orders wait in front of it; with it on again, they go on.
async function showBreak(database, name, customers, expected) {
  const before = Object.keys(FLAG_OF)[Object.keys(FLAG_OF).indexOf(name) - 1];
  const waiting = async () => Number((await database.query(
    `SELECT count(*) FROM orders WHERE NOT ${FLAG_OF[name]} AND ${before ? FLAG_OF[before] : 'true'}`)).rows[0].count);
  await until(`all orders wait for ${name}`, async () => await waiting() === expected.size, ORDER_DEADLINE_MS);
  const least = { count: Infinity };
  for (const end = Date.now() + BROKEN_FOR_MS; Date.now() < end; await pause(100)) least.count = Math.min(least.count, await waiting());
  if (least.count === 0) throw new Error(`${name} is off, but no order waits for it`);
  say(`${name} was off for ${BROKEN_FOR_MS / 1000} s: never fewer than ${least.count} orders waited; switching it on`);
  await switchFunction(name, true);
}

// A signature that the gate refuses stays refused: no use to wait for the deadline.
async function failIfRefused(database) {
  const { rows } = await database.query('SELECT count(*)::int FROM gqlsvl.event_log WHERE last_status = 403');
  if (rows[0].count > 0) throw new Error(`the gate answered 403: it computes another signature than Postgres sent (${rows[0].count} events)`);
}

// What the events say about failed deliveries, for the reader of a run that failed.
async function failedDeliveries(database) {
  const { rows } = await database.query(
    `SELECT trigger, status, last_status, left(last_error, 300) AS last_error, count(*)::int FROM gqlsvl.event_log
     WHERE status <> 'delivered' GROUP BY 1, 2, 3, 4 ORDER BY count(*) DESC LIMIT 5`);
  return rows.map((row) => `${row.count} x ${row.trigger}: ${row.status}, HTTP ${row.last_status ?? '-'}, ${row.last_error ?? ''}`);
}

async function order(database, customers) {
  await Promise.all(customers.map(async (customer) => { await customer.logIn(); await customer.watch(); }));
  if (options.break) await switchFunction(options.break, false);
  const started = Date.now();
  const expected = await placeOrders(customers);
  say(`${expected.size} orders placed by ${customers.length} customers`);
  if (options.break) await showBreak(database, options.break, customers, expected);
  await until('every order at its end', async () => {
    const broken = customers.find((customer) => customer.error);
    if (broken) throw new Error(`${broken.name}: ${broken.error.message}`);
    await failIfRefused(database);
    return stillOpen(customers, expected).length === 0;
  }, ORDER_DEADLINE_MS).catch(async (error) => {
    const open = stillOpen(customers, expected);
    throw new Error([`${error.message}; ${open.length} of ${expected.size} orders open`, ...await failedDeliveries(database)].join('\n  '));
  });
  say(`all at their end after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return expected;
}

async function main() {
  if (options.break && !FLAG_OF[options.break]) throw new Error(`--break ${options.break}: no such function (${Object.keys(FLAG_OF).join(', ')})`);
  if (!(total > 0) || !(declines >= 0 && declines <= total)) throw new Error('--orders must be above 0, --declines between 0 and that');
  const database = new pg.Client({ user: 'postgres', database: 'postgres', host: process.env.PGHOST, port: Number(process.env.PGPORT) });
  await database.connect();
  const customers = CUSTOMERS.slice(0, Math.min(Number(options.customers), total))
    .map((name) => new Customer({ url: process.env.GRAPHQL_URL, origin: process.env.PAGE_ORIGIN, name, onChange: () => {} }));
  try {
    const expected = await order(database, customers);
    const settled = async () => [...statesOf(customers).values()].every((seen) => ['declined', 'delivered'].includes(seen.at(-1)));
    await until('every order delivered or declined on the socket', settled, 30_000);
    const idle = await idleStatements(database, until);
    if (idle.length > 0) throw new Error(`an idle database ran statements: ${idle.join(' | ')}`);
    say('0 statements in 5 idle seconds with the subscriptions open');
    const differences = compareRecords({ expected, rows: await readRows(database),
      log: await readRuntimeLog(process.env.RUNTIME_LOG), states: statesOf(customers) });
    if (differences.length > 0) throw new Error(`the records differ:\n  ${differences.slice(0, 20).join('\n  ')}`);
    say('rows, invocation log and socket agree for every order');
    const declined = [...expected.values()].filter(Boolean).length;
    console.log(`demo: ${total - declined}/${total} orders completed, ${declined > 0 ? `${declined} declined, ` : ''}${total - expected.size} lost`);
  } finally {
    customers.forEach((customer) => customer.close());
    await database.end();
  }
}

main().then(() => process.exit(0), (error) => { say(`demo failed: ${error.message}`); process.exit(1); });
