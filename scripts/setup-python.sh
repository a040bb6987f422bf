#!/usr/bin/env bash
# .venv/ with exactly what requirements.lock names, and the project itself on top, editable.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/unchanged.sh
export UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=${UV_LINK_MODE:-copy} VIRTUAL_ENV="$PWD/.venv"

inputs=(requirements.lock pyproject.toml scripts/uv.lock scripts/setup-python.sh)
if [ -x .venv/bin/mapper ] && unchanged .venv/.set-up-from "${inputs[@]}"; then
    exit 0
fi
scripts/uv.sh --version >/dev/null
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
    scripts/uv.sh venv --quiet --clear --python 3.11 .venv || {
        echo "make setup: Python 3.11 is missing; install it (Debian: python3.11) and try again" >&2
        exit 1
    }
fi
echo "Installing Python packages ..."
scripts/uv.sh pip sync --quiet --require-hashes requirements.lock
# The build backend stands in the lock too, so that nothing unlocked is fetched here.
scripts/uv.sh pip install --quiet --no-deps --no-build-isolation --offline --editable .
remember .venv/.set-up-from "${inputs[@]}"
