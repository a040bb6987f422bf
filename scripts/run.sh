#!/usr/bin/env bash
# run.sh HOST PORT: the demo crisis if the store is empty, then the app with its workers.
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/mapper run --host "$1" --port "$2"
