#!/usr/bin/env bash
# Check against stock programs, in both directions. What is missing is installed outside the repository first; what cannot be
# had is named and skipped; what disagrees fails.
#   SEALWRIGHT_COMPONENTS  where programs are kept (default: sealwright in the user's cache folder)
#   BUILD_SECONDS          how long all builds together may take (default: 420); what is not done by then goes on at the next run
#   COSIGN_V2, COSIGN_V3   the versions of cosign to hold against
#   FULCIO_VERSION, REKOR_VERSION, REKOR_TILES_VERSION, TIMESTAMP_VERSION, SIGSTORE_GO_VERSION
#                          the versions of a Sigstore instance to hold against, and of Sigstore's verifier in Go
#   OPA_VERSION            the version of Open Policy Agent to hold against
#   CUE_VERSION            the version of CUE to judge policies with
#   TTRPC_VERSION          the version of containerd's ttrpc to hold against
#   OCICRYPT_VERSION       the version of the library that skopeo encrypts layers with to hold against
set -euo pipefail
cd "$(dirname "$0")/../.."

export SEALWRIGHT_COMPONENTS="${SEALWRIGHT_COMPONENTS:-${XDG_CACHE_HOME:-$HOME/.cache}/sealwright}"
export COSIGN_V2="${COSIGN_V2:-v2.6.5}" COSIGN_V3="${COSIGN_V3:-v3.1.3}"
export OPA_VERSION="${OPA_VERSION:-v1.22.0}" OPA="" OPA_CASES=""
export CUE_VERSION="${CUE_VERSION:-v0.16.1}" CUE=""
export TTRPC_VERSION="${TTRPC_VERSION:-v1.2.10}" OCICRYPT_VERSION="${OCICRYPT_VERSION:-v1.3.2}"
export FULCIO_VERSION="${FULCIO_VERSION:-v1.8.8}" REKOR_VERSION="${REKOR_VERSION:-v1.5.3}" REKOR_TILES_VERSION="${REKOR_TILES_VERSION:-v2.3.0}"
export TIMESTAMP_VERSION="${TIMESTAMP_VERSION:-v2.1.2}" SIGSTORE_GO_VERSION="${SIGSTORE_GO_VERSION:-v1.2.2}" SIGSTORE_SERVERS=""
export CGO_ENABLED=0
build_until=$((SECONDS + ${BUILD_SECONDS:-420}))

# bounded COMMAND…: run it as long as there is time for builds. Compiled packages are kept, so that a later run goes on from there.
bounded() {
  [ $((build_until - SECONDS)) -gt 0 ] || { echo "no time left for builds"; return 1; }
  nice timeout $((build_until - SECONDS)) "$@"
}

# installed PROGRAM: on the PATH or among the components, else from the machine's own suite.
installed() {
  if command -v "$1" >/dev/null || [ -x "$SEALWRIGHT_COMPONENTS/$1/$1" ]; then return 0; fi
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  if [ ! -e /usr/sbin/policy-rc.d ]; then # so that no daemon starts
    printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
    chmod 755 /usr/sbin/policy-rc.d
  fi
  local install="apt-get install -y -qq --no-install-recommends $1"
  DEBIAN_FRONTEND=noninteractive $install >/dev/null 2>&1 ||
    { apt-get update -qq >/dev/null 2>&1 && DEBIAN_FRONTEND=noninteractive $install >/dev/null 2>&1; }
}

# oras: from a newer suite of Debian, unpacked beside the other components.
oras() {
  local folder="$SEALWRIGHT_COMPONENTS/oras"
  if type -P oras >/dev/null || [ -x "$folder/oras" ]; then return 0; fi
  [ -r /etc/apt/sources.list.d/debian.sources ] || return 1
  mkdir -p "$folder"
  tools/interop/debian-side-root.sh "$folder/root" sid oras >"$folder/unpack.log" 2>&1 || return 1
  ln -sf root/usr/bin/oras "$folder/oras"
}

