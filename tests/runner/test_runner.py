"""The runner of `make test`: what is chosen, how a stage ends, and what is counted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

RUNNER = Path(__file__).parent
REPOSITORY = RUNNER.parents[1]


def make(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    surroundings = {name: os.environ[name] for name in ("PATH", "HOME")}
    command = ["make", "--no-print-directory", "--file", "tests/runner/stages.mk", *words]
    return subprocess.run(command, cwd=REPOSITORY, env=surroundings | more, capture_output=True, text=True)


def chosen(stages: str) -> list[str]:
    return make("names", STAGES=stages).stdout.split()


def run_stage(reports: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    surroundings = os.environ | {"REPORTS": str(reports), "ALONE": ""} | more
    return subprocess.run([RUNNER / "stage.sh", *words], env=surroundings, capture_output=True, text=True)


def summary(reports: Path, *names: str) -> tuple[int, list[str]]:
    command = [sys.executable, RUNNER / "summary.py", str(reports), *names]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert ended.stderr == ""
    return ended.returncode, ended.stdout.splitlines()


def is_gone(pid: str) -> bool:
    """Whether a process ends within seconds; one that nobody has waited for yet has ended."""
    status = Path(f"/proc/{pid}/status")
    for _ in range(100):
        if not status.exists() or "State:\tZ" in status.read_text():
            return True
        time.sleep(0.05)
    return False


def report(reports: Path, name: str, cases: str, code: int = 0) -> tuple[int, list[str]]:
    """The summary of a stage whose runner left these cases and ended with that code."""
    (reports / f"{name}.xml").write_text(f"<testsuites><testsuite name='s'>{cases}</testsuite></testsuites>")
    (reports / f"{name}.end").write_text(f"tests\n1.5\n{code}\n")
    return summary(reports, name)


def test_stages_are_chosen_by_name_and_by_group_and_all_without_a_choice() -> None:
    assert chosen("unit, types") == ["unit", "types"]
    assert set(chosen("lint,lab")) > {"eslint", "gofmt", "lab"}
    assert "unit" not in chosen("lint")
    assert set(chosen("")) == {*chosen("lint"), *chosen("tests"), "lab"}


def test_a_typo_is_an_error_that_names_all_there_are() -> None:
    ended = make("names", STAGES="unti")
    assert ended.returncode != 0
    assert "no stage or group is called unti; there are: lint tests" in ended.stderr
    assert "unit" in ended.stderr


def test_what_cannot_run_here_is_skipped_and_what_could_not_be_prepared_fails(tmp_path: Path) -> None:
    assert make("aws-model", "lab", REPORTS=str(tmp_path), PREPARE_FAILURE="no image").returncode == 0
    code, lines = summary(tmp_path, "aws-model", "lab")
    assert lines[:2] == [
        "skipped: aws-model: aws-model: moto could not be fetched",
        "failed: lab: lab: no image",
    ]
    assert (code, lines[-1]) == (1, "0 passed, 1 failed, 1 skipped")


def test_the_output_of_a_stage_is_shown_if_it_failed_and_the_others_run_on(tmp_path: Path) -> None:
    good = run_stage(tmp_path, "check", "good", "echo", "chatter")
    assert (good.returncode, good.stdout.split()[:2]) == (0, ["ok", "good"])
    assert "chatter" not in good.stdout
    bad = run_stage(tmp_path, "check", "bad", "bash", "-c", "echo broken >&2; exit 3")
    assert bad.returncode == 0
    assert "exit code 3\n  | broken\n" in bad.stdout
    code, lines = summary(tmp_path, "good", "bad")
    assert lines[0] == "failed: bad: bad: exit code 3"
    assert (code, lines[-1]) == (1, "1 passed, 1 failed, 0 skipped")


def test_a_stage_knows_nothing_of_the_make_that_runs_it(tmp_path: Path) -> None:
    shown = run_stage(tmp_path, "check", "lab", "env", ALONE="lab", MAKEFLAGS="-k", MAKELEVEL="1").stdout
    assert "PATH=" in shown
    assert "MAKE" not in shown


def test_one_that_runs_alone_shows_its_output(tmp_path: Path) -> None:
    assert "chatter" in run_stage(tmp_path, "check", "lab", "echo", "chatter", ALONE="lab").stdout


def test_a_stage_over_its_limit_is_ended_with_everything_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 60 & echo $! >{pids}; wait"
    run_stage(tmp_path, "tests", "stuck", "0.005", "bash", "-c", script)
    assert is_gone(pids.read_text().strip())
    # Its runner left no report either.
    assert summary(tmp_path, "stuck")[1][0].startswith("failed: stuck: stuck: ")
    (tmp_path / "stuck.xml").write_text(
        "<testsuites><testsuite><testcase name='a'/></testsuite></testsuites>"
    )
    assert summary(tmp_path, "stuck")[1][0] == "failed: stuck: stuck: was ended at its time limit"


def test_an_interrupted_stage_ends_what_it_started(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    surroundings = os.environ | {"REPORTS": str(tmp_path), "ALONE": ""}
    script = f"echo $$ >{pids}; exec sleep 60"
    stage = subprocess.Popen(
        [RUNNER / "stage.sh", "check", "long", "bash", "-c", script], env=surroundings, stdout=subprocess.PIPE
    )
    while not (pids.exists() and pids.read_text().strip()):
        time.sleep(0.05)
    stage.send_signal(signal.SIGTERM)
    stage.communicate(timeout=30)
    assert is_gone(pids.read_text().strip())
    assert summary(tmp_path, "long")[0] == 1


def test_a_program_that_does_not_exist_is_a_failure(tmp_path: Path) -> None:
    run_stage(tmp_path, "check", "absent", "/no/such/program")
    assert summary(tmp_path, "absent")[1][0] == "failed: absent: absent: exit code 127"


def test_failures_errors_and_skips_are_told_with_their_words(tmp_path: Path) -> None:
    code, lines = report(
        tmp_path,
        "unit",
        """<testcase name="adds"/>
        <testcase name="divides" classname="a.test.ts"><failure>Error: by zero\n at x.ts</failure></testcase>
        <testcase name="clean-up" classname="a.test.ts"><error message="afterAll threw"/></testcase>
        <testcase name="asks Prosody (skipped: needs prosodyctl)"><skipped/></testcase>
        <testcase name="rooms (skipped: needs plugins (of Jitsi)) take a vote"><skipped/></testcase>
        <testcase name="left out"><skipped/></testcase>
        <testcase name="of Python"><skipped message="needs nft"/></testcase>""",
        code=1,
    )
    assert lines[:6] == [
        "skipped: unit: asks Prosody (skipped: needs prosodyctl): needs prosodyctl",
        "skipped: unit: rooms (skipped: needs plugins (of Jitsi)) take a vote: needs plugins (of Jitsi)",
        "skipped: unit: left out: its name gives no reason",
        "skipped: unit: of Python: needs nft",
        "failed: unit: divides (a.test.ts): Error: by zero",
        "failed: unit: clean-up (a.test.ts): afterAll threw",
    ]
    assert (code, lines[-1]) == (1, "1 passed, 2 failed, 4 skipped")


def test_a_run_without_any_test_fails(tmp_path: Path) -> None:
    code, lines = report(tmp_path, "unit", "")
    assert (code, lines[0]) == (1, "failed: unit: unit: found no test")


def test_an_exit_code_that_no_failed_test_explains_fails(tmp_path: Path) -> None:
    code, lines = report(tmp_path, "unit", "<testcase name='a'/>", code=7)
    assert (code, lines[0], lines[-1]) == (
        1,
        "failed: unit: unit: exit code 7",
        "1 passed, 1 failed, 0 skipped",
    )


@pytest.mark.parametrize("left", [None, "", "<testsuites>"])
def test_a_report_that_is_missing_or_broken_fails(tmp_path: Path, left: str | None) -> None:
    (tmp_path / "unit.end").write_text("tests\n1.5\n0\n")
    if left is not None:
        (tmp_path / "unit.xml").write_text(left)
    code, lines = summary(tmp_path, "unit")
    assert code == 1
    assert lines[0].startswith("failed: unit: unit: left no readable report")


def test_a_stage_that_never_ended_fails(tmp_path: Path) -> None:
    assert summary(tmp_path, "unit")[1][0] == "failed: unit: unit: did not end"


def test_the_table_has_a_row_for_each_stage_in_columns(tmp_path: Path) -> None:
    (tmp_path / "prepare.end").write_text("prepare\n3\n0\n\n")
    report(tmp_path, "unit", "<testcase name='a'/>")
    code, lines = summary(tmp_path, "prepare", "unit")
    assert code == 0
    rows = [line for line in lines if line and "passed," not in line]
    assert [row.split()[0] for row in rows] == ["stage", "prepare", "unit"]
    assert len({len(row) for row in rows}) == 1


#: As in stages.mk.
PYTEST_OPTIONS = ["-p", "no:cacheprovider", "--continue-on-collection-errors"]

#: A test file for each runner with a test that passes, one that fails, one that is left out and a reason.
JEST = """
test("good", () => {});
test("bad", () => { throw new Error("by zero"); });
test.skip("out (skipped: needs root)", () => {});
"""
PYTHON = """
import unittest
class T(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self): self.assertEqual(1, 2)
    @unittest.skip("needs nft")
    def test_out(self): pass
