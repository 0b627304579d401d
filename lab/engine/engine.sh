#!/usr/bin/env bash
# Where the Pulumi engine and its resource plugins come from.
#
#   engine.sh prepare   gets what is missing into the cache folder; says what it does and why
#   engine.sh env       the same, then prints `export` lines for the caller's shell
#   engine.sh forget    makes the next call look for engine and plugins afresh
#
# Engine, first that works: `pulumi` on PATH, the official release, a build from Go modules.
# Plugins, first that works: the real ones through the CLI, the offline stand-ins of lab/plugins.
# AUDIO_MEET_PLUGINS=offline takes the stand-ins whatever works, as a test of EC2 does: the real plugin would go to AWS.
set -euo pipefail

readonly VERSION=3.259.0 LEAST_MINOR=248
readonly RELEASES=https://get.pulumi.com/releases/sdk
readonly CONNECT_SECONDS=5 DOWNLOAD_SECONDS=600 PLUGIN_SECONDS=15
# The plugin of AWS is not among them: a stack of this machine has no use for it, and others get it from the CLI.
readonly PLUGINS=(command=1.2.1 random=4.21.1 tls=5.5.1)

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
cache=${AUDIO_MEET_CACHE:-$HOME/.cache/audio-meet}
engine=$cache/engine/$VERSION
choice=$cache/engine/choice
readonly here repository cache engine choice

# What the last `choose` found; kept in the file $choice.
origin="" bin="" plugins="" network=unknown

say() { printf '[%4ss] engine: %s\n' "$SECONDS" "$*" >&2; }
fail() { printf 'engine: %s\n' "$*" >&2; exit 1; }

# Everything that the choice depends on, as one line.
fingerprint() {
  { echo "$VERSION"; cat "$here"/{cli,nodejs}/go.{mod,sum} | sha256sum; pulumi_on_path || echo none; } | tr '\n' ' '
}

