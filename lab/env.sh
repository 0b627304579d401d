# shellcheck shell=bash
# Sourced by the lab's scripts: where things lie, and how Pulumi is called for the stack on this machine.
# Everything that is kept lies in two folders: the cache (images, engine, packages) and the lab folder (state of this clone).

if [ -z "${BASH_VERSION:-}" ]; then
  echo "lab/env.sh is for bash" >&2
  return 1
fi
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

export AUDIO_MEET_CACHE="${AUDIO_MEET_CACHE:-$HOME/.cache/audio-meet}"
export AUDIO_MEET_LAB="${AUDIO_MEET_LAB:-$PWD/.lab}"
export STACK="${STACK:-dev}"

STARTED=$SECONDS

# What happens now, with the time since the start.
say() {
  printf '[%3ds] %s\n' $((SECONDS - STARTED)) "$*"
}

STACK_FILE="${STACK_FILE:-Pulumi.$STACK.yaml}"

# What the lab runs with, and the stack file with that in it.
readonly CHOICE="$AUDIO_MEET_LAB/choice.json" CHOSEN_FILE="$AUDIO_MEET_LAB/chosen.yaml"

# Whether the lab takes Jitsi's real packages.
has_real_packages() {
  [ "$(field packages 2>/dev/null <"$CHOICE")" = real ]
}

# The stack file with the packages and the guests of this lab, from which the config is made.
apply_choice() {
  mkdir -p "$AUDIO_MEET_LAB"
  if [ -s "$CHOICE" ]; then
    node --import tsx lab/choice.ts "$CHOICE" <"$STACK_FILE" >"$CHOSEN_FILE.new"
  else
    cp "$STACK_FILE" "$CHOSEN_FILE.new"
  fi
  mv "$CHOSEN_FILE.new" "$CHOSEN_FILE"
}

# All mistakes of the stack file at once, before an engine or a host is asked for anything.
check_config() {
  npm run --silent check -- --stack-file "$STACK_FILE"
}

# Environment of every pulumi call: our engine, a local file backend, a passphrase made once for this lab.
use_engine() {
  eval "$(lab/engine/engine.sh env)"
  mkdir -p "$AUDIO_MEET_LAB/state"
  local passphrase="$AUDIO_MEET_LAB/passphrase"
  [ -s "$passphrase" ] || (umask 077 && head -c 24 /dev/urandom | base64 >"$passphrase")
  # metadata=skip: the backend would write a sidecar .attrs in place beside each file; a kill in that moment leaves an
  # empty one, and every later run ends with "failed to load checkpoint: EOF". The files themselves are renamed in place.
  export PULUMI_BACKEND_URL="file://$AUDIO_MEET_LAB/state?metadata=skip"
  find "$AUDIO_MEET_LAB/state" -name '*.attrs' -delete
  export PULUMI_CONFIG_PASSPHRASE_FILE="$passphrase"
  export CONFIG_FILE="$AUDIO_MEET_LAB/project/Pulumi.$STACK.yaml"
}

# Creates the stack from a folder of its own: Pulumi writes the passphrase's salt beside the Pulumi.yaml that it finds,
# and a committed stack file must not change because somebody ran it.
create_stack() {
  [ -f "$AUDIO_MEET_LAB/state/.pulumi/stacks/jitsi/$STACK.json" ] && return
  mkdir -p "$AUDIO_MEET_LAB/project"
  cp Pulumi.yaml "$AUDIO_MEET_LAB/project/"
  (cd "$AUDIO_MEET_LAB/project" && pulumi stack select "$STACK" --create --non-interactive >/dev/null)
}

# In a stack file the value of a secret key that the lab makes itself, and such a key however it is written: a `pulumi` that
# somebody runs on the stack file writes all of it anew.
readonly OF_THE_LAB='v1:of-the-lab'
readonly KEY_OF_THE_LAB="\n *jitsi:[A-Za-z]+Key:[[:space:]]*[{]?[[:space:]]*secure: *['\"]?${OF_THE_LAB}['\"]? *[}]?"

# What was chosen plus the salt of this lab's passphrase, which Pulumi writes into the file that it is given. The salt of
# another passphrase, left in the stack file by a `pulumi` that somebody ran without this, is not taken over.
write_config() {
  local salt="" new="${CONFIG_FILE%.yaml}.new.yaml"
  [ -f "$CONFIG_FILE" ] && salt=$(grep -m1 '^encryptionsalt:' "$CONFIG_FILE" || true)
  { sed -Ez "s/$KEY_OF_THE_LAB//g" "$CHOSEN_FILE" | sed '/^encryptionsalt:/d' && if [ -n "$salt" ]; then printf '%s\n' "$salt"; fi; } >"$new"
  if uses_storage; then write_storage "$new"; fi
  mv "$new" "$CONFIG_FILE"
}

# Whether the stack asks for the lab's storage.
uses_storage() {
  grep -q "$OF_THE_LAB" "$CHOSEN_FILE"
}

# Into a stack file: the keys of the lab's storage, encrypted, and who signed its certificate.
write_storage() {
  local login key set=(pulumi config set --non-interactive --stack "$STACK" --config-file "$1")
  login=$(lab/hosts/lab storage login)
  for key in access secret; do
    field "${key}Key" <<<"$login" | "${set[@]}" --secret "jitsi:recording${key^}Key"
  done
  "${set[@]}" --path jitsi:recording.storage.caBundle <"$(field authority <<<"$login")"
}

# One value of a JSON object on stdin; empty where there is none.
field() {
  node -p "JSON.parse(require('fs').readFileSync(0, 'utf8')).$1 ?? ''"
}

# A killed run leaves its lock behind: it is released when the process that took it is gone.
release_stale_lock() {
  local lock pid state="$AUDIO_MEET_LAB/state/.pulumi/stacks/jitsi/$STACK.json"
  for lock in "$AUDIO_MEET_LAB"/state/.pulumi/locks/organization/jitsi/"$STACK"/*.json; do
    [ -f "$lock" ] || continue
    pid=$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' "$lock")
    if [ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null; then
      say "removing the lock of a run that was killed (pid $pid)"
      pulumi cancel --yes --stack "$STACK" >/dev/null 2>&1 || true
    fi
  done
  # What was being created then is created again: `lab create` and the helper finish what they find half done.
  if grep -qs '"pending_operations":\[{' "$state"; then
    say "a killed run left unfinished resources; they are created again"
    pulumi refresh --clear-pending-creates --yes --skip-preview --stack "$STACK" --config-file "$CONFIG_FILE" >/dev/null
  fi
}
