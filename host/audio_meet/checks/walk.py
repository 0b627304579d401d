"""The verb `walk`: puts together what hosts and the operator's machine found of a call's way."""

from __future__ import annotations

import json

from ..system import documents
from ..system.root import Root
from .doctor import BROKEN_CODE
from .way import HERE, first_broken, verdict, walk


def run(_root: Root, _arguments: list[str]) -> int:
    """The verb `walk`, for the document on stdin; its answer as JSON, with the lines for a reader."""
    document = documents.from_stdin()
    documents.fields(document, "walk", {"links": list, "findings": list, "unseen": dict})
    unseen = document["unseen"]
    stations = walk(document["links"], document["findings"], set(unseen) - {HERE})
    broken = first_broken(stations)
    answer = {
        "code": BROKEN_CODE if broken else 1 if unseen else 0,
        "firstBroken": broken.link if broken else None,
        "verdict": verdict(stations, unseen),
        "links": [station.document() for station in stations],
        "lines": [station.line() for station in stations],
    }
    print(json.dumps(answer, separators=(",", ":")), flush=True)
    return 0
