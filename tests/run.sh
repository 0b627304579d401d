#!/usr/bin/env bash
# `make test`: brings what the tests need to a machine that has Node and Go, then runs all of them (tests/run.ts).
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

# Tools that Debian does not have, in folders named after their versions. Without one its stage is skipped, by name.
# Their errors are handled where they are called, which turns `set -e` off inside: hence every `|| return`.
fetch_python_linters() {
  local requirements=tests/requirements.txt folder
  folder="$TOOLS/$(sed -nE 's/^(mypy|ruff)==/\1-/p' "$requirements" | paste -sd -)"
  if [ ! -e "$folder/complete" ]; then
    say "installing mypy and ruff (Python types and linter) into $folder"
    rm -rf "$folder"
    python3 -m venv "$folder" || return
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" || return
    touch "$folder/complete"
  fi
  MYPY="$folder/bin/mypy"
  RUFF="$folder/bin/ruff"
}

# Amazon's API as moto and botocore have it, for the stage aws-model. The folder is named after the versions of both.
fetch_moto() {
  local requirements=tests/awsModel/requirements.txt folder
  folder="$TOOLS/$(sed -nE 's/^(boto3|moto)==/\1-/p' "$requirements" | paste -sd -)"
  if [ ! -e "$folder/complete" ]; then
    say "installing moto and botocore into $folder"
    rm -rf "$folder"
    python3 -m venv "$folder" || return
    "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" || return
    touch "$folder/complete"
  fi
  MOTO_PYTHON="$folder/bin/python"
}

fetch_actionlint() {
  local folder="$TOOLS/actionlint-$ACTIONLINT_VERSION"
  if [ ! -x "$folder/actionlint" ]; then
    say "building actionlint $ACTIONLINT_VERSION (workflow linter) into $folder"
    GOBIN="$folder" go install "github.com/rhysd/actionlint/cmd/actionlint@$ACTIONLINT_VERSION" || return
  fi
  ACTIONLINT="$folder/actionlint"
}

# promtool and amtool come with daemons that nobody wants on this machine: their packages are unpacked, not installed.
fetch_promtool() {
  local folder="$TOOLS/prometheus" work
  if [ ! -x "$folder/amtool" ]; then
    say "unpacking promtool and amtool into $folder"
    work=$(mktemp -d) || return
    chmod 755 "$work"
    (cd "$work" && apt-get -qq download prometheus prometheus-alertmanager) || return
    for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root" || return; done
    install -D -t "$folder" "$work/root/usr/bin/promtool" "$work/root/usr/bin/amtool" || return
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

wants_lab() {
  wants lab lab
}

# Whether the stages of this run have a stage, or the group that it is in.
wants() {
  local asked=",${STAGES// /},"
  [ -z "$STAGES" ] || [[ "$asked" == *",$1,"* || "$asked" == *",$2,"* ]]
}

# The programs of Debian 11, against which rendered files are held; only root can make their root, and run in it.
make_lower_root() {
  [ "$EUID" -eq 0 ] || return 0
  lab/hosts/lab prepare || return
  LOWER_ROOT=$(lab/hosts/lab image bullseye) || return
  export LOWER_ROOT
}

prepare() {
  if wants_lab; then
    lab/prepare.sh
  elif [ ! -f node_modules/.package-lock.json ]; then
    say "installing the Node packages of package-lock.json"
    npm ci --no-progress --loglevel=error
  fi
}

MYPY="" RUFF="" ACTIONLINT="" MOTO_PYTHON="" PREPARE_FAILURE=""
install_programs
(prepare) || PREPARE_FAILURE="the preparation failed, see the output above"
fetch_python_linters || say "mypy and ruff could not be fetched"
fetch_actionlint || say "actionlint could not be fetched"
if wants aws-model tests; then fetch_moto || say "moto could not be installed"; fi
if wants contract tests; then make_lower_root || say "the root of Debian 11 could not be made"; fi
fetch_promtool || say "promtool could not be fetched"
fetch_alertmanager || say "Alertmanager could not be fetched"
fetch_prosody || say "Prosody 13 could not be fetched"
if [ ! -x node_modules/.bin/tsx ]; then
  echo "tests: the Node packages could not be installed, so nothing can run" >&2
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
fi

# Lets the lab's Python tests boot guests, too.
if wants_lab && [ "$EUID" -eq 0 ] && [ -z "$PREPARE_FAILURE" ]; then
  export AUDIO_MEET_LAB_TESTS=1
fi

say "running the tests"
export STAGES MYPY RUFF ACTIONLINT MOTO_PYTHON PREPARE_FAILURE PREPARE_SECONDS="$SECONDS"
exec node_modules/.bin/tsx tests/run.ts
