#!/usr/bin/env bash
# node_modules/ from package-lock.json, then static/build/ from our sources (assets.mjs).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/unchanged.sh

if ! unchanged node_modules/.set-up-from package-lock.json .npmrc; then
    echo "Installing front-end packages ..."
    scripts/node.sh npm ci --ignore-scripts --silent
    remember node_modules/.set-up-from package-lock.json .npmrc
fi
mkdir -p static
mapfile -d '' sources < <(find static -path static/build -prune -o -type f -print0 | sort -z)
inputs=(package-lock.json assets.mjs "${sources[@]}")
if ! unchanged static/build/.set-up-from "${inputs[@]}"; then
    scripts/node.sh node assets.mjs
    remember static/build/.set-up-from "${inputs[@]}"
fi
