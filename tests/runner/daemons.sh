#!/usr/bin/env bash
# The lab's tests, as `stage.sh tests lab` runs them. Files that failed beside others run once more, alone: then the second result
# counts, and summary.py tells the first one as unsteady. More than two such files are no accident of a busy machine: they stay failed.
set -uo pipefail
jest=(env JEST_JUNIT_OUTPUT_FILE="$REPORTS/lab.xml" node_modules/.bin/jest --ci --config jest.lab.config.js --verbose)
"${jest[@]}" && exit
code=$?
mapfile -t files < <("$PYTHON_TOOLS/python" tests/runner/failed.py "$REPORTS/lab.xml")
if [ "${#files[@]}" -eq 0 ] || [ "${#files[@]}" -gt 2 ]; then exit "$code"; fi
printf 'once more, alone: %s\n' "${files[@]}"
JEST_JUNIT_OUTPUT_FILE="$REPORTS/lab.alone.xml" "${jest[@]:2}" --runInBand --runTestsByPath "${files[@]}"