# cosign MAJOR VERSION SUITE: build it once, else take what Debian's suite has. Prints the name of the build.
cosign() {
  local folder="$SEALWRIGHT_COMPONENTS/cosign-$2" debian="$SEALWRIGHT_COMPONENTS/cosign-debian-$3"
  if [ ! -x "$folder/cosign" ] && command -v go >/dev/null; then
    echo "building cosign $2; it takes minutes" >&2
    mkdir -p "$folder"
    (cd "$folder" && GOBIN="$folder" bounded go install "github.com/sigstore/cosign/v$1/cmd/cosign@$2") >"$folder/build.log" 2>&1 || true
  fi
  if [ -x "$folder/cosign" ]; then echo "$2" && return; fi
  if [ ! -x "$debian/cosign" ] && [ -r /etc/apt/sources.list.d/debian.sources ]; then
    mkdir -p "$debian"
    tools/interop/debian-side-root.sh "$debian/root" "$3" cosign >"$debian/unpack.log" 2>&1 &&
      ln -sf "$debian/root/usr/bin/cosign" "$debian/cosign"
  fi
  if [ -x "$debian/cosign" ]; then echo "debian-$3" && return; fi
  echo "skipped: cosign $2 cannot be had here" >&2
}

# opa: build it once, and find the conformance cases that its module carries, where the module cache keeps them.
opa() {
  local folder="$SEALWRIGHT_COMPONENTS/opa-$OPA_VERSION" module="github.com/open-policy-agent/opa"
  if [ ! -x "$folder/opa" ] && command -v go >/dev/null; then
    echo "building opa $OPA_VERSION; it takes minutes" >&2
    mkdir -p "$folder"
    (cd "$folder" && GOBIN="$folder" bounded go install "$module@$OPA_VERSION") >"$folder/build.log" 2>&1 || true
  fi
  if [ -x "$folder/opa" ] && command -v go >/dev/null; then
    OPA="$folder/opa"
    OPA_CASES="$(cd "$folder" && go mod download -json "$module@$OPA_VERSION" | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')/v1/test/cases/testdata"
    return
  fi
  echo "skipped: opa cannot be had here" >&2
}

# cue: build it once; the version is the one that cosign 3 has in it.
cue() {
  local folder="$SEALWRIGHT_COMPONENTS/cue-$CUE_VERSION"
  if [ ! -x "$folder/cue" ] && command -v go >/dev/null; then
    mkdir -p "$folder"
    (cd "$folder" && GOBIN="$folder" bounded go install "cuelang.org/go/cmd/cue@$CUE_VERSION") >"$folder/build.log" 2>&1 || true
  fi
  if [ -x "$folder/cue" ]; then CUE="$folder/cue"; else echo "skipped: cue cannot be had here" >&2; fi
}

# peer NAME MODULE VERSION: build the far end of the tests of NAME against a module of Go, again when it has changed.
peer() {
  local folder="$SEALWRIGHT_COMPONENTS/$1-peer" source="tools/interop/$1/main.go"
  if command -v go >/dev/null && ! { [ -x "$folder/$1-peer" ] && cmp -s "$source" "$folder/main.go" && [ "$(cat "$folder/version")" = "$3" ]; }; then
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$source" "$folder/"
    (cd "$folder" && go mod init "$1-peer" && go get "$2@$3" && go mod tidy && bounded go build -o "$1-peer" . && echo "$3" >version) >"$folder/build.log" 2>&1 || true
  fi
  [ -x "$folder/$1-peer" ] || echo "skipped: $2 cannot be had here"
}

