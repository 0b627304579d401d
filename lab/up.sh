#!/usr/bin/env bash
# `make up`: everything that the stack on this machine needs, then `pulumi up`, then its outputs.
set -euo pipefail
# shellcheck source=lab/env.sh
. "$(dirname "$0")/env.sh"

# Apart from `say`, whose end is its own: a choice that is refused ends this.
choice=$(lab/hosts/lab choose "$STACK_FILE")
say "$choice"
if has_real_packages; then export STAND_INS=no; fi
suite=$(field suite 2>/dev/null <"$CHOICE" || true)
SUITES="${SUITES:-$suite}" lab/prepare.sh
check_config
use_engine
if ! has_real_packages; then lab/hosts/lab archive start >/dev/null; fi
lab/hosts/lab choose mirror
apply_choice
if uses_storage; then lab/hosts/lab storage start >/dev/null; fi
lab/hosts/lab start

create_stack
write_config
release_stale_lock
say "pulumi up ($STACK)"
pulumi up --yes --skip-preview --stack "$STACK" --config-file "$CONFIG_FILE" --suppress-outputs
# Recorders open the page by its name.
pulumi stack output dns --json --stack "$STACK" | lab/hosts/lab names
say "outputs"
outputs=$(pulumi stack output --json --stack "$STACK")
# Every host is asked again: the health among the outputs is of the last run that changed something.
is_well=true
node --import tsx tools/outputs.ts <<<"$outputs" || is_well=false

url=$(field url <<<"$outputs")
name=${url#https://}
name=${name%%/*}
address=$(field "dns['$name']" <<<"$outputs")
trust="" authority=$(field caPem <<<"$outputs")
if [ -n "$authority" ]; then
  printf '%s\n' "$authority" >"$AUDIO_MEET_LAB/authority.pem"
  trust="--cacert $AUDIO_MEET_LAB/authority.pem "
fi
say "open $url (first add the line \"$address $name\" to /etc/hosts and import the authority into the browser, see docs/WEB.md). Without a browser:"
echo "curl ${trust}--resolve $name:443:$address $url"
# Once more, now that the mirror has been looked into.
lab/hosts/lab choose "$STACK_FILE"
$is_well
