"""Patience with others who are at work on this host: who it is, and for how long, is said while it lasts."""

from __future__ import annotations

import sys
import time

from .errors import HostError
from .root import Root


class Waiting:
    """One wait. It takes from the patience of its run, so that all waits together have one deadline."""

    def __init__(self, root: Root, remedy: str) -> None:
        self._root = root
        self._remedy = remedy
        self._began = self._ended = 0.0
        self._said = ("", 0.0)
        self._busy = ""

    def more(self, who: str, does: str, pause_seconds: float | None = None) -> None:
        """Wait a moment because `who` still `does` something; HostError once the patience is at its end."""
        now = time.monotonic()
        self._began = self._began or now
        waited, most = now - self._began, self._root.patience_seconds
        if waited >= most:
            raise HostError(who, f"still {does} after {waited:.0f} s", self._remedy)
        self._busy = who
        if who != self._said[0] or now - self._said[1] >= self._root.progress_seconds:
            self._said = (who, now)
            # stdout is a document in some verbs
            words = f"waiting for {who}, which {does}: {waited:.0f} of {most:.0f} s"
            print(words, file=sys.stderr, flush=True)
        time.sleep(self._root.poll_seconds if pause_seconds is None else pause_seconds)
        self._ended = time.monotonic()

    def over(self) -> None:
        """The wait, if there was one, ended with its last moment; what was done since does not count."""
        waited = self._ended - self._began
        self._root.patience_seconds -= waited
        if waited >= 1:
            self._root.note(f"waited {waited:.0f} s for {self._busy}")
