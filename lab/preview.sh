#!/usr/bin/env bash
# `make preview`: `pulumi preview --diff` of the stack on this machine; opens no connection to any host.
set -euo pipefail
# shellcheck source=lab/env.sh
. "$(dirname "$0")/env.sh"

headline=$(lab/hosts/lab choose "$STACK_FILE")
say "$headline"
check_config
use_engine
lab/hosts/lab choose mirror
apply_choice
create_stack
write_config
release_stale_lock
pulumi preview --diff --stack "$STACK" --config-file "$CONFIG_FILE" "$@"
