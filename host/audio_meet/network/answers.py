"""What a question to a daemon of this host can end in: an answer, the knowledge that it is down, or neither.

No answer is not a no: a daemon that is only late may carry a conference or a recording. Only what is known to
be down has nothing to lose. Whoever asks decides what each of the three means, and fails loudly at the last.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ..system import systemd
from ..system.errors import HostError
from ..system.root import Root
from . import http_local

T = TypeVar("T")


@dataclass(frozen=True)
class Known(Generic[T]):
    """The daemon answered."""

    value: T


@dataclass(frozen=True)
class Down:
    """Nothing runs that could answer; `reason` says by what that is known."""

    reason: str


@dataclass(frozen=True)
class Unknown:
    """No answer that can be read, for the reason given, from a daemon that may be at work."""

    reason: str

    def error(self, what: str, name: str, remedy: str) -> HostError:
        """The loud failure: `what` is not known of the unit `name`."""
        return HostError(name, f"cannot tell {what}: {self.reason}", remedy)


Answer = Known[T] | Down | Unknown


def ask(root: Root, name: str, question: Callable[[], T], seconds: float) -> Answer[T]:
    """Ask the daemon of the unit `name` again and again, for so many seconds at least.

    `question` raises http_local.UnreachableError for every answer that says nothing. Refused connections
    count as down when they go on for `root.refused_seconds`: a daemon that starts refuses for a moment, too.
    """
    began = time.monotonic()
    refused_since: float | None = None
    while True:
        try:
            return Known(question())
        except http_local.UnreachableError as error:
            now, reason = time.monotonic(), str(error)
            is_refused = isinstance(error, http_local.RefusedError)
            refused_since = (refused_since or now) if is_refused else None
        down = down_reason(root, name)
        if down:
            return Down(down)
        if refused_since is not None and now - refused_since >= root.refused_seconds:
            return Down(f"nothing has listened there for {root.refused_seconds:g} s")
        # a row of refusals is followed to its end: soon it is known what it means
        if refused_since is None and now - began >= seconds:
            return Unknown(f"{reason} (tried for {now - began:.0f} s)")
        time.sleep(root.poll_seconds)


def down_reason(root: Root, name: str) -> str:
    """By what it is known that nothing of a unit runs; "" where it may, or where systemd does not say."""
    try:
        unit = systemd.show(root, [name])[name]
    except HostError:
        return ""
    state = unit.get("ActiveState")
    if systemd.is_down(unit):
        return f"{name} is {state}"
    # on its way up or down, without the process that would answer (of a forking one systemd may not know it)
    has_none = unit.get("MainPID") == "0" and unit.get("Type") in ("simple", "exec", "notify")
    return f"{name} is {state} and has no process" if has_none else ""
