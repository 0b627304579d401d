#!/usr/bin/env bash
# `make bench`: the benchmark against a core of its own on this machine, stream management off and on, and then nothing is left.
# Words after it go to the benchmark: bench/lab.sh --rates 30 --runs 3. BENCH_RESULTS: where the runs are kept.
set -euo pipefail
cd "$(dirname "$0")/.."
folder="$PWD/.lab-tests/bench"
export STACK=bench AUDIO_MEET_LAB="$folder"
results="${BENCH_RESULTS:-$PWD/bench/results/lab.json}"

mkdir -p "$folder"
trap 'lab/down.sh' EXIT
for stream_management in false true; do
  export STACK_FILE="$folder/Pulumi.bench.yaml"
  sed "s/streamManagement: false/streamManagement: $stream_management/" bench/Pulumi.bench.yaml >"$STACK_FILE"
  lab/up.sh
  (
    # shellcheck source=lab/env.sh
    . lab/env.sh
    use_engine
    pulumi stack output --json --stack "$STACK"
  ) >"$folder/outputs.json"
  npm run --silent bench -- --load bench.audio-meet.test --results "$results" "$@" <"$folder/outputs.json"
done
