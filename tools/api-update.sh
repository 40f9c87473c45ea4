#!/usr/bin/env bash
# Write the API reports anew. What is different in `api/` then is what a change means to users.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
for config in packages/*/api-extractor*.json; do
  (cd "$(dirname "$config")" && api-extractor run --local -c "$(basename "$config")" > /dev/null)
done
git diff --stat api
