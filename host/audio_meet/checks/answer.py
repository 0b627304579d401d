"""The `answer` verb: one check, asked by the unit that runs this (as_unit.py)."""

from __future__ import annotations

import json

from ..system import documents
from ..system.root import Root
from .kinds import table


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `answer`, for the check on stdin: whether it holds and what was found, as JSON."""
    check = documents.from_stdin()
    print(json.dumps(table.AS_UNIT[check["kind"]](root, check)))
    return 0
