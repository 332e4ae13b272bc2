# Sourced by the scripts: where things are, who runs the servers, how a private cluster is started and stopped.
#
# Nothing is written outside build/ and the temporary folder: the server used is a private copy of Debian's PostgreSQL files under
# build/pg (Postgres finds lib/ and share/ relative to its own binary), so an installed gqlsvl or a running server is never touched.
# Root's servers run as the user postgres; when he cannot read the clone (it is under /root), that copy is kept in /var/tmp instead.
set -euo pipefail
umask 022
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PGMAJOR=${PGMAJOR:-15}
PG_SYSTEM=/usr/lib/postgresql/$PGMAJOR

readable_by_all() { # FILE, with every folder above it
  local path=$1
  while [ "$path" != / ]; do
    [ -n "$(find "$path" -maxdepth 0 -perm -o+r \( ! -type d -o -perm -o+x \))" ] || return 1
    path=$(dirname "$path")
  done
}
# What the servers' user runs and reads.
SERVER_ROOT=$ROOT
if [ "$(id -u)" = 0 ] && ! readable_by_all "$ROOT/scripts/lib.sh"; then
  SERVER_ROOT=/var/tmp/gqlsvl-$(cksum <<<"$ROOT" | cut -d' ' -f1)
  mkdir -p "$SERVER_ROOT"
  [ -O "$SERVER_ROOT" ] || { echo "error: $SERVER_ROOT belongs to somebody else" >&2; exit 1; }
fi
PG_PREFIX=$SERVER_ROOT/build/pg
PG_BIN=$PG_PREFIX/lib/postgresql/$PGMAJOR/bin
PG_CONFIG=$PG_BIN/pg_config
export PG_CONFIG

say() { printf '%s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }
sudo_if_needed() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

# Postgres refuses to run as root: then everything of a cluster runs as the user postgres.
server_user() { if [ "$(id -u)" = 0 ]; then echo postgres; else id -un; fi; }
as_server_user() {
  if [ "$(id -u)" = 0 ]; then (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups env HOME=/tmp "$@"); else "$@"; fi
}

# build/pg: the private copy. Binaries are copied (Postgres resolves links to find its prefix), the rest is linked.
ensure_pg_prefix() {
  [ -x "$PG_CONFIG" ] && [ "$PG_BIN/postgres" -nt "$PG_SYSTEM/bin/postgres" ] && return 0
  [ -x "$PG_SYSTEM/bin/postgres" ] || die "PostgreSQL $PGMAJOR is not installed: run scripts/install-deps"
  rm -rf "$PG_PREFIX"
  mkdir -p "$PG_PREFIX/lib/postgresql/$PGMAJOR" "$PG_PREFIX/share/postgresql" "$PG_PREFIX/include"
  cp -r "$PG_SYSTEM/bin" "$PG_PREFIX/lib/postgresql/$PGMAJOR/"
  cp -rs "$PG_SYSTEM/lib" "$PG_PREFIX/lib/postgresql/$PGMAJOR/lib"
  cp -rs "/usr/share/postgresql/$PGMAJOR" "$PG_PREFIX/share/postgresql/$PGMAJOR"
  ln -s /usr/include/postgresql "$PG_PREFIX/include/postgresql"
}

# Builds the extension and installs it into build/pg.
build_and_install() {
  ensure_pg_prefix
  make -C "$ROOT" -s -j"$(nproc)" PG_CONFIG="$PG_CONFIG" with_llvm=no all
  make -C "$ROOT" -s PG_CONFIG="$PG_CONFIG" with_llvm=no install >/dev/null
}

# start_cluster DIR PORT ['setting = value' ...]: a new cluster with gqlsvl preloaded, reachable by socket in DIR and on 127.0.0.1:PORT.
start_cluster() {
  local dir=$1 port=$2; shift 2
  rm -rf "$dir"; mkdir -p "$dir"
  if [ "$(id -u)" = 0 ]; then chown postgres: "$dir"; fi
  as_server_user "$PG_BIN/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-instructions >"$dir/initdb.log" 2>&1 ||
    { cat "$dir/initdb.log" >&2; die "initdb failed"; }
  {
    echo "listen_addresses = '127.0.0.1'"
    echo "port = $port"
    echo "unix_socket_directories = '$dir'"
    echo "shared_preload_libraries = 'gqlsvl'"
    for line in "$@"; do echo "$line"; done
  } | as_server_user tee -a "$dir/data/postgresql.conf" >/dev/null
  as_server_user "$PG_BIN/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 60 start >/dev/null || { tail -n 30 "$dir/server.log" >&2; die "the server did not start"; }
}
stop_cluster() { # DIR [MODE]
  [ -d "$1/data" ] && as_server_user "$PG_BIN/pg_ctl" -D "$1/data" -m "${2:-fast}" -w -t 60 stop >/dev/null 2>&1 || true
}

# A folder for clusters that the server's user can write to; removed by the caller.
scratch_dir() { local d; d=$(mktemp -d "${TMPDIR:-/tmp}/gqlsvl-$1.XXXXXX"); chmod 755 "$d"; echo "$d"; }
free_port() { python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1",0)); print(s.getsockname()[1])'; }
