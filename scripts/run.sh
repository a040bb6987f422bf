#!/usr/bin/env bash
# run.sh HOST PORT: the demo crisis if the store is empty, then the app with its workers.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/mapper demo
echo "open http://localhost:$2"
MAPPER_DEMO=true exec .venv/bin/mapper serve --host "$1" --port "$2" --with-work