"""


def test_the_report_of_jest_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.test.js").write_text(JEST)
    (tmp_path / "b.test.js").write_text("require('no-such-module');")
    (tmp_path / "c.test.js").write_text(
        "test('good', () => {}); afterAll(() => { throw new Error('left'); });"
    )
    for path in ("jest.config.js", "node_modules"):
        (tmp_path / path).symlink_to(REPOSITORY / path)
    config = (
        f"const {{ reporters }} = require('{REPOSITORY}/jest.config.js'); module.exports = {{ reporters }};"
    )
    (tmp_path / "own.config.js").write_text(config)
    surroundings = os.environ | {"JEST_JUNIT_OUTPUT_FILE": str(tmp_path / "unit.xml")}
    command = [REPOSITORY / "node_modules/.bin/jest", "--ci", "--config", "own.config.js"]
    code = subprocess.run(command, cwd=tmp_path, env=surroundings, capture_output=True).returncode
    (tmp_path / "unit.end").write_text(f"tests\n1\n{code}\n")
    _, lines = summary(tmp_path, "unit")
    assert lines[0] == "skipped: unit: out (skipped: needs root): needs root"
    assert "failed: unit: bad (a.test.js): Error: by zero" in lines
    assert any("b.test.js" in line and "Cannot find module 'no-such-module'" in line for line in lines)
    assert any("afterAll" in line and "(c.test.js)" in line and "left" in line for line in lines)
    assert lines[-1] == "2 passed, 3 failed, 1 skipped"


def test_the_report_of_pytest_is_read(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text(PYTHON)
    (tmp_path / "test_b.py").write_text("import no_such_module_anywhere")
    words = ["-m", "pytest", *PYTEST_OPTIONS, f"--junitxml={tmp_path}/host.xml", str(tmp_path)]
    run_stage(tmp_path, "tests", "host", "1", sys.executable, "-B", *words)
    _, lines = summary(tmp_path, "host")
    assert lines[0] == "skipped: host: test_out: needs nft"
    assert any("AssertionError: 1 != 2" in line for line in lines)
    assert any("test_b" in line for line in lines)
    assert lines[-1] == "1 passed, 2 failed, 1 skipped"


#: Stands for Jest: in the first run `beside` fails in file a.ts, in the second one, alone, as told.
DAEMONS_JEST = """#!/bin/sh
case "$*" in
  *--runTestsByPath*) echo "$@" >"$REPORTS/second"; file=a.ts; code=$ALONE_FAILS ;;
  *) file=$FILES code=1 ;;
