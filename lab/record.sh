#!/usr/bin/env bash
# `make record`: a recording on the stack of this machine, ordered from jicofo as the page does it, and measured in the bucket.
# SECONDS_OF_SOUND: how long it lasts (default 20).
set -euo pipefail
# shellcheck source=lab/env.sh
. "$(dirname "$0")/env.sh"

use_engine
outputs=$(pulumi stack output --json --stack "$STACK")
login=$(lab/hosts/lab storage login)
OUTPUTS="$outputs" STORAGE="$login" exec node --import tsx lab/record/record.ts "${SECONDS_OF_SOUND:-20}"
