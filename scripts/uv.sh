#!/usr/bin/env bash
# Runs the locked uv, installing it into .tools/ first. `pip install --target` needs neither root nor
# python3-venv, and passes Debian's "externally managed" rule.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../.tools
. "$here/unchanged.sh"
if ! unchanged "$tools/uv-from" "$here/uv.lock"; then
    rm -rf "$tools/uv"
    mkdir -p "$tools"
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
        --require-hashes --target "$tools/uv" --requirement "$here/uv.lock"
    remember "$tools/uv-from" "$here/uv.lock"
fi
# The machine's own certificates, which may hold an operator's proxy; uv brings others.
[ ! -f /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS=1
exec "$tools/uv/bin/uv" "$@"
