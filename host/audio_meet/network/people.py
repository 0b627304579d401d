"""How many people are in conferences now, as the daemons of this host count them."""

from __future__ import annotations

from ..system.documents import Json
from ..system.root import Root
from ..system.state import VERIFIED, read_json
from . import http_local


def count(root: Root) -> Json:
    """`{conferences, participants}` of jicofo and `{bridges: {relayId: participants}}` of a bridge.

    What is not here, or does not answer, is left out. The addresses are those of the last verification.
    """
    counts: Json = {}
    for check in (read_json(root.path(VERIFIED)) or {}).get("checks", []):
        try:
            if check["kind"] == "jicofo":
                stats = http_local.get_json(check["url"], "/stats")
                counts |= {key: int(stats[key]) for key in ("conferences", "participants")}
            elif check["kind"] == "videobridge":
                stats = http_local.get_json(check["url"], "/colibri/stats")
                # without those who come over a relay, whose own bridge counts them
                number = int(stats["local_endpoints"])
                counts.setdefault("bridges", {})[check["relayId"]] = number
        except (http_local.UnreachableError, LookupError, TypeError, ValueError):
            continue
    return counts


def is_empty(root: Root) -> bool:
    """Whether nobody is in a conference. Where jicofo does not tell, somebody may be."""
    return count(root).get("participants") == 0


def notice(root: Root, price: Json) -> str:
    """What a restart costs people, with how many they are now, in a sentence."""
    who, what, where = price["who"], price["what"], price.get("count")
    counts = count(root) if where else {}
    if where == "core" and "participants" in counts:
        number, rooms = counts["participants"], counts["conferences"]
        if number == 0:
            return f"nobody is in a conference now; otherwise {who} {what}"
        return f"{who} in {_counted(rooms, 'conference')}, {_people(number)}, {what}"
    if where == "bridge" and "bridges" in counts:
        number = sum(counts["bridges"].values())
        if number == 0:
            return f"nobody is on this bridge now; otherwise {who} {what}"
        return f"{who}, now {number}, {what}"
    return f"{who} {what}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number} people"
