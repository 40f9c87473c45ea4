#!/usr/bin/env bash
# Run benchmarks: paired ratios, nothing is asserted. `pnpm bench [package...]`, default all that have some.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"
export SEALWRIGHT_VECTORS="${SEALWRIGHT_VECTORS:-$PWD/../shared/vectors}" # a bundle is not beside them
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
[ $# -gt 0 ] || set -- $(cd packages && ls -d */bench | cut -d/ -f1)
for package in "$@"; do
  for file in "packages/$package"/bench/*.ts; do
    echo "== $file"
    esbuild "$file" --bundle --platform=node --format=esm --conditions=@sealwright/source,module,node --log-level=warning --outfile="$dir/bench.mjs"
    node "$dir/bench.mjs"
  done
done
