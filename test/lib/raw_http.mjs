// HTTP by hand over TCP, for what no well-behaved client would send.
//
// open(port) -> Connection: write(text), answers() so far, answer(n) waits for the n-th, ended() waits for the server's end, destroy().
// An answer: { status, headers, body }; only what the server sends is read: Content-Length, no chunks.
import net from 'node:net';
import { until } from './cluster.mjs';

class Connection {
  constructor(port) {
    this.received = Buffer.alloc(0);
    this.isEnded = false;
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.on('data', (bytes) => { this.received = Buffer.concat([this.received, bytes]); });
    this.socket.on('close', () => { this.isEnded = true; });
    this.socket.on('error', () => {});
  }
  write(text) { this.socket.write(text); return this; }
  answers() {
    const list = [];
    for (let at = 0; ;) {
      const end = this.received.indexOf('\r\n\r\n', at);
      if (end < 0) return list;
      const [first, ...lines] = this.received.subarray(at, end).toString('latin1').split('\r\n');
      const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
      const body = end + 4 + (this.isHead ? 0 : Number(headers['content-length'] ?? 0));
      if (this.received.length < body) return list;
      list.push({ status: Number(first.split(' ')[1]), headers, body: this.received.subarray(end + 4, body).toString() });
      at = body;
    }
  }
  async answer(n = 0, seconds = 30) {
    await until(`answer ${n}; received ${this.received.length} bytes, ${this.isEnded ? 'ended' : 'open'}`, () => this.answers().length > n, seconds);
    return this.answers()[n];
  }
  async ended(seconds = 30) { await until('the server ends the connection', () => this.isEnded, seconds); }
  destroy() { this.socket.destroy(); }
}

export function open(port) { return new Connection(port); }
export function request(method, path, headers = {}, body = '') {
  const lines = Object.entries({ Host: '127.0.0.1', ...(body ? { 'Content-Length': Buffer.byteLength(body) } : {}), ...headers }).map(([name, value]) => `${name}: ${value}`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
}
