// The receiver of the chaos run: writes down every request before it is answered, and misbehaves at random.
//
// In:  node sink.mjs LOG PORT PORT_FILE. Port 0: a free one, written to the port file once the sink listens.
// Out: LOG gets a line for each request: seconds, path, event id, status, operation, number of the change, row, version; separated by
//   blanks. The status is what the request gets; 0: no complete answer. One write per line: those of a killed sink are whole.
import { openSync, writeSync, writeFileSync, renameSync } from 'node:fs';
import { createServer } from 'node:http';

const [file, port, portFile] = process.argv.slice(2);
const log = openSync(file, 'a');
const faults = [ // share of the requests, status written down, what happens
  [0.02, 500, (_, response) => response.writeHead(500).end('{"reason":"chaos"}')],
  [0.01, 503, (_, response) => response.writeHead(503, { 'retry-after': '0' }).end()],
  [0.01, 0, (request) => request.socket.resetAndDestroy()],
  [0.005, 0, (request) => request.socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf')],
  [0.001, 0, () => {}], // hangs: the sender must give up
  [0.02, 200, (_, response) => setTimeout(() => response.end('{}'), 20 + Math.random() * 400)],
];

function drawn() {
  let draw = Math.random();
  return faults.find(([share]) => (draw -= share) < 0) ?? [1, 200, (_, response) => response.end('{}')];
}

const server = createServer({ keepAliveTimeout: 60000 }, (request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (part) => (body += part)).on('error', () => {});
  request.on('end', () => {
    const { id, event } = JSON.parse(body);
    const row = event.data.new ?? event.data.old;
    const [, status, act] = drawn();
    writeSync(log, `${Date.now() / 1000} ${request.url} ${id} ${status} ${event.op} ${row.op} ${row.id} ${row.version}\n`);
    act(request, response);
  });
});
server.on('clientError', (_, socket) => socket.destroy());
server.listen(Number(port), '127.0.0.1', () => {
  writeFileSync(`${portFile}.new`, String(server.address().port));
  renameSync(`${portFile}.new`, portFile);
});
