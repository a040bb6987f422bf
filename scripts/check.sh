#!/usr/bin/env bash
# Linters, types and the import contract.
set -euo pipefail
cd "$(dirname "$0")/.."
.venv/bin/ruff check mapper tests bench
.venv/bin/ruff format --check mapper tests bench
.venv/bin/mypy
.venv/bin/lint-imports --no-logo
