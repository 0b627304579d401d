"""The test files of a Jest run in which a test failed, a line each: failed.py REPORT."""

from __future__ import annotations

import sys
from pathlib import Path

from summary import cases_of, failure_of

if __name__ == "__main__":
    failed = [case.classname for case in cases_of(Path(sys.argv[1])) if failure_of(case) is not None]
    print("\n".join(dict.fromkeys(failed)), end="\n" if failed else "")
