"""What the stages of a run counted: summary.py REPORTS STAGE…

Of each stage `stage.sh` leaves how it ended, and its runner a JUnit report, with a second one beside it
(STAGE.alone.xml) of the files that ran once more. Prints every skip and failure, what passed at the second
try, a table, and the line `N passed, N failed, N skipped`; ends with 1 if anything failed.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase

#: `timeout` ends with it at the limit.
TIMED_OUT = 124

#: What runners say before they say what is wrong.
EMPTY_WORDS = ("", "Failed", "collection failure", "● Test suite failed to run")


@dataclass
class Stage:
    """A stage and what it counted; of each failure and skip its name and what there is to say.

    `unsteady`: what failed at first and passed when its file ran alone.
    """

    name: str
    seconds: float = 0
    passed: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    unsteady: list[tuple[str, str]] = field(default_factory=list)

    def counts(self) -> list[int]:
        return [self.passed, len(self.failed), len(self.skipped)]


def read_stage(reports: Path, name: str) -> Stage:
    """A run without any test, and a failed run without a failed test, are failures: both hide something."""
    try:
        kind, seconds, code, *reason = (reports / f"{name}.end").read_text().splitlines()
    except (OSError, ValueError):
        return Stage(name, failed=[(name, "did not end")])
    stage = Stage(name, float(seconds))
    if kind == "skip":
        stage.skipped.append((name, " ".join(reason)))
    elif kind == "fail":
        stage.failed.append((name, " ".join(reason)))
    elif kind == "check":
        stage.passed = int(code == "0")
    elif kind == "tests":
        read_report(stage, reports / f"{name}.xml")
    if code != "0" and not stage.failed:
        stage.failed.append((name, how_it_ended(int(code))))
    if kind != "prepare" and not any(stage.counts()):
        stage.failed.append((name, "found no test"))
    return stage


def read_report(stage: Stage, file: Path) -> None:
    again = file.with_suffix(".alone.xml")
    try:
        cases = cases_of(file)
        seconds = cases_of(again) if again.exists() else []
    except Exception as error:  # Whatever is wrong with it, nobody can say that its tests passed.
        stage.failed.append((stage.name, f"left no readable report: {error}"))
        return
    files = {case.classname for case in seconds}
    at_first = Stage(stage.name)
    count(at_first, [case for case in cases if case.classname in files])
    count(stage, [case for case in cases if case.classname not in files] + seconds)
    stage.unsteady = [one for one in at_first.failed if one[0] not in dict(stage.failed)]


def cases_of(file: Path) -> list[TestCase]:
    report = JUnitXml.fromfile(str(file))
    suites = report if isinstance(report, JUnitXml) else [report]
    return [case for suite in suites for case in suite]


def failure_of(case: TestCase) -> Failure | Error | None:
    return next((one for one in case.result if isinstance(one, (Failure, Error))), None)


def count(stage: Stage, cases: list[TestCase]) -> None:
    for case in cases:
        name = (case.name or case.classname or "a test without a name").strip()
        broken = failure_of(case)
        skip = next((one for one in case.result if isinstance(one, Skipped)), None)
        if broken is not None:
            label = f"{name} ({case.classname})"
            # jest-junit tells twice of a file that cannot be loaded.
            if label not in dict(stage.failed):
                stage.failed.append((label, words_of(broken)))
        elif skip is not None:
            stage.skipped.append((name, reason_of(case, skip)))
        else:
            stage.passed += 1


def words_of(finding: Failure | Error) -> str:
    """What a failure says first."""
    lines = f"{finding.message or ''}\n{finding.text or ''}".splitlines()
    said = [line.strip() for line in lines if line.strip() not in EMPTY_WORDS]
    return re.sub(r"\x1b\[[\d;]*m", "", said[0]) if said else "says nothing"


def reason_of(case: TestCase, skip: Skipped) -> str:
    """Jest keeps no reason: there the name of the test, or of its group, ends with `(skipped: reason)`."""
    in_name = re.search(r"\(skipped: (.+?)\)(?:\s|$)", case.name or "")
    return in_name[1] if in_name else skip.message or (skip.text or "").strip() or "its name gives no reason"


def how_it_ended(code: int) -> str:
    return "was ended at its time limit" if code == TIMED_OUT else f"exit code {code}"


def table(stages: list[Stage]) -> str:
    rows = [["stage", "duration", "passed", "failed", "skipped"]]
    rows += [[stage.name, f"{stage.seconds:.1f} s", *map(str, stage.counts())] for stage in stages]
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))

    def line(name: str, *cells: str) -> str:
        return "  ".join([name.ljust(first), *map(str.rjust, cells, others)])

    return "\n".join(line(*row) for row in rows)


def main(reports: str, *names: str) -> int:
    stages = [read_stage(Path(reports), name) for name in names]
    for stage in stages:
        for name, reason in stage.skipped:
            print(f"skipped: {stage.name}: {name}: {reason}")
    for stage in stages:
        for name, words in stage.failed:
            print(f"failed: {stage.name}: {name}: {words}")
        for name, words in stage.unsteady:
            print(f"unsteady: {stage.name}: {name}: passed alone, after it failed beside others: {words}")
    totals = [sum(column) for column in zip(*(stage.counts() for stage in stages), strict=True)] or [0, 0, 0]
    passed, failed, skipped = totals
    print(f"\n{table(stages)}\n\n{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not stages else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
