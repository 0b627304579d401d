#!/usr/bin/env bash
# `make down`: destroys the stack, then removes whatever of the lab is left, also after a failed or killed `make up`.
set -euo pipefail
# shellcheck source=lab/env.sh
. "$(dirname "$0")/env.sh"

DESTROY_TIMEOUT_SECONDS=300

# Everything but Pulumi's advice to remove the stack by hand: it goes with the lab's folder. (--remove would delete the stack
# file of the repository as well.)
without_hint() {
  sed -u -e '/^The resources in the stack have been deleted, but the history/d' \
    -e '/^If you want to remove the stack completely, run `pulumi stack rm/d'
}

# A shell that took this lab's backend for another deployment put that one's state here: it must not go with the lab.
for other in "$AUDIO_MEET_LAB"/state/.pulumi/stacks/jitsi/*.json; do
  name=$(basename "$other" .json)
  if [ -f "$other" ] && [ "$name" != "$STACK" ]; then
    echo "make down: $AUDIO_MEET_LAB/state also holds the stack $name; move it (pulumi stack export --stack $name), then" \
      "remove it (pulumi stack rm $name) and run the same command again" >&2
    exit 1
  fi
done

if [ -d "$AUDIO_MEET_LAB/state/.pulumi" ]; then
  use_engine
  create_stack
  apply_choice
  write_config
  release_stale_lock
  say "pulumi destroy ($STACK)"
  timeout "$DESTROY_TIMEOUT_SECONDS" pulumi destroy --yes --skip-preview --continue-on-error \
    --stack "$STACK" --config-file "$CONFIG_FILE" --suppress-outputs | without_hint ||
    say "pulumi destroy did not finish; removing the lab's hosts anyway"
fi
lab/hosts/lab down
rm -rf "$AUDIO_MEET_LAB"
say "images and tools stay in $AUDIO_MEET_CACHE"
