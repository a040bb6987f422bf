#!/usr/bin/env bash
# Debian packages that cannot come from PyPI or npm. Installed where that is permitted (root, or sudo
# without a password); elsewhere named in one sentence, and set-up goes on. REQUIRED=1 makes it an error.
set -euo pipefail

packages=(
    python3-pip               # fetches uv
    postgresql-15             # the second engine; tests run on both
    postgresql-15-postgis-3   # its geometry column, for QGIS and the like
    chromium                  # browser tests
    libpango-1.0-0            # papers in PDF
    libpangoft2-1.0-0         # the same
    gcc                       # the library that slows or watches syncs in tests and benchmarks
    libc6-dev                 # the same
)
missing=()
for name in "${packages[@]}"; do
    dpkg-query --show --showformat '${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
[ "$(id -u)" = 0 ] || as_root=(sudo --non-interactive)
if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
    echo "Installing system packages: ${missing[*]} ..."
    # The server package must not start a cluster of its own: nothing is started by set-up.
    if { "${as_root[@]}" apt-get update --quiet --quiet &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
            apt-get install --quiet --quiet --yes --no-install-recommends "${missing[@]}"; } >/dev/null; then
        exit 0
    fi
fi
echo "make setup: please have these system packages installed (tests that need them are skipped): ${missing[*]}" >&2
[ "${REQUIRED:-}" != 1 ]
