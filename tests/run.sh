#!/usr/bin/env bash
# `make test`: brings what the tests need to a machine that has Node and Go, then runs all of them (runner/stages.mk).
# STAGES=unit,lint runs only these; the lab, its image and the engine are prepared only if its tests are among them.
set -euo pipefail
cd "$(dirname "$0")/.."

export AUDIO_MEET_CACHE="${AUDIO_MEET_CACHE:-$HOME/.cache/audio-meet}"
# The releases that the lab's tests run on.
export SUITES="${SUITES:-trixie bookworm near-jammy}"
# What instances of the stand-in for EC2 boot.
export CLOUD_SUITES="${CLOUD_SUITES:-trixie}"
STAGES="${STAGES:-}"
TOOLS="$AUDIO_MEET_CACHE/tools"
# renovate: datasource=go depName=github.com/rhysd/actionlint
ACTIONLINT_VERSION=v1.7.12
# renovate: datasource=go depName=gotest.tools/gotestsum
GOTESTSUM_VERSION=v1.13.0

say() {
  printf '[%3ds] %s\n' "$SECONDS" "$*"
}

# Packages whose command this machine lacks, in one update and one installation.
install_programs() {
  local missing=() version
  command -v git >/dev/null || missing+=(git)
  # Every Lua that a server may have Prosody for, and what Prosody itself loads of others.
  for version in 5.2 5.3 5.4; do command -v "luac$version" >/dev/null || missing+=("lua$version"); done
  [ -e /usr/share/lua/5.4/ssl.lua ] || missing+=(lua-expat lua-filesystem lua-sec lua-socket)
  PATH="$PATH:/usr/sbin" command -v nft >/dev/null || missing+=(nftables)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v shellcheck >/dev/null || missing+=(shellcheck)
  command -v ps >/dev/null || missing+=(procps)
  command -v ssh >/dev/null || missing+=(openssh-client)
  command -v curl >/dev/null || missing+=(curl)
  # A browser for the page, and the tool that makes it know the lab's authority.
  command -v chromium >/dev/null || missing+=(chromium)
  command -v certutil >/dev/null || missing+=(libnss3-tools)
  # The uploader's tests bring real files to a real S3 server.
  command -v rclone >/dev/null || missing+=(rclone)
  command -v python3 >/dev/null || missing+=(python3)
  python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
  [ "${#missing[@]}" -eq 0 ] && return
  if [ "$EUID" -ne 0 ]; then
    echo "tests: missing: ${missing[*]}; install them with: sudo apt-get install ${missing[*]}" >&2
    return 1
  fi
  say "installing ${missing[*]} from this machine's package sources"
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends "${missing[@]}" >/dev/null
}

# A Python with the packages of a list, in a folder named after the versions of those of them that NAMES says.
make_python() { # LIST NAMES
  local folder
  folder="$TOOLS/$(sed -nE "s/^($2)==/\\1-/p" "$1" | paste -sd -)"
  if [ ! -e "$folder/complete" ]; then
    say "installing ${2//|/, } into $folder" >&2
    rm -rf "$folder"
    python3 -m venv "$folder" || return
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$1" >&2 || return
    touch "$folder/complete"
  fi
  echo "$folder/bin"
}

# Tools that Debian does not have, in folders named after their versions. Without one its stage is skipped, by name.
# Their errors are handled where they are called, which turns `set -e` off inside: hence every `|| return`.
fetch_gotestsum() {
  local folder="$TOOLS/gotestsum-$GOTESTSUM_VERSION"
  if [ ! -x "$folder/gotestsum" ]; then
    say "building gotestsum $GOTESTSUM_VERSION (reports of Go's tests) into $folder"
    GOBIN="$folder" go install "gotest.tools/gotestsum@$GOTESTSUM_VERSION" || return
  fi
  GOTESTSUM="$folder/gotestsum"
}

fetch_actionlint() {
  local folder="$TOOLS/actionlint-$ACTIONLINT_VERSION"
  if [ ! -x "$folder/actionlint" ]; then
    say "building actionlint $ACTIONLINT_VERSION (workflow linter) into $folder"
    GOBIN="$folder" go install "github.com/rhysd/actionlint/cmd/actionlint@$ACTIONLINT_VERSION" || return
  fi
  ACTIONLINT="$folder/actionlint"
}

# Prometheus, promtool and amtool: nobody wants the daemons on this machine, so the packages are unpacked, not installed.
fetch_prometheus() {
  local folder="$TOOLS/prometheus" work
  if [ ! -x "$folder/prometheus" ]; then
    say "unpacking Prometheus, promtool and amtool into $folder"
    work=$(mktemp -d) || return
    chmod 755 "$work"
    (cd "$work" && apt-get -qq download prometheus prometheus-alertmanager) || return
    for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root" || return; done
    install -D -t "$folder" "$work"/root/usr/bin/{promtool,amtool,prometheus} || return
    rm -rf "$work"
  fi
  export PATH="$PATH:$folder"
}

