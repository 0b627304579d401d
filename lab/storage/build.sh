#!/usr/bin/env bash
# Builds the lab's S3 server from Go modules:   build.sh CACHE_DIR
#
# Result: CACHE_DIR/storage/versitygw. It is a real S3 server over a folder (VersityGW): it verifies signatures and checksums, knows
# uploads in parts, and answers as Amazon's does when keys are wrong or a bucket is missing. Nothing is built again while
# the versions are the same.
set -euo pipefail

folder="${1:?usage: build.sh CACHE_DIR}/storage"
here="$(dirname "$(readlink -f "$0")")"
started=$SECONDS

stamp="$(cat "$here/go.mod" "$here/go.sum" | sha256sum | cut -d' ' -f1)"
[ "$(cat "$folder/built" 2>/dev/null)" != "$stamp" ] || exit 0

echo "S3 server of the lab: building it, once"
mkdir -p "$folder"
# Beside the old one first: a server that runs keeps its file.
CGO_ENABLED=0 go -C "$here" build -mod=readonly -trimpath -ldflags='-s -w' -o "$folder/versitygw.new" \
  github.com/versity/versitygw/cmd/versitygw
mv "$folder/versitygw.new" "$folder/versitygw"
echo "$stamp" >"$folder/built"
echo "S3 server of the lab: ready after $((SECONDS - started)) s"
