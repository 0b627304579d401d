#!/usr/bin/env bash
# Jest's tests with daemons that run, as `stage.sh tests NAME` runs them: daemons.sh NAME CONFIG. Files that failed beside others run
# once more, one at a time: then the second result counts, and summary.py tells the first one as unsteady. More than two such files
# are no accident of a busy machine: they stay failed.
set -uo pipefail
name=$1
jest=(node_modules/.bin/jest --ci --config "$2")
JEST_JUNIT_OUTPUT_FILE="$REPORTS/$name.xml" "${jest[@]}" --testPathPatterns "tests/$name/" && exit
code=$?
mapfile -t files < <("$PYTHON_TOOLS/python" tests/runner/failed.py "$REPORTS/$name.xml")
if [ "${#files[@]}" -eq 0 ] || [ "${#files[@]}" -gt 2 ]; then exit "$code"; fi
printf 'once more, alone: %s\n' "${files[@]}"
JEST_JUNIT_OUTPUT_FILE="$REPORTS/$name.alone.xml" "${jest[@]}" --runInBand --runTestsByPath "${files[@]}"
