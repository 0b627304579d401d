#!/usr/bin/env bash
# One stage of `make test` (tests/runner/stages.mk), by its NAME:
#   stage.sh check NAME COMMAND…          one test: it passes if the command succeeds
#   stage.sh tests NAME MINUTES COMMAND…  tests, whose runner writes $REPORTS/NAME.xml (JUnit)
#   stage.sh skip | fail NAME REASON      cannot run here, or would fail in any case
# How it ended stays in $REPORTS/NAME.end for summary.py: kind, seconds, exit code, reason. Always succeeds: the others run on.
set -euo pipefail

kind=$1 name=$2
shift 2
log=$REPORTS/$name.log
# Of the `make` that runs the stages: one that a test calls is another.
unset MAKEFLAGS MFLAGS MAKELEVEL

case $kind in
  skip | fail)
    printf '%s\n' "$kind" 0 0 "$*" >"$REPORTS/$name.end"
    printf '%s %-12s %s\n' "$kind" "$name" "$*"
    exit
    ;;
  check) minutes=10 ;;
  tests)
    minutes=$1
    shift
    ;;
esac

# What runs alone shows its output while it runs, the others only what failed.
case " ${ALONE:-} " in *" $name "*) output=/dev/stdout ;; *) output=$log ;; esac

started=$EPOCHREALTIME code=0
# In a process group of its own, which `timeout` ends as a whole at the limit or when this run is interrupted.
timeout --kill-after=20 "${minutes}m" "$@" </dev/null >>"$output" 2>&1 &
command=$!
trap 'kill -TERM "$command"' INT TERM
wait "$command" || code=$?
# A signal ends the first one before the command has ended.
if kill -0 "$command" 2>/dev/null; then wait "$command" || code=$?; fi

seconds=$(awk -v from="$started" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }')
printf '%s\n' "$kind" "$seconds" "$code" >"$REPORTS/$name.end"
if [ "$code" -eq 0 ]; then
  printf 'ok   %-12s %7s s\n' "$name" "$seconds"
else
  printf 'FAIL %-12s %7s s, exit code %s\n' "$name" "$seconds" "$code"
  [ ! -s "$log" ] || sed 's/^/  | /' "$log"
fi
