"""Runs the unit tests of one folder and writes what they counted: pythonTests.py FOLDER REPORT."""

import json
import sys
import unittest
from pathlib import Path
from typing import Any

Outcomes = list[tuple[Any, str]]


class CountingResult(unittest.TextTestResult):
    """The usual text result that also remembers which tests passed."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self.passed = 0

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self.passed += 1


def find_tests(folder: Path) -> unittest.TestSuite:
    """All test_*.py of `folder`; what they test is imported from the folder above it."""
    above = folder.parent
    sys.path.insert(0, str(above))
    is_package = (folder / "__init__.py").exists()
    return unittest.TestLoader().discover(str(folder), top_level_dir=str(above if is_package else folder))


def named(outcomes: Outcomes) -> list[dict[str, str]]:
    """Name and last line of each outcome: of a traceback that line is the error, of a skip the reason."""
    return [
        {"name": str(test), "detail": text.strip().splitlines()[-1] if text.strip() else "no reason given"}
        for test, text in outcomes
    ]


def report_of(result: CountingResult) -> dict[str, Any]:
    """A tally as in stage.ts. An expected failure is a passed test, an unexpected success a failed one."""
    failed: Outcomes = [*result.failures, *result.errors]
    failed += [(test, "passes although it is expected to fail") for test in result.unexpectedSuccesses]
    return {
        "passed": result.passed + len(result.expectedFailures),
        "failed": named(failed),
        "skipped": named(result.skipped),
    }


def main(folder: str, report: str) -> int:
    runner = unittest.TextTestRunner(verbosity=2, buffer=True, resultclass=CountingResult)
    result = runner.run(find_tests(Path(folder).resolve()))
    assert isinstance(result, CountingResult)
    Path(report).write_text(json.dumps(report_of(result)), encoding="utf-8")
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
