"""The verb `doctor`: walks the way of a call from this host, and names the first link that is broken."""

from __future__ import annotations

import json
import time

from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import VERIFIED, read_json
from .look import look, parse
from .way import NOT_PART, first_broken, verdict, walk

# With the way there and back to the slowest host it is under 20 s.
SECONDS = 13.0
BROKEN_CODE = 2


def way_of(root: Root) -> dict[str, list[Json]]:
    """What this host can be asked about a call, by link; as of the last verification."""
    document = read_json(root.path(VERIFIED))
    if document is None or "way" not in document:
        raise HostError("doctor", "no verification was kept here", "run pulumi up")
    return parse(document["way"], "way")


def run(root: Root, arguments: list[str]) -> int:
    """The verb `doctor`: a line for each link, or with `json` what was found, for `walk`.

    Behind `json` may stand for how many seconds an answer is waited for.
    """
    way = way_of(root)
    seconds = _seconds(arguments[2]) if len(arguments) > 2 else SECONDS
    findings = look(root, way, seconds)
    if arguments[1:2] == ["json"]:
        answer = {"host": root.host(), "at": time.time(), "links": list(way), "findings": findings}
        print(json.dumps(answer, separators=(",", ":")), flush=True)
        return 0
    stations = walk(way, [{"by": "this host", **finding} for finding in findings])
    is_core = "name" in way
    for station in stations:
        if is_core or station.state != NOT_PART:
            print(station.line())
    print(verdict(stations, {}) + ("" if is_core else ", of those that this host knows"), flush=True)
    return BROKEN_CODE if first_broken(stations) else 0


def _seconds(word: str) -> float:
    try:
        return min(float(word), SECONDS)
    except ValueError:
        raise HostError("doctor", f"{word!r} is no number of seconds", "doctor json SECONDS") from None
