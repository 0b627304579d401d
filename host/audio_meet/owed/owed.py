"""The `owed` verb: restarts that wait, what comes with them, and until when."""

from __future__ import annotations

import json
import time

from ..network import people
from ..system.documents import Json
from ..system.root import Root
from . import decision, store


def owed(root: Root) -> Json:
    """`{host, owed: [{step, restarts, whoNotices, brings, since, until}], failed?}`."""
    steps = [
        {
            "step": one.name,
            "restarts": one.units,
            "whoNotices": [people.notice(root, one.prices[unit]) for unit in one.units if unit in one.prices],
            "brings": one.brings,
            "since": _moment(one.since),
            "until": decision.until(root, one.window),
        }
        for one in store.entries(root)
    ]
    failure = store.failure(root)
    if failure is None:
        return {"host": root.host(), "owed": steps}
    failed = {"step": failure.name, "reason": failure.reason, "at": _moment(failure.at)}
    return {"host": root.host(), "owed": steps, "failed": failed}


def lines(root: Root) -> list[str]:
    """One line for each restart that waits, and one for what went wrong; none where nothing is owed."""
    said = owed(root)
    found = [
        f"{', '.join(unit.removesuffix('.service') for unit in one['restarts'])}"
        f" {'restarts' if len(one['restarts']) == 1 else 'restart'} for {', '.join(one['brings'])}:"
        f" waits {one['until']}, since {one['since']}"
        for one in said["owed"]
    ]
    if "failed" in said:
        failed = said["failed"]
        found.append(
            f"{failed['step']} went wrong at {failed['at']}, and nothing more is tried: {failed['reason']}"
        )
    return found


def _moment(epoch: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))


def run(root: Root, arguments: list[str]) -> int:
    """The verb `owed [--json]`."""
    if "--json" in arguments:
        print(json.dumps(owed(root), separators=(",", ":")))
    else:
        print("\n".join(lines(root)) or "nothing is owed")
    return 0
