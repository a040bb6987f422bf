#!/usr/bin/env bash
# Collects the texts of the sources and brings the catalogues up to date; run it after changing a text.
set -euo pipefail
cd "$(dirname "$0")/.."

template=$(mktemp)
trap 'rm -f "$template"' EXIT
.venv/bin/pybabel --quiet extract --mapping-file babel.cfg --keywords N_ --keywords lazy_gettext \
    --keywords ngettext:1,2 --no-location --sort-output --project "Damage mapper" --version 1 \
    --output-file "$template" .
.venv/bin/pybabel --quiet update --input-file "$template" --output-dir translations \
    --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
