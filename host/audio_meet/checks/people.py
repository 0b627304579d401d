"""The `people` verb: how many people are in conferences now."""

from __future__ import annotations

import json

from ..network import people
from ..system.root import Root


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `people`: its answer as JSON."""
    print(json.dumps(people.count(root), separators=(",", ":")))
    return 0
