// A client that does not read: what it costs is bounded, others notice nothing, and when it reads it gets the last state.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { start, token, until } from '../lib/cluster.mjs';

let cluster;
const sockets = [];
before(async () => {
  cluster = await start();
  cluster.sql("CREATE TABLE page (id int PRIMARY KEY, body text NOT NULL); GRANT SELECT ON page TO web; INSERT INTO page VALUES (1, 'start')");
});
after(() => {
  sockets.forEach((one) => one.terminate());
  cluster?.stop();
});

// Follows the page; `states` are the first letters of each state.
async function follow() {
  const socket = new WebSocket(cluster.wsUrl, 'graphql-transport-ws');
  sockets.push(socket);
  const states = [], send = (message) => socket.send(JSON.stringify(message));
  socket.on('open', () => send({ type: 'connection_init', payload: { headers: { Authorization: `Bearer ${token({ role: 'web' })}` } } }));
  socket.on('message', (text) => {
    const message = JSON.parse(text);
    if (message.type === 'connection_ack') send({ type: 'subscribe', id: '1', payload: { query: 'subscription { page { body } }' } });
    if (message.type === 'next') states.push(message.payload.data.page[0].body.slice(0, 8).trim());
  });
  await until('the first state', () => states.length === 1);
  return { socket, states };
}

test('states of a megabyte pile up nowhere', async () => {
  const slow = await follow(), quick = await follow();
  const listener = cluster.sql("SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'listener' AND pid > 0");
  const resident_mb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${listener}/status`, 'utf8'))[1]) / 1024;
  const before = resident_mb();
  slow.socket._socket.pause();
  for (let n = 1; n <= 60; ++n) {
    cluster.sql(`UPDATE page SET body = rpad('${n}', 1000000)`);
    await until(`the quick client sees state ${n}`, () => quick.states.at(-1) === `${n}`);
  }
  assert.ok(resident_mb() - before < 30, `60 MB of states cost ${Math.round(resident_mb() - before)} MB`);
  assert.ok(slow.states.length < 20, 'the slow client has read little');
  slow.socket._socket.resume();
  await until('the slow client sees the last state', () => slow.states.at(-1) === '60');
  assert.ok(slow.states.length < 30, `it skipped states: ${slow.states.length} came`);
});
