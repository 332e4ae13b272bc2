// The comparison at the end of a headless run sees each kind of disagreement between rows, runtime log and socket.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { compareRecords } from '../driver/records.mjs';

const FUNCTIONS = ['validate', 'payment', 'approval', 'agent'];

function agreeing() {
  return {
    expected: new Map([['a', false], ['b', true]]),
    rows: new Map([
      ['a', { is_agent_assigned: true, decline_reason: null, payment: 'accepted', total: 9.5, price: 9.5, steps: FUNCTIONS }],
      ['b', { is_agent_assigned: false, decline_reason: 'Card declined', payment: 'declined', total: 9.5, price: 9.5, steps: ['validate', 'payment'] }],
    ]),
    log: {
      outcomes: new Map([...FUNCTIONS.map((name) => [`a ${name}`, ['done']]), ['b validate', ['done']], ['b payment', ['declined']]]),
      succeeded: new Map([['validate', 2], ['payment', 2], ['approval', 1], ['agent', 1]]),
    },
    states: new Map([['a', ['placed', 'validated', 'paid', 'approved', 'agent assigned', 'delivered']], ['b', ['placed', 'validated', 'declined']]]),
  };
}
function after(change) {
  const records = agreeing();
  change(records);
  return compareRecords(records).join('\n');
}

test('three records that agree have no difference', () => assert.deepEqual(compareRecords(agreeing()), []));
test('a lost row', () => assert.match(after((r) => r.rows.delete('a')), /order a: no row/));
test('a row nobody placed', () => assert.match(after((r) => r.rows.set('c', r.rows.get('a'))), /Postgres has 3 orders, 2 were placed/));
test('a declined card that was charged', () => assert.match(after((r) => { r.rows.get('b').payment = 'accepted'; }), /order b: payment accepted/));
test('a total that is not the price', () => assert.match(after((r) => { r.rows.get('a').total = 1; }), /total 1, its items cost 9.5/));
test('a function that never ran', () => assert.match(after((r) => r.log.outcomes.delete('a agent')), /0 completed runs of agent/));
test('a function that did its work twice', () =>
  assert.match(after((r) => { r.log.outcomes.set('a payment', ['paid', 'paid']); r.log.succeeded.set('payment', 3); }), /2 completed runs of payment/));
test('a second delivery that did nothing is no difference', () =>
  assert.equal(after((r) => { r.log.outcomes.set('a payment', ['paid', 'done before']); r.log.succeeded.set('payment', 3); }), ''));
test('an invocation the runtime does not know of', () =>
  assert.match(after((r) => r.log.succeeded.set('agent', 0)), /the runtime ended 0 invocations of agent, the function wrote 1/));
test('a state missing on the socket', () =>
  assert.match(after((r) => r.states.set('a', ['placed', 'paid', 'approved', 'agent assigned'])), /order a: the socket brought placed > paid/));
test('states out of order', () =>
  assert.match(after((r) => r.states.set('b', ['placed', 'declined', 'validated'])), /order b: the socket brought/));