esac
{
  echo "<testsuites><testsuite name='s'>"
  for one in $file; do
    echo "<testcase name='a call' classname='$one'>"
    [ "$code" = 0 ] || echo "<failure message='nobody answered'/>"
    echo "</testcase>"
  done
  [ "$file" = a.ts ] && [ "$code" = 0 ] || echo "<testcase name='steady' classname='b.ts'/>"
  echo "</testsuite></testsuites>"
} >"$JEST_JUNIT_OUTPUT_FILE"
exit $code
"""


def run_daemons(reports: Path, files: str, alone_fails: int) -> tuple[int, list[str]]:
    """A stage of daemons with that Jest, in a folder with it and the runner alone; what the summary says."""
    jest = reports / "node_modules/.bin/jest"
    jest.parent.mkdir(parents=True)
    jest.write_text(DAEMONS_JEST)
    jest.chmod(0o755)
    (reports / "tests").mkdir()
    (reports / "tests/runner").symlink_to(RUNNER)
    # Its folder and not where its link leads: only there it knows its packages.
    more = {"FILES": files, "ALONE_FAILS": str(alone_fails), "PYTHON_TOOLS": str(Path(sys.executable).parent)}
    surroundings = os.environ | {"REPORTS": str(reports), "ALONE": ""} | more
    command = [
        RUNNER / "stage.sh",
        "tests",
        "attacks",
        "1",
        "tests/runner/daemons.sh",
        "attacks",
        "jest.config.js",
    ]
    subprocess.run(command, env=surroundings, cwd=reports, capture_output=True, text=True)
    return summary(reports, "attacks")


def test_a_file_that_failed_beside_others_counts_as_it_ends_alone_and_is_told(tmp_path: Path) -> None:
    code, lines = run_daemons(tmp_path, "a.ts", 0)
    assert code == 0
    assert lines[0] == (
        "unsteady: attacks: a call (a.ts): passed alone, after it failed beside others: nobody answered"
    )
    assert lines[-1] == "2 passed, 0 failed, 0 skipped"
    assert "--runInBand --runTestsByPath a.ts" in (tmp_path / "second").read_text()


def test_one_that_fails_alone_as_well_has_failed(tmp_path: Path) -> None:
    code, lines = run_daemons(tmp_path, "a.ts", 1)
    assert code == 1
    assert lines[0] == "failed: attacks: a call (a.ts): nobody answered"
    assert not any(line.startswith("unsteady") for line in lines)


def test_many_failed_files_are_not_tried_again(tmp_path: Path) -> None:
    code, lines = run_daemons(tmp_path, "a.ts c.ts d.ts", 0)
    assert code == 1
    assert lines[-1] == "1 passed, 3 failed, 0 skipped"
    assert not (tmp_path / "second").exists()
