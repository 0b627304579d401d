"""Whether a restart that throws people out has to wait now."""

from __future__ import annotations

from ..network import people
from ..system.documents import Json, fields
from ..system.root import Root
from ..system.state import VERIFIED
from . import window
from .store import Entry

EMPTY = "nobody is in a conference"


def parse(value: Json, where: str) -> Json:
    """What a manifest says of restarts that wait."""
    fields(value, where, {"units": list}, {"window": dict, "atOnce": dict})
    if "window" in value:
        window.parse(value["window"], f"{where}.window")
    return value


def why_wait(root: Root, restarts: Json) -> str:
    """Until when restarts wait that are wanted now, in words; "" where they need not."""
    if not root.path(VERIFIED).is_file():
        return ""  # nobody was ever let in
    if "window" not in restarts:
        return "" if people.is_empty(root) else f"until {EMPTY}"
    if _is_open(root, restarts["window"]):
        return ""
    return until(root, restarts["window"])


def is_due(root: Root, entry: Entry) -> bool:
    """Whether the time of a restart has come, as far as one look tells."""
    if entry.window is None:
        return people.is_empty(root)
    return _is_open(root, entry.window)


def until(root: Root, wanted: Json | None) -> str:
    """Until when restarts wait, in words."""
    if wanted is None:
        return f"until {EMPTY}"
    begins = window.opening(wanted, root.now()).begins
    return f"until {window.words(wanted, begins)} ({wanted['text']})"


def _is_open(root: Root, wanted: Json) -> bool:
    return window.opening(wanted, root.now()).begins <= root.now()
