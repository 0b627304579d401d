#!/usr/bin/env bash
# What a first `make up` or `make test` on a fresh machine needs: Node packages, host tools, engine, lab packages, guest image.
# STAND_INS=no: without stand-ins of Jitsi's packages. Every part remembers what it did and takes no time again.
set -euo pipefail
# shellcheck source=lab/env.sh
. "$(dirname "$0")/env.sh"

install_node_packages() {
  local done=node_modules/.package-lock.json
  if [ ! -f "$done" ] || [ package-lock.json -nt "$done" ]; then
    say "installing the Node packages of package-lock.json (half a minute; minutes over a slow network)"
    # npm prints nothing on its way, and somebody may think that it hangs.
    while sleep 20 >/dev/null 2>&1; do say "still installing the Node packages"; done &
    local ticker=$!
    npm ci --no-progress --loglevel=error || { kill "$ticker"; return 1; }
    kill "$ticker"
    touch "$done"
  fi
}

for tool in node npm go; do
  command -v "$tool" >/dev/null || {
    echo "make: $tool is missing; install it (Node 20 or newer, Go 1.26 or newer) and run the same command again" >&2
    exit 1
  }
done
mkdir -p "$AUDIO_MEET_CACHE" "$AUDIO_MEET_LAB"
install_node_packages
lab/hosts/lab prepare
lab/engine/engine.sh prepare
if [ "${STAND_INS:-yes}" = yes ]; then lab/packages/build.sh "$AUDIO_MEET_CACHE"; fi
# Compiling keeps the processors busy, an image mostly the network: at the same time.
lab/storage/build.sh "$AUDIO_MEET_CACHE" &
storage=$!
for suite in ${SUITES:-trixie}; do
  lab/hosts/lab image "$suite" >/dev/null
done
for suite in ${CLOUD_SUITES:-}; do
  lab/hosts/lab image "$suite" --cloud >/dev/null
done
wait "$storage"
