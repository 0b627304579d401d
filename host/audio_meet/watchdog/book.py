"""What the watchdog has done, in a file that everybody may read: for itself, `health` and `metrics`."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from typing import Any

from ..system.root import Root
from ..system.state import read_json

FOLDER = "/run/audio-meet-watchdog"
BOOK = f"{FOLDER}/book.json"
# systemd waits for it, and restarts jicofo.
RESTART_JICOFO = f"{FOLDER}/restart-jicofo"
# `health` tells of what was done since then; older ones are in the journal.
TOLD_SECONDS = 86_400.0
# A file that never grows further.
MOST_ACTS = 100


@dataclass(frozen=True)
class Act:
    """One thing that was done."""

    rule: str
    subject: str
    at: float
    words: str


class Book:
    """Acts, newest last; how many there were of each rule; the rules that are stuck; the last look."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.counts: dict[str, int] = {}
        self.stuck: dict[str, str] = {}
        self.looked = 0.0

    def add(self, act: Act) -> None:
        """Note what was done."""
        self.acts = [*self.acts, act][-MOST_ACTS:]
        self.counts[act.rule] = self.counts.get(act.rule, 0) + 1


def read(root: Root) -> Book | None:
    """The book as the watchdog left it; None where there is no watchdog."""
    value = read_json(root.path(BOOK))
    if value is None:
        return None
    book = Book()
    book.acts = [Act(**one) for one in value["acts"]]
    book.counts, book.stuck = dict(value["counts"]), dict(value["stuck"])
    book.looked = float(value["looked"])
    return book


def write(root: Root, book: Book) -> None:
    """Leave it for the others, whole at any moment."""
    file = root.path(BOOK)
    value: dict[str, Any] = {
        **{"acts": [vars(act) for act in book.acts], "counts": book.counts, "stuck": book.stuck},
        "looked": book.looked,
    }
    temporary = file.with_name(f".{file.name}.new")
    temporary.write_text(json.dumps(value), encoding="utf-8")
    temporary.chmod(0o644)
    os.replace(temporary, file)


def lately(root: Root) -> list[str]:
    """What was done within the last day, and what it could not help, in words."""
    book = read(root)
    if book is None:
        return []
    since = time.time() - TOLD_SECONDS
    done = [
        f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime(act.at))} {act.words}"
        for act in book.acts
        if act.at >= since
    ]
    return [*done, *book.stuck.values()]
