// docs/guide.md and docs/events.md work as written: their blocks are run in order, and what they say is printed is printed.
//
// ```conf: the server's settings. ```sql: psql. ```sh: bash; `terminal=N` runs on beside the rest, until "stop terminal=N"; `once` is the installation,
// which the test suite has done. ```js NAME: a file. ```json and ```text: what the block before prints, or the last line of a terminal;
// `eventually` repeats a query until it prints that. Ports are replaced by free ones.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { lib, until } from '../lib/cluster.mjs';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const plain = (text) => text.trim().split('\n').map((line) => line.trim().replace(/\s+/g, ' ')).join('\n');

function follow(page) {
  const ports = { 8080: lib('free_port'), 9000: lib('free_port') };
  const text = readFileSync(path.join(root, page), 'utf8').replace(/\b(8080|9000)\b/g, (port) => ports[port]);
  const work = mkdtempSync(path.join(tmpdir(), 'gqlsvl-guide-'));
  const terminals = {};
  const server = {};

  // [{kind, words, text}] of the page, in order; "stop" for the comments.
  const blocks = [...text.matchAll(/^```(\w+)(.*)\n([\s\S]*?)^```$|^<!-- stop (terminal=\d+) -->$/gm)]
    .map(([, kind = 'stop', words = '', text = '', stop]) => ({ kind, words: (stop ?? words).trim(), text }));
  const terminalOf = ({ words }) => words.match(/terminal=(\d+)/)?.[1];
  function psql(text) {
    return execFileSync(server.psql, ['-h', server.dir, '-p', server.port, '-U', 'postgres', '-X', '-v', 'ON_ERROR_STOP=1', '-f', '-'], { encoding: 'utf8', input: text });
  }
  function stop(terminal) {
    process.kill(-terminals[terminal].child.pid, 'SIGTERM');
    return until(`terminal ${terminal} has ended`, () => terminals[terminal].child.exitCode !== null || terminals[terminal].child.signalCode !== null);
  }
  function open(terminal, command) {
    const child = spawn('bash', ['-c', command], { cwd: work, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    terminals[terminal] = { child, output: '' };
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { terminals[terminal].output += data; });
  }

  const run = {
    conf(block) {
      server.dir = path.join(lib('build_and_install >&2; d=$(scratch_dir guide); if [ "$(id -u)" = 0 ]; then chown postgres: "$d"; fi; echo "$d"'), 'c');
      server.port = lib('free_port');
      server.psql = lib('echo "$PG_BIN/psql"');
      const settings = block.text.trim().split('\n').concat(`gqlsvl.port = ${ports[8080]}`);
      lib('dir=$1 port=$2; shift 2; start_cluster "$dir" "$port" "$@"', server.dir, server.port, ...settings);
    },
    js(block) { writeFileSync(path.join(work, block.words), block.text); },
    async sql(block) {
      block.output = () => psql(block.text);
      if (block.words !== 'eventually') { const printed = block.output(); block.output = () => printed; }
      if (block.text.includes('CREATE EXTENSION')) {
        await until('the port answers', async () => (await fetch(`http://localhost:${ports[8080]}/healthz`)).ok);
      }
    },
    sh(block) {
      if (block.words === 'once') return;
      const terminal = terminalOf(block);
      if (terminal) return void open(terminal, block.text);
      const { status, stdout, stderr } = spawnSync('bash', ['-c', block.text], { cwd: work, encoding: 'utf8' });
      assert.equal(status, 0, stderr);
      block.output = () => stdout;
    },
    stop(block) { return stop(terminalOf(block)); },
  };

  before(() => { symlinkSync(path.join(root, 'test/clients/node_modules'), path.join(work, 'node_modules')); });
  after(async () => {
    for (const terminal of Object.keys(terminals)) if (terminals[terminal].child.exitCode === null && terminals[terminal].child.signalCode === null) await stop(terminal);
    if (server.dir) { lib('stop_cluster "$1" immediate', server.dir); rmSync(path.dirname(server.dir), { recursive: true, force: true }); }
    rmSync(work, { recursive: true, force: true });
  });

  test(`every block of ${page} does what the page says`, { timeout: 300_000 }, async () => {
    assert.ok(blocks.length > 20, 'the page was read');
    let last;
    for (const block of blocks) {
      if (run[block.kind]) { await run[block.kind](block); last = block; continue; }
      const terminal = terminalOf(block);
      if (block.kind === 'json') { assert.equal(JSON.stringify(JSON.parse(last.output())), block.text.trim()); continue; }
      const printed = () => plain(terminal ? terminals[terminal].output : last.output());
      const found = () => (terminal ? printed().split('\n').at(-1) === plain(block.text) : printed().startsWith(plain(block.text)));
      await until(`printed: ${block.text}`, found).catch((error) => assert.fail(`${error.message}\nprinted instead:\n${printed()}`));
    }
  });
}

for (const page of ['docs/guide.md', 'docs/events.md']) describe(page, () => follow(page));
