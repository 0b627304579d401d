#!/usr/bin/env bash
# `make up`: everything that the stack on this machine needs, then `pulumi up`, then its outputs.
set -euo pipefail
# shellcheck source=lab/env.sh
. "$(dirname "$0")/env.sh"

lab/prepare.sh
npm run --silent check -- --stack-file "${STACK_FILE:-Pulumi.$STACK.yaml}"
use_engine
lab/hosts/lab archive start >/dev/null
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
pulumi stack output --json --stack "$STACK" | node --import tsx tools/outputs.ts
say "open $(pulumi stack output url --stack "$STACK") (a browser here needs ADDRESS NAME of the output dns in /etc/hosts, and the authority: docs/WEB.md)"
