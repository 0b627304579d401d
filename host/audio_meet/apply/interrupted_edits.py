"""Edits by hand that a run which was cut off has met, or that came after it."""

from __future__ import annotations

from ..edits import found, kept
from ..system import files
from ..system.documents import Json
from ..system.root import Root
from .journal import Journal


def put_aside(root: Root, applied: Json, journal: Journal, *, secret: bool) -> None:
    """The same for what a journal has kept, and for what was edited since its run was cut off."""
    for path, previous in sorted(journal.previous.items()):
        words = found.how(previous or None, applied[path]) if path in applied else ""
        if words:
            kept.tell(root, path, words, previous or None, journal.copy(path), secret=secret)
        seen = files.observe(root, path)
        known = [previous or None, *journal.meant.get(path, [])]
        is_told = path in journal.meant or not journal.live  # a journal of an earlier version tells nothing
        if journal.interrupted and seen is not None and is_told and seen not in known:
            kept.tell(root, path, found.CHANGED, seen, files.content_of(root, path), secret=secret)