# Alertmanager, which delivers an alert to the mail server of a test: unpacked, not installed.
fetch_alertmanager() {
  local folder="$TOOLS/alertmanager" work
  if [ ! -x "$folder/usr/bin/prometheus-alertmanager" ]; then
    say "unpacking Alertmanager into $folder"
    work=$(mktemp -d) || return
    chmod 755 "$work"
    (cd "$work" && apt-get -qq download prometheus-alertmanager) || return
    mkdir -p "$folder" || return
    dpkg-deb -x "$work"/*.deb "$folder" || return
    rm -rf "$work"
  fi
  export ALERTMANAGER_TREE="$folder"
}

# Prosody 13, in whose Lua the tests of our modules run: unpacked, not installed. Debian 12 has it among its backports.
fetch_prosody() {
  local folder="$TOOLS/prosody" work options=() codename site
  if [ ! -f "$folder/usr/lib/prosody/prosody.version" ]; then
    say "unpacking Prosody 13 into $folder"
    work=$(mktemp -d) || return
    chmod 755 "$work"
    if ! apt-cache policy prosody | grep -q 'Candidate: 1[3-9]\.'; then
      codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
      # shellcheck disable=SC2016 # a word of apt's
      site=$(apt-get indextargets --format '$(REPO_URI)' "Codename: $codename" 'Created-By: Packages' | head -n 1)
      options=(-o "Dir::Etc::sourcelist=$work/backports.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$work/lists")
      echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $site $codename-backports main" >"$work/backports.list"
      mkdir -p "$work/lists"
      apt-get -qq "${options[@]}" update || return
    fi
    (cd "$work" && apt-get -qq "${options[@]}" download prosody) || return
    mkdir -p "$folder" || return
    dpkg-deb -x "$work"/prosody_*.deb "$folder" || return
    rm -rf "$work"
  fi
  export PROSODY_TREE="$folder/usr/lib/prosody"
}

# Whether a stage is among those of this run.
wants() {
  [[ " $names " == *" $1 "* ]]
}

# The programs of Debian 11, against which rendered files are held; only root can make their root, and run in it.
make_lower_root() {
  [ "$EUID" -eq 0 ] || return 0
  lab/hosts/lab prepare || return
  LOWER_ROOT=$(lab/hosts/lab image bullseye) || return
  export LOWER_ROOT
}

prepare() {
  if wants lab; then
    lab/prepare.sh
  elif [ ! -f node_modules/.package-lock.json ]; then
    say "installing the Node packages of package-lock.json"
    npm ci --no-progress --loglevel=error
  fi
}

# Nothing can run, or nobody could count it.
give_up() {
  echo "tests: $1, so nothing can run" >&2
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
}

# Into runner/stages.mk, where an empty word means that there is none.
export STAGES PYTHON_TOOLS="" ACTIONLINT="" GOTESTSUM="" MOTO_PYTHON="" PREPARE_FAILURE="" REPORTS
REPORTS=$(mktemp -d -t audio-meet-tests-XXXXXX)
trap 'rm -rf "$REPORTS"' EXIT
# Of the `make` that called this.
unset MAKEFLAGS MAKELEVEL
stages=(make --no-print-directory --keep-going --file tests/runner/stages.mk)
names=$("${stages[@]}" names) || exit 2

install_programs
(prepare) || PREPARE_FAILURE="the preparation failed, see the output above"
[ -x node_modules/.bin/jest ] || give_up "the Node packages could not be installed"
PYTHON_TOOLS=$(make_python tests/requirements.txt 'junitparser|mypy|pytest|ruff') ||
  give_up "the Python packages of tests/requirements.txt could not be installed"
fetch_actionlint || say "actionlint could not be fetched"
fetch_gotestsum || say "gotestsum could not be fetched"
if wants aws-model; then
  if MOTO_PYTHON=$(make_python tests/awsModel/requirements.txt 'boto3|moto|pytest'); then
    MOTO_PYTHON+=/python
  else
    say "moto could not be installed"
  fi
fi
if wants contract; then make_lower_root || say "the root of Debian 11 could not be made"; fi
fetch_prometheus || say "promtool could not be fetched"
fetch_alertmanager || say "Alertmanager could not be fetched"
fetch_prosody || say "Prosody 13 could not be fetched"

# Lets the lab's Python tests boot guests, too.
if wants lab && [ "$EUID" -eq 0 ] && [ -z "$PREPARE_FAILURE" ]; then
  export AUDIO_MEET_LAB_TESTS=1
fi

say "running the tests"
printf '%s\n' prepare "$SECONDS" "$([ -z "$PREPARE_FAILURE" ]; echo $?)" "$PREPARE_FAILURE" >"$REPORTS/prepare.end"
width=$(nproc)
"${stages[@]}" --jobs="$((width < 4 ? width : 4))" beside
"${stages[@]}" alone
# shellcheck disable=SC2086 # several words
"$PYTHON_TOOLS/python" tests/runner/summary.py "$REPORTS" prepare $names
