#!/usr/bin/env bash
# `make down`: destroys the stack, then removes whatever of the lab is left, also after a failed or killed `make up`.
set -euo pipefail
# shellcheck source=lab/env.sh
. "$(dirname "$0")/env.sh"

DESTROY_TIMEOUT_SECONDS=300

if [ -d "$AUDIO_MEET_LAB/state/.pulumi" ]; then
  use_engine
  release_stale_lock
  say "pulumi destroy ($STACK)"
  timeout "$DESTROY_TIMEOUT_SECONDS" pulumi destroy --yes --skip-preview --continue-on-error \
    --stack "$STACK" --config-file "$CONFIG_FILE" --suppress-outputs ||
    say "pulumi destroy did not finish; the lab's hosts are removed all the same"
fi
lab/hosts/lab down
rm -rf "$AUDIO_MEET_LAB"
say "nothing of the lab is left here; images and tools stay in $AUDIO_MEET_CACHE"
