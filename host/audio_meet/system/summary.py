"""The one line that a verb prints when it is done."""

from __future__ import annotations

from .root import Root


def say(root: Root, text: str) -> int:
    """Print `text` and the notes of the run; returns the exit code 0. A run without either prints nothing."""
    parts = [*([text] if text else []), *(f"note: {note}" for note in root.notes)]
    if parts:
        print("; ".join(parts))
    return 0
