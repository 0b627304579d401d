#!/usr/bin/env bash
# `make bench`: joins with broadcastOnce off and on, previews, and one report of both; with the word `all`, `make bench-all`: the
# whole matrix. Root. The report is a result only if the machine does nothing else meanwhile; it says how busy it was.
set -euo pipefail
cd "$(dirname "$0")/.."
name=${BENCH_NAME:-bench}
results="$PWD/bench/results"
work="$PWD/.lab-tests/bench-figures"
rm -rf "$work"
mkdir -p "$work"
trap 'rm -rf "$work"' EXIT
export BENCH_RESULTS="$work/joins.json"

joins() { # SETTINGS PARTICIPANTS RATES RUNS
  BENCH_SETTINGS=$1 BENCH_AUDIENCE=${2##*,} bench/lab.sh --participants "$2" --rates "$3" --runs "$4"
}

if [ "${1:-}" = all ]; then
  name=$name-all
  joins "broadcastOnce=false broadcastOnce=true streamManagement=true" 100,300,500,1000 5,10,20,30,50 2
  # What Jitsi's modules cost is only to be seen with Jitsi's modules.
  if [ -n "${LAB_JITSI_PLUGINS:-}" ]; then
    features=""
    for feature in lobby avModeration endConference breakoutRooms polls speakerStats; do
      features+=" jitsiModules=true,$feature=false jitsiModules=true,$feature=true"
    done
    joins "jitsiModules=false jitsiModules=true$features" 300 30 2
  fi
  npm run --silent bench-steps -- --bridges 1,3,10,30,50 --up 1000 --results "$work/steps.json"
else
  joins "broadcastOnce=false broadcastOnce=true" 100,300,500 30 3
  npm run --silent bench-steps -- --bridges 1,10,50 --results "$work/steps.json"
fi
node --import tsx bench/report/report.ts "$work" "$results/$name"
