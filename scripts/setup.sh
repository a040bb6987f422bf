#!/usr/bin/env bash
# Installs everything into the project's folder. Each step is skipped while what it reads is unchanged.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/system-packages.sh
scripts/setup-python.sh
scripts/setup-assets.sh
if [ -d translations ]; then
    .venv/bin/pybabel --quiet compile --directory translations
fi
