"""The `pay-owed` verb: does what waited, verifies the host, and keeps what went wrong for the metrics.

Run by a timer. After a failure nothing more is tried until a step of a deployment, or an operator, comes:
what does not start once would throw people out again and again.
"""

from __future__ import annotations

import contextlib
import dataclasses

from ..apply.apply import apply
from ..checks import verify
from ..network import people
from ..owed import decision, store
from ..packages import packages
from ..system.errors import HostError
from ..system.manifest import file_group
from ..system.root import Root
from ..system.state import VERIFIED, read_json
from ..system.summary import say

# When the rooms were found empty, for the next look. It goes with a reboot.
EMPTY_SINCE = "/run/audio-meet-owed-empty"
# Rooms look empty for a moment when jicofo restarts, or when everybody moves from one to the next.
EMPTY_SECONDS = 25


def pay(root: Root, *, at_once: bool = False) -> str:
    """Do what is owed and due; returns what was done, "" where there was nothing to do."""
    if not store.entries(root) or not (at_once or _is_time(root)):
        return ""
    with contextlib.ExitStack() as held:
        try:
            patience = root.lock_seconds if at_once else 0
            held.enter_context(dataclasses.replace(root, lock_seconds=patience).lock("pay-owed"))
        except HostError:
            if at_once:
                raise
            return ""  # a step is at work; the next look is half a minute away
        # a step may have come in between, and people with it
        due = [one for one in store.entries(root) if at_once or decision.is_due(root, one)]
        done = [_do(root, one) for one in due]
    root.path(EMPTY_SINCE).unlink(missing_ok=True)
    if done:
        _verify(root)
    return "; ".join(done)


def _is_time(root: Root) -> bool:
    """Whether something is due: its window is open, or nobody is there at the second look in a row."""
    waiting = store.entries(root)
    if store.failure(root):
        return False
    if any(one.window is not None and decision.is_due(root, one) for one in waiting):
        return True
    mark = root.path(EMPTY_SINCE)
    if all(one.window is not None for one in waiting) or not people.is_empty(root):
        mark.unlink(missing_ok=True)
        return False
    since = float(mark.read_text(encoding="utf-8")) if mark.exists() else root.now() + 1
    if since > root.now():
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(str(root.now()), encoding="utf-8")
        return False
    return root.now() - since >= EMPTY_SECONDS


def _do(root: Root, one: store.Entry) -> str:
    """Bring what waited, as its step would have: what fails leaves the host with what it had before."""
    try:
        if one.name == store.PACKAGES:
            summary = packages.install(root, packages.parse(one.document))
        else:
            summary = apply(root, file_group(one.document), secret=False)
    except (HostError, OSError) as error:
        told = f"{error.what}: {error.cause}" if isinstance(error, HostError) else str(error)
        store.fail(root, one.name, told)
        raise
    store.forget(root, one.name)
    return f"{one.name}: {summary}"


def _verify(root: Root) -> None:
    """Ask what the last verification asked, and what could not hold before; HostError with what does not."""
    document = read_json(root.path(VERIFIED))
    if document is None:
        return
    summary = verify.verify(root, verify.parse(document), store.pending_checks(root))
    broken = [f"{one['check']}: {one['detail']}" for one in summary["checks"] if not one["ok"]]
    if broken:
        store.fail(root, "verification", "; ".join(broken))
        raise HostError("verification", "; ".join(broken), "type audio-meet health, then run pulumi up")
    store.verified(root)


def run(root: Root, arguments: list[str]) -> int:
    """The verb `pay-owed [now]`."""
    return say(root, pay(root, at_once="now" in arguments))
