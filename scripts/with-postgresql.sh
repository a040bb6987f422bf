#!/usr/bin/env bash
# with-postgresql.sh COMMAND...: runs COMMAND with MAPPER_TEST_POSTGRESQL_URL naming a PostgreSQL that
# exists only meanwhile: own folder, free port, loopback, no syncs (what it holds is thrown away).
# Where the variable is set already, or PostgreSQL is missing, COMMAND runs as it is.
set -euo pipefail

binaries=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -n "${MAPPER_TEST_POSTGRESQL_URL:-}" ] || [ -z "$binaries" ]; then
    exec "$@"
fi

folder=$(mktemp -d)
run=()
if [ "$(id -u)" = 0 ]; then # PostgreSQL refuses to run as root
    chown postgres "$folder"
    run=(runuser -u postgres --)
fi
stop() {
    (cd / && "${run[@]}" "$binaries/pg_ctl" stop --silent --mode immediate --pgdata "$folder/data") >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c fsync=off"
options="$options -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
(
    cd /
    "${run[@]}" "$binaries/initdb" --auth trust --username postgres --encoding UTF8 --no-locale --no-sync \
        --pgdata "$folder/data" >/dev/null
    "${run[@]}" "$binaries/pg_ctl" start --silent --wait --pgdata "$folder/data" --log "$folder/log" \
        --options "$options" >/dev/null
) || {
    cat "$folder/log" >&2 || true
    echo "with-postgresql.sh: PostgreSQL did not start" >&2
    exit 1
}
export MAPPER_TEST_POSTGRESQL_URL="postgresql+psycopg://postgres@127.0.0.1:$port/postgres"
"$@"
