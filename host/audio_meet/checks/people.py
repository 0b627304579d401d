"""The `people` verb: how many people are in conferences now, as the daemons of this host count them."""

from __future__ import annotations

import json

from ..network import http_local
from ..system.documents import Json
from ..system.root import Root
from ..system.state import read_json
from .verify import LAST


def people(root: Root) -> Json:
    """`{conferences, participants}` of jicofo and `{bridges: {relayId: participants}}` of a bridge.

    What is not here, or does not answer, is left out. The addresses are those of the last verification.
    """
    counts: Json = {}
    for check in (read_json(root.path(LAST)) or {}).get("checks", []):
        try:
            if check["kind"] == "jicofo":
                stats = http_local.get_json(check["url"], "/stats")
                counts |= {key: int(stats[key]) for key in ("conferences", "participants")}
            elif check["kind"] == "videobridge":
                stats = http_local.get_json(check["url"], "/colibri/stats")
                # without those who come over a relay, whose own bridge counts them
                count = int(stats["local_endpoints"])
                counts.setdefault("bridges", {})[check["relayId"]] = count
        except (http_local.UnreachableError, LookupError, TypeError, ValueError):
            continue
    return counts


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `people`: its answer as JSON."""
    print(json.dumps(people(root), separators=(",", ":")))
    return 0
