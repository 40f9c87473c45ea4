#!/usr/bin/env bash
# What would be published, judged as a consumer would.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
pnpm --recursive --filter './packages/*' --filter '!@sealwright/testing' --filter '!@sealwright/service' exec pnpm pack --pack-destination "$dir" > /dev/null
for tarball in "$dir"/*.tgz; do
  publint "$tarball" --strict
  attw "$tarball" --profile esm-only
done