# The first `pulumi` on PATH that is not our own.
pulumi_on_path() {
  local candidate
  while read -r candidate; do
    [[ $candidate == "$cache"/* ]] || { echo "$candidate"; return; }
  done < <(type -ap pulumi || true)
  return 1
}

version_fits() {
  [[ $1 =~ ^v?3\.([0-9]+)\. ]] && ((BASH_REMATCH[1] >= LEAST_MINOR))
}

use_path() {
  local found version
  found=$(pulumi_on_path) || { say "no pulumi on PATH"; return 1; }
  version=$(PULUMI_SKIP_UPDATE_CHECK=true "$found" version 2>/dev/null) || { say "$found does not start"; return 1; }
  version_fits "$version" || { say "$found is $version, wanted >= 3.$LEAST_MINOR and < 4"; return 1; }
  [[ -x $(dirname "$(readlink -f "$found")")/pulumi-language-nodejs ]] || type -P pulumi-language-nodejs >/dev/null ||
    { say "$found has no Node language host beside it"; return 1; }
  origin=path bin=$(dirname "$found")
  say "using $found ($version)"
}

platform() {
  local system machine
  case $(uname -s) in Linux) system=linux ;; Darwin) system=darwin ;; *) return 1 ;; esac
  case $(uname -m) in x86_64) machine=x64 ;; aarch64 | arm64) machine=arm64 ;; *) return 1 ;; esac
  echo "$system-$machine"
}

fetch() { # URL FILE SECONDS
  curl --fail --silent --show-error --location --connect-timeout "$CONNECT_SECONDS" --max-time "$3" --output "$2" "$1"
}

use_release() {
  local name archive work
  name=$(platform) || { say "no official release for $(uname -sm)"; return 1; }
  archive=pulumi-v$VERSION-$name.tar.gz
  work=$(mktemp -d "$cache/engine/download.XXXXXX")
  if download_release "$archive" "$work"; then
    install_engine "$work/pulumi"
    origin=release
    say "using the official release $VERSION, checksum verified"
  fi
  rm -rf "$work"
  [[ $origin == release ]]
}

# Leaves the verified content of the release in WORK/pulumi.
download_release() { # ARCHIVE WORK
  say "asking $RELEASES for the official release $VERSION (gives up after ${CONNECT_SECONDS} s without an answer)"
  if ! fetch "$RELEASES/pulumi-$VERSION-checksums.txt" "$2/sums" 20 2>"$2/error"; then
    network=refused
    say "not reachable: $(head -n 1 "$2/error")"
    return 1
  fi
  say "downloading $1 (about 150 MB)"
  fetch "$RELEASES/$1" "$2/$1" "$DOWNLOAD_SECONDS" 2>"$2/error" || { say "download failed: $(head -n 1 "$2/error")"; return 1; }
  grep -E "^[0-9a-f]{64} +\*?$1\$" "$2/sums" >"$2/sum" || { say "the release's checksums do not list $1"; return 1; }
  if ! (cd "$2" && sha256sum --check --status sum); then
    rm -rf "$2"
    fail "$1: checksum does not match; the download was damaged or tampered with, try again"
  fi
  tar -xzf "$2/$1" -C "$2"
}

# Puts a complete folder of binaries in place in one step.
install_engine() { # FOLDER
  rm -rf "${engine:?}/bin"
  mkdir -p "$engine"
  mv "$1" "$engine/bin"
  bin=$engine/bin
}

build_module() { # MODULE PACKAGE OUTPUT
  local flags="-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v$VERSION"
  (cd "$here/$1" && CGO_ENABLED=0 GOFLAGS=-mod=readonly go build -trimpath -ldflags "$flags" -o "$3" "$2") >&2
}

use_build() {
  type -P go >/dev/null || { say "no Go toolchain to build the engine with"; return 1; }
  local work=$engine/build
  rm -rf "$work"
  mkdir -p "$work"
  say "building the CLI $VERSION from Go modules (about 5 minutes on 2 cores, seconds with a warm Go cache)"
  build_module cli github.com/pulumi/pulumi/pkg/v3/cmd/pulumi "$work/pulumi"
  say "building the Node language host from Go modules (about 20 seconds)"
  build_module nodejs github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs "$work/pulumi-language-nodejs"
  install_engine "$work"
  origin=built
  say "built $("$bin/pulumi" version)"
}

choose_engine() {
  use_path || use_release || use_build ||
    fail "no engine: install pulumi >= 3.$LEAST_MINOR (https://www.pulumi.com/docs/install/), or Go for a build from source"
}

home_of() { echo "$cache/pulumi-home/$1"; }

install_real_plugins() {
  local plugin home
  home=$(home_of real)
  [[ $network == refused ]] && { say "the download site is not reachable, so no real plugins"; return 1; }
  for plugin in "${PLUGINS[@]}"; do
    say "installing the real plugin ${plugin/=/ } (at most $PLUGIN_SECONDS s)"
    PULUMI_HOME=$home PULUMI_SKIP_UPDATE_CHECK=true timeout "$PLUGIN_SECONDS" \
      "$bin/pulumi" plugin install resource "${plugin%=*}" "${plugin#*=}" >&2 || { say "refused"; return 1; }
  done
}

choose_plugins() {
  if install_real_plugins; then plugins=real; else plugins=offline; fi
}

# Builds the stand-ins again whenever their sources or their packages have changed.
refresh_stand_ins() {
  local folder wanted
  folder=$(home_of offline)/plugins
  wanted=$(cd "$repository" && find lab/plugins package-lock.json -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)
  [[ -f $folder/.built && $(<"$folder/.built") == "$wanted" ]] && return
  [[ -x $repository/node_modules/.bin/tsx ]] || fail "node_modules is missing: run npm ci in $repository first"
  say "building stand-ins of the provider plugins"
  (cd "$repository" && node_modules/.bin/tsx lab/plugins/build.ts "$folder") >&2
  echo "$wanted" >"$folder/.built"
  say "offline stand-in plugins: aws, command, random, tls"
}

# The CLI compresses and encrypts a debug log of each run, a quarter of the processor time of a preview; 500 MB of them stay. Nobody reads
# those of a lab, and no option leaves them out. Where a file is in the place of their folder, the CLI goes on without.
refuse_logs() {
  local logs
  logs=$(home_of "$plugins")/logs
  [[ -f $logs ]] && return
  mkdir -p "${logs%/*}"
  rm -rf "$logs"
  touch "$logs"
}

remembered() {
  [[ -f $choice ]] || return 1
  local key
  { IFS= read -r key && read -r origin bin plugins; } <"$choice" || return 1
  [[ $key == "$(fingerprint)" && -x $bin/pulumi ]]
}

prepare() {
  mkdir -p "$cache/engine"
  exec 9>"$cache/engine/lock"
  flock 9
  if ! remembered; then
    origin="" bin="" plugins=""
    choose_engine
    choose_plugins
    printf '%s\n%s %s %s\n' "$(fingerprint)" "$origin" "$bin" "$plugins" >"$choice"
  fi
  if [[ ${AUDIO_MEET_PLUGINS:-} == offline ]]; then plugins=offline; fi
  if [[ $plugins == offline ]]; then refresh_stand_ins; fi
  refuse_logs
  exec 9>&-
}

export_line() { printf 'export %s=%q\n' "$1" "$2"; }

print_environment() {
  case ":$PATH:" in
    ":$bin:"*) ;;
    *) printf 'export PATH=%q:"%s"\n' "$bin" "\$PATH" ;;
  esac
  export_line PULUMI_HOME "$(home_of "$plugins")"
  export_line PULUMI_SKIP_UPDATE_CHECK true
  export_line PULUMI_IGNORE_AMBIENT_PLUGINS true
  if [[ $plugins == offline ]]; then export_line PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION true; fi
  if [[ $origin == built ]]; then export_line PULUMI_NODEJS_TRANSPILE_ONLY true; fi
  export_line AUDIO_MEET_PLUGINS "$plugins"
}

case ${1:-} in
  prepare) prepare; say "ready: $origin ($bin), plugins: $plugins" ;;
  env) prepare; print_environment ;;
  forget) rm -f "$choice" ;;
  *) fail "usage: engine.sh prepare | env | forget" ;;
esac
