"""The `answer` verb: one check, asked by the unit that runs this (as_unit.py)."""

from __future__ import annotations

import json

from ..system import documents
from ..system.root import Root
from .kinds.check import UnitCheck
from .kinds.table import KINDS


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `answer`, for the check on stdin: whether it holds and what was found, as JSON."""
    check = documents.from_stdin()
    kind = KINDS[check["kind"]]
    if not isinstance(kind, UnitCheck):
        raise documents.broken("answer.kind", f"{kind.kind!r} is not asked as a unit")
    print(json.dumps(kind.within_unit(root, check)))
    return 0
