#!/bin/sh
# Downloads packages of ANOTHER Debian suite than the machine's own and unpacks them
# into a folder, without installing anything. The archive address is taken from the
# machine's own Debian source.
#   debian-side-root.sh DEST SUITE PACKAGE...
set -eu
dest=$1 suite=$2
shift 2
mkdir -p "$dest"
dest=$(cd "$dest" && pwd)
w=$dest/.apt
mkdir -p "$w/lists/partial" "$w/cache/archives/partial" "$w/parts"
awk 'BEGIN{RS=""} NR==1' /etc/apt/sources.list.d/debian.sources |
  sed "s/^Suites:.*/Suites: $suite/; s/^Components:.*/Components: main/" >"$w/parts/side.sources"
: >"$w/status"
o="-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$w/parts -o Dir::State::lists=$w/lists -o Dir::Cache=$w/cache -o Dir::State::status=$w/status -o APT::Sandbox::User=root"
apt-get $o -qq update
apt-get $o -qq -y --no-install-recommends --download-only install "$@"
for f in "$w"/cache/archives/*.deb; do
  case ${f##*/} in libc6_* | libc-bin_* | dpkg_* | perl* | gcc-* | libgcc*) continue ;; esac
  dpkg -x "$f" "$dest"
done
rm -rf "$w/cache/archives"/*.deb
