// The senders that are compared: each gets `count` events that wait, then sends them to `url` as fast as it can.
//
// fill(): makes the events wait. drain(): starts the sender; the caller watches the receiver. stop(): ends it.
// The other two run in this process (Node 22) with 64 keep-alive connections and 64 jobs at a time; gqlsvl with max_in_flight 64.
import { Agent, request } from 'node:http';
import { Logger, run, runMigrations } from 'graphile-worker';
import { PgBoss } from 'pg-boss';

const parallel = 64;
const agent = new Agent({ keepAlive: true, maxSockets: parallel });
const note = 'x'.repeat(100);

function post(url, data) {
  const body = JSON.stringify(data);
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (answer) => {
      answer.resume();
      answer.on('end', () => (answer.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${answer.statusCode}`))));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

export function gqlsvl(sql) {
  return {
    name: 'gqlsvl, invocation log on',
    async fill(count, url) {
      await sql('DROP TABLE IF EXISTS change; CREATE TABLE change (n serial PRIMARY KEY, note text NOT NULL)');
      await sql(`SELECT gqlsvl.create_trigger('burst', 'change', '${url}', operations => '{INSERT}', max_in_flight => ${parallel})`);
      await sql("SELECT gqlsvl.pause_trigger('burst')"); // a breath later the worker knows
      await sql(`INSERT INTO change (note) SELECT '${note}' FROM generate_series(1, ${count})`);
    },
    drain: () => sql("SELECT gqlsvl.resume_trigger('burst')"),
    stop: () => sql("SELECT gqlsvl.drop_trigger('burst')"),
  };
}

export function graphileWorker(sql, connectionString) {
  const logger = new Logger(() => () => {});
  let runner;
  return {
    name: 'graphile-worker, jobs deleted when done',
    async fill(count) {
      await runMigrations({ connectionString, logger });
      await sql(`SELECT graphile_worker.add_job('post', json_build_object('n', n, 'note', '${note}')) FROM generate_series(1, ${count}) n`);
    },
    async drain(url) {
      const taskList = { post: (payload) => post(url, payload) };
      const preset = { worker: { connectionString, concurrentJobs: parallel, maxPoolSize: 10, pollInterval: 100, logger, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } };
      runner = await run({ preset, taskList, noHandleSignals: true });
    },
    stop: () => runner.stop(),
  };
}

export function pgBoss(sql, connectionString) {
  let boss;
  return {
    name: 'pg-boss, completed jobs kept',
    async fill(count) {
      boss = new PgBoss({ connectionString, max: 10 });
      boss.on('error', (error) => console.error(error));
      await boss.start();
      await boss.createQueue('post');
      for (let from = 1; from <= count; from += 1000)
        await boss.insert('post', Array.from({ length: Math.min(1000, count - from + 1) }, (_, i) => ({ data: { n: from + i, note } })));
    },
    drain: (url) => boss.work('post', { batchSize: 500, pollingIntervalSeconds: 0.5 }, (jobs) => Promise.all(jobs.map(({ data }) => post(url, data)))),
    stop: () => boss.stop({ graceful: false }),
  };
}