# sigstore: build the servers of a Sigstore instance and its tools in one module, again when a version or our program has changed.
sigstore() {
  local folder="$SEALWRIGHT_COMPONENTS/sigstore" source=tools/interop/sigstore-servers of=github.com/sigstore modules program
  modules="$of/fulcio@$FULCIO_VERSION $of/rekor@$REKOR_VERSION $of/rekor-tiles/v2@$REKOR_TILES_VERSION
    $of/timestamp-authority/v2@$TIMESTAMP_VERSION $of/sigstore-go@$SIGSTORE_GO_VERSION github.com/alicebob/miniredis/v2@v2.40.0 filippo.io/mldsa@v1.0.0"
  local wanted="$modules $(cat "$source"/*/*.go | cksum)"
  if command -v go >/dev/null && [ "$(cat "$folder/built" 2>/dev/null)" != "$wanted" ]; then
    echo "building the servers of Sigstore; it takes minutes" >&2
    rm -rf "$folder"
    cp -r "$source" "$folder"
    ( # set -e does not reach in here
      cd "$folder" && go mod init sigstore-servers && bounded go get $modules || exit
      for program in rekor-v1=./rekor certificate-log=./certificates timestamp-authority=./timestamps fulcio=$of/fulcio \
        rekor-tiles=$of/rekor-tiles/v2/cmd/rekor-server/posix rekor-cli=$of/rekor/cmd/rekor-cli \
        sigstore-go=$of/sigstore-go/examples/sigstore-go-verification; do
        bounded go build -mod=mod -ldflags='-s -w' -o "${program%%=*}" "${program#*=}" || exit
      done
      echo "$wanted" >built
    ) >"$folder/build.log" 2>&1 || true
  fi
  SIGSTORE_SERVERS="$folder"
  for program in rekor-v1 certificate-log timestamp-authority fulcio rekor-tiles rekor-cli sigstore-go; do
    [ -x "$folder/$program" ] || echo "skipped: $program of Sigstore cannot be had here"
  done
}

# versions: what there is to hold against, as each program says it.
versions() {
  local program path
  for program in docker-registry skopeo; do
    path="$(type -P "$program" || echo "$SEALWRIGHT_COMPONENTS/$program/$program")"
    [ ! -x "$path" ] || "$path" --version
  done
  path="$(type -P oras || echo "$SEALWRIGHT_COMPONENTS/oras/oras")"
  [ ! -x "$path" ] || echo "oras $("$path" version | sed -n 's/^Version: *//p')"
  for program in "cosign-$COSIGN_V2/cosign" "cosign-$COSIGN_V3/cosign" sigstore/fulcio sigstore/rekor-cli sigstore/rekor-tiles; do
    path="$SEALWRIGHT_COMPONENTS/$program"
    [ ! -x "$path" ] || echo "${program##*/} $("$path" version 2>&1 | sed -n 's/^GitVersion: *//p')"
  done
  for program in rekor-v1:sigstore/rekor certificate-log:google/certificate-transparency-go timestamp-authority:sigstore/timestamp-authority/v2 \
    sigstore-go:sigstore/sigstore-go; do
    path="$SIGSTORE_SERVERS/${program%%:*}"
    [ ! -x "$path" ] || go version -m "$path" |
      awk -v program="${program%%:*}" -v module="github.com/${program#*:}" '$2 == module { print program, $3 }'
  done
  [ -z "$OPA" ] || "$OPA" version | sed -n 's/^Version: */opa /p'
  [ -z "$CUE" ] || "$CUE" version | sed -n 's/^cue version */cue /p'
  for program in ttrpc ocicrypt; do
    path="$SEALWRIGHT_COMPONENTS/$program-peer"
    [ ! -x "$path/$program-peer" ] || echo "$program $(cat "$path/version")"
  done
}

for program in docker-registry skopeo; do
  installed "$program" || echo "skipped: $program cannot be had here"
done
oras || echo "skipped: oras cannot be had here"
COSIGN_V3="$(cosign 3 "$COSIGN_V3" sid)"
sigstore
COSIGN_V2="$(cosign 2 "$COSIGN_V2" trixie)"
opa
cue
peer ttrpc github.com/containerd/ttrpc "$TTRPC_VERSION"
peer ocicrypt github.com/containers/ocicrypt "$OCICRYPT_VERSION"
versions

export PATH="$PWD/node_modules/.bin:$PATH"
exec vitest run -c tools/interop/vitest.config.ts "$@"
