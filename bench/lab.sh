#!/usr/bin/env bash
# The benchmark against a core of its own on this machine, once with each setting, and then nothing is left.
# Words after it go to the benchmark: bench/lab.sh --rates 30 --runs 3. BENCH_RESULTS: where the runs are kept.
# BENCH_SETTINGS: what is compared, as switches of jitsi:features: "streamManagement=false streamManagement=true".
set -euo pipefail
cd "$(dirname "$0")/.."
folder="$PWD/.lab-tests/bench"
export STACK=bench AUDIO_MEET_LAB="$folder"
results="${BENCH_RESULTS:-$PWD/bench/results/lab.json}"

mkdir -p "$folder"
trap 'lab/down.sh' EXIT
for setting in ${BENCH_SETTINGS:-streamManagement=false streamManagement=true}; do
  export STACK_FILE="$folder/Pulumi.bench.yaml"
  node --import tsx bench/setting.ts "$setting" <bench/Pulumi.bench.yaml >"$STACK_FILE"
  lab/up.sh
  (
    # shellcheck source=lab/env.sh
    . lab/env.sh
    use_engine
    pulumi stack output --json --stack "$STACK"
  ) >"$folder/outputs.json"
  npm run --silent bench -- --load bench.audio-meet.test --label "$setting" --results "$results" "$@" <"$folder/outputs.json"
done
