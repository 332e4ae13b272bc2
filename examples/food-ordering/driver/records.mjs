// The three independent records of a run, and what they must agree on.
//
// In:  rows of Postgres (by the pg driver), the runtime's own log (a file), the states that came over the sockets.
// Out: compareRecords(): a list of sentences, one per disagreement; empty when all agree.
import { readFile } from 'node:fs/promises';
import { STATES } from './customer.mjs';

const FUNCTIONS = ['validate', 'payment', 'approval', 'agent'];
const DECLINED = ['placed', 'validated', 'declined'];

// Each invocation that ended well leaves two lines: the function's own (JSON) and the runtime's ("RequestId ... Duration ...").
export async function readRuntimeLog(path) {
  const text = (await readFile(path, 'utf8')).replace(/\u001b\[[0-9;]*m/g, '');
  const succeeded = new Map(FUNCTIONS.map((name) => [name, 0]));
  const outcomes = new Map();
  for (const line of text.split('\n')) {
    const ended = /\(λ: (\w+)\) RequestId: \S+\s+Duration:/.exec(line);
    if (ended) succeeded.set(ended[1], succeeded.get(ended[1]) + 1);
    if (!line.startsWith('{"step":')) continue;
    const { step, order, outcome } = JSON.parse(line);
    if (outcome) outcomes.set(`${order} ${step}`, [...(outcomes.get(`${order} ${step}`) ?? []), outcome]);
  }
  return { succeeded, outcomes };
}

export async function readRows(database) {
  const { rows } = await database.query(`
    SELECT o.id, o.is_validated, o.is_paid, o.is_approved, o.is_agent_assigned, o.decline_reason, o.total::float8 AS total,
           (SELECT sum(i.quantity * m.price)::float8 FROM order_items i JOIN menu_items m ON m.id = i.menu_item_id WHERE i.order_id = o.id) AS price,
           (SELECT status FROM payments p WHERE p.order_id = o.id) AS payment,
           (SELECT coalesce(json_agg(s.name ORDER BY s.done_at), '[]') FROM step s WHERE s.order_id = o.id) AS steps
    FROM orders o`);
  return new Map(rows.map((row) => [row.id, row]));
}

function compareRow(order, row, declined, say) {
  if (!row) return say(`order ${order}: no row in Postgres`);
  if (row.is_agent_assigned === declined) say(`order ${order}: the row says ${declined ? 'assigned, expected declined' : 'not assigned'}`);
  if (declined !== (row.decline_reason !== null)) say(`order ${order}: decline reason ${row.decline_reason}`);
  if (row.payment !== (declined ? 'declined' : 'accepted')) say(`order ${order}: payment ${row.payment}`);
  if (row.total !== row.price) say(`order ${order}: total ${row.total}, its items cost ${row.price}`);
  const expected = declined ? FUNCTIONS.slice(0, 2) : FUNCTIONS;
  if (row.steps.join() !== expected.join()) say(`order ${order}: steps ${row.steps}`);
}

function compareInvocations(order, outcomes, declined, say) {
  for (const name of declined ? FUNCTIONS.slice(0, 2) : FUNCTIONS) {
    const ofStep = outcomes.get(`${order} ${name}`) ?? [];
    // Delivered more than once is allowed; done more than once is not.
    const work = ofStep.filter((outcome) => outcome !== 'done before' && outcome !== 'nothing to do');
    if (work.length !== 1) say(`order ${order}: the runtime's log has ${work.length} completed runs of ${name}`);
  }
}

function compareStates(order, states, declined, say) {
  const expected = declined ? DECLINED : STATES;
  const seen = states.filter((state) => state !== 'delivered');
  if (seen.join() !== expected.join()) say(`order ${order}: the socket brought ${states.join(' > ')}`);
}

// `expected`: order id -> whether its card declines. Every difference is a sentence.
export function compareRecords({ expected, rows, log, states }) {
  const differences = [];
  const say = (sentence) => differences.push(sentence);
  for (const [order, declined] of expected) {
    compareRow(order, rows.get(order), declined, say);
    compareInvocations(order, log.outcomes, declined, say);
    compareStates(order, states.get(order) ?? [], declined, say);
  }
  if (rows.size !== expected.size) say(`Postgres has ${rows.size} orders, ${expected.size} were placed`);
  for (const name of FUNCTIONS) {
    const lines = [...log.outcomes].filter(([key]) => key.endsWith(` ${name}`)).flatMap(([, outcomes]) => outcomes).length;
    if (lines !== log.succeeded.get(name)) say(`the runtime ended ${log.succeeded.get(name)} invocations of ${name}, the function wrote ${lines}`);
  }
  return differences;
}
