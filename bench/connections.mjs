// What an open subscription costs the listener's memory. In: --connections. Out: a Markdown table.
// Each connection is a client of its own with claims and variables of its own, so that nothing is shared. Memory is VmRSS; the first
// connections, which bring buffers that all use, are not counted.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import WebSocket from 'ws';
import { start, token, until } from '../test/lib/cluster.mjs';

const { values: options } = parseArgs({ options: { connections: { type: 'string', default: '2000' } } });
const warm = 200, connections = Number(options.connections);
const query = 'subscription ($id: Int) { page(where: {id: {_eq: $id}}) { id } }';

const cluster = await start();
const sockets = [];
let states = 0;

function open(number) {
  const socket = new WebSocket(cluster.wsUrl, 'graphql-transport-ws', { perMessageDeflate: false });
  sockets.push(socket);
  const send = (message) => socket.send(JSON.stringify(message));
  socket.on('open', () => send({ type: 'connection_init', payload: { headers: { Authorization: `Bearer ${token({ role: 'web', sub: `user ${number}` })}` } } }));
  socket.on('message', (text) => {
    const { type } = JSON.parse(text);
    if (type === 'connection_ack') send({ type: 'subscribe', id: '1', payload: { query, variables: { id: number } } });
    if (type === 'next') ++states;
  });
}

async function open_until(count) {
  while (sockets.length < count) {
    open(sockets.length);
    if (sockets.length % 100 === 0) await until('the connections answer', () => states >= sockets.length - 50, 60);
  }
  await until('all have their first state', () => states >= count, 60);
}

try {
  cluster.sql('CREATE TABLE page (id int PRIMARY KEY); GRANT SELECT ON page TO web; INSERT INTO page VALUES (1)');
  const pid = cluster.sql("SELECT pid FROM gqlsvl.stat_worker WHERE kind = 'listener' AND pid > 0");
  const resident_kb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
  await open_until(warm);
  const before_kb = resident_kb();
  await open_until(warm + connections);
  console.log('| subscribed connections | kB of the listener each |\n|---|---|');
  console.log(`| ${sockets.length} | ${((resident_kb() - before_kb) / connections).toFixed(1)} |`);
} finally {
  sockets.forEach((socket) => socket.terminate());
  cluster.stop();
}
process.exit();
