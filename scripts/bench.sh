#!/usr/bin/env bash
# Every benchmark, one after the other; each prints JSON lines.
set -euo pipefail
cd "$(dirname "$0")/.."
for file in bench/bench_*.py; do
    name=${file%.py}
    .venv/bin/python -m "${name//\//.}"
done
