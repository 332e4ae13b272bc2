// A private cluster for a test of clients: started by scripts/lib.sh on free ports, gone at the end.
//
// start(settings) -> Cluster: sql(text), pids(), log(), url, wsUrl, stop(). token(claims) signs HS256 with the cluster's key.
// until(what, check, seconds): waits for a condition with a deadline; tests never sleep for a time.
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const jwtKey = 'a key for tests of at least thirty-two bytes';
export const adminSecret = 'a secret for tests';

export function lib(script, ...args) {
  const result = spawnSync('bash', ['-c', `. "$0/scripts/lib.sh"; ${script}`, root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (result.status !== 0) throw new Error(`${script}\n${result.stdout}${result.stderr}`);
  return result.stdout.trim();
}

export async function until(what, check, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (let last; ; ) {
    try {
      const value = await check();
      if (value) return value;
    } catch (error) { last = error; }
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}${last ? ` (${last.message})` : ''}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const base64url = (value) => Buffer.from(value).toString('base64url');
export function token(claims, { key = jwtKey, header = { alg: 'HS256', typ: 'JWT' } } = {}) {
  const text = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}

class Cluster {
  constructor(settings, primary) {
    this.dir = lib('build_and_install >&2; d=$(scratch_dir clients); if [ "$(id -u)" = 0 ]; then chown postgres: "$d"; fi; echo "$d"');
    this.port = lib('free_port');
    this.listenPort = lib('free_port');
    this.url = `http://127.0.0.1:${this.listenPort}/v1/graphql`;
    this.wsUrl = this.url.replace('http', 'ws');
    if (primary) return;
    const lines = [
      `gqlsvl.port = ${this.listenPort}`, 'max_worker_processes = 20', 'fsync = off',
      `gqlsvl.jwt_secret = '{"type":"HS256","key":"${jwtKey}"}'`, `gqlsvl.admin_secret = '${adminSecret}'`, "gqlsvl.admin_role = 'boss'", ...settings,
    ];
    lib('dir=$1 port=$2; shift 2; start_cluster "$dir" "$port" "$@"', `${this.dir}/c`, this.port, ...lines);
    this.sql('CREATE EXTENSION gqlsvl; CREATE ROLE boss; CREATE ROLE web; GRANT boss, web TO gqlsvl_authenticator');
  }
  sql(text, database = 'postgres') {
    const psql = lib('echo "$PG_BIN/psql"');
    return execFileSync(psql, ['-h', `${this.dir}/c`, '-p', this.port, '-U', 'postgres', '-d', database, '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', text], { encoding: 'utf8' }).trim();
  }
  // A file's worth of statements, which may have psql's commands.
  script(text) {
    const psql = lib('echo "$PG_BIN/psql"');
    return execFileSync(psql, ['-h', `${this.dir}/c`, '-p', this.port, '-U', 'postgres', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-f', '-'],
      { encoding: 'utf8', input: text, maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'pipe'] }).trim();
  }
  // The answers to many requests {query, variables} as a role, by one statement. `call`: gqlsvl.resolve or gqlsvl.explain.
  resolveAll(role, requests, call = 'gqlsvl.resolve') {
    const rows = this.script(`BEGIN; CREATE TEMP TABLE request AS SELECT n, value FROM json_array_elements($requests$${JSON.stringify(requests)}$requests$) WITH ORDINALITY AS r(value, n);
      GRANT SELECT ON request TO ${role}; SET LOCAL ROLE ${role};
      \\pset recordsep_zero on
      SELECT ${call}(value ->> 'query', value -> 'variables') FROM request ORDER BY n; ROLLBACK;`);
    return rows.split('\0').filter(Boolean).map((row) => JSON.parse(row));
  }
  // The same without waiting: a promise.
  sqlAsync(text, database = 'postgres') {
    const psql = lib('echo "$PG_BIN/psql"');
    return new Promise((resolve, reject) => execFile(psql, ['-h', `${this.dir}/c`, '-p', this.port, '-U', 'postgres', '-d', database, '-XAtq', '-v', 'ON_ERROR_STOP=1', '-c', text],
      (error, out, err) => (error ? reject(new Error(err)) : resolve(out.trim()))));
  }
  // Every process of the cluster that serves; a test compares it before and after.
  pids() { return this.sql("SELECT kind || ' ' || pid FROM gqlsvl.stat_worker WHERE pid > 0 ORDER BY 1"); }
  async healthy() { await until('the port is healthy', async () => (await fetch(new URL('/healthz', this.url))).ok); }
  log() { return readFileSync(`${this.dir}/c/server.log`, 'utf8'); }
  stop() {
    lib('stop_cluster "$1" immediate', `${this.dir}/c`);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

// A hot standby of a cluster: the same methods, on ports of its own. Stopped with the primary's folder: stop it first.
class Standby extends Cluster {
  constructor(primary) {
    super([], primary);
    lib(`dir=$1 primary=$2 primary_port=$3 port=$4 api_port=$5; mkdir "$dir"; if [ "$(id -u)" = 0 ]; then chown postgres: "$dir"; fi
      as_server_user "$PG_BIN/pg_basebackup" -h "$primary" -p "$primary_port" -U postgres -D "$dir/data" -R -c fast
      printf '%s\n' "port = $port" "unix_socket_directories = '$dir'" "gqlsvl.port = $api_port" | as_server_user tee -a "$dir/data/postgresql.conf" >/dev/null
      as_server_user "$PG_BIN/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 start >/dev/null`,
      `${this.dir}/c`, `${primary.dir}/c`, primary.port, this.port, this.listenPort);
  }
  promote() { this.sql('SELECT pg_promote()'); }
}

export async function startStandby(primary) {
  const standby = new Standby(primary);
  await standby.healthy();
  return standby;
}

export async function start(...settings) {
  const cluster = new Cluster(settings);
  try {
    await cluster.healthy();
  } catch (error) {
    const log = cluster.log();
    cluster.stop();
    throw new Error(`${error.message}\n${log}`);
  }
  return cluster;
}
