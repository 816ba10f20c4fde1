#!/bin/bash
# Usage: tests/with_postgresql.sh COMMAND [ARGUMENT…]
#
# Runs the command with DATABASE_URL pointing to a PostgreSQL of its own, which is started for it
# and deleted after it, whatever happens. Ends with the exit code of the command.
# Neither uses nor touches any other PostgreSQL of this machine. POSTGRESQL_DIRECTORY then has its
# files: its data in data/, and its socket, where everybody may do everything.
# POSTGRESQL_IN: the folder in which that directory is made, instead of /tmp.
# POSTGRESQL_DURABLE=on: what is committed survives a crash, as on a server.
set -euo pipefail

if [ $# -eq 0 ]; then
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi

# Debian keeps the server's programs outside PATH, by version; the newest is taken.
programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
if [ -z "$programs" ]; then
    programs=$(dirname "$(command -v initdb || true)")
fi
if [ ! -x "$programs/initdb" ] || [ ! -x "$programs/pg_ctl" ]; then
    echo "PostgreSQL の initdb と pg_ctl がありません。Debian のパッケージは postgresql です。" >&2
    exit 1
fi

# PostgreSQL refuses to run as root.
as_postgres=()
if [ "$(id -u)" -eq 0 ]; then
    if ! id -u postgres &>/dev/null; then
        echo "root では PostgreSQL が動きません。利用者 postgres が必要です。" >&2
        exit 1
    fi
    as_postgres=(runuser -u postgres --)
fi

postgres() {
    # From a directory that the user postgres may enter, and with no settings of the caller.
    local program=$1
    shift
    (cd "$directory" && "${as_postgres[@]}" env -u PGOPTIONS -u PGSERVICE -u PGHOST -u PGPORT \
        -u PGDATA -u PGUSER -u PGPASSWORD -u PGDATABASE LC_ALL=C.UTF-8 "$programs/$program" "$@")
}

# Only short paths can hold a socket: /tmp, not TMPDIR.
directory=$(mktemp -d "${POSTGRESQL_IN:-/tmp}/nemuro-postgresql.XXXXXX")
clean_up() {
    trap '' INT TERM HUP
    if [ -e "$directory/data/postmaster.pid" ]; then
        postgres pg_ctl stop --pgdata "$directory/data" --mode fast --timeout 20 --silent ||
            postgres pg_ctl stop --pgdata "$directory/data" --mode immediate --silent || true
    fi
    rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
if [ "$(id -u)" -eq 0 ]; then
    chown postgres "$directory"
fi

postgres initdb --pgdata "$directory/data" --username postgres --auth-local trust \
    --auth-host scram-sha-256 --encoding UTF8 --locale C.UTF-8 --no-sync \
    >"$directory/initdb.log" 2>&1 || {
    cat "$directory/initdb.log" >&2
    exit 1
}
cat >>"$directory/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$directory'
CONF
# Nothing here has to survive a power cut.
[ "${POSTGRESQL_DURABLE:-off}" = on ] || cat >>"$directory/data/postgresql.conf" <<CONF
fsync = off
synchronous_commit = off
full_page_writes = off
CONF

# A port below those that the system hands out for outgoing connections. Another one where
# somebody was faster.
started=no
for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 10000))
    if postgres pg_ctl start --pgdata "$directory/data" --log "$directory/server.log" \
        --options "-p $port" --silent --wait >"$directory/pg_ctl.log" 2>&1; then
        started=yes
        break
    fi
done
if [ $started = no ]; then
    cat "$directory/pg_ctl.log" "$directory/server.log" >&2
    echo "PostgreSQL を起動できませんでした。理由は上の表示にあります。" >&2
    exit 1
fi

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
postgres psql --host "$directory" --port "$port" --username postgres --dbname postgres \
    --no-psqlrc --quiet --set ON_ERROR_STOP=1 <<SQL
CREATE ROLE nemuro LOGIN CREATEDB PASSWORD '$password';
CREATE DATABASE nemuro OWNER nemuro;
SQL
export POSTGRESQL_DIRECTORY="$directory"
export DATABASE_URL="postgres://nemuro:$password@127.0.0.1:$port/nemuro"

# In the background, so that a signal to this script is passed on at once instead of after the
# command; with its own stdin and with Ctrl-C as if it were in the foreground.
(
    trap - HUP INT TERM QUIT EXIT
    exec "$@"
) <&0 &
command=$!
trap 'kill -HUP $command 2>/dev/null || true' HUP
trap 'kill -TERM $command 2>/dev/null || true' TERM
trap : INT # the terminal sends Ctrl-C to the command as well
code=0
while true; do
    wait "$command" && code=0 || code=$?
    kill -0 "$command" 2>/dev/null || break
done
exit "$code"
