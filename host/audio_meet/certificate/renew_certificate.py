"""The verb `renew-certificate`, run by a timer: a new certificate when the old one is in its last third."""

from __future__ import annotations

import time

from ..system.documents import Json
from ..system.root import Root
from ..system.summary import say
from . import certbot, expiry
from .certificate import converge, load

# Failed tries wait for one run of the timer, then twice as long each time, up to a day.
FIRST_PAUSE_SECONDS = 6 * 3600
LONGEST_PAUSE_SECONDS = expiry.SECONDS_PER_DAY


def renew(root: Root, *, force: bool = False) -> str:
    """What the timer runs: a new certificate when the old one is in its last third."""
    record = load(root)
    if not record.get("manifest"):
        return "this host requests no certificate"
    wait = _pause(root, record)
    if wait > 0 and not force:
        return f"not tried: {record['failures']} attempts failed, the next one is in {wait / 3600:.1f} h"
    return converge(root, certbot.parse(record["manifest"]), force=force)


def _pause(root: Root, record: Json) -> float:
    """Seconds until the timer may try again; never longer than a quarter of what the certificate has left."""
    failures = int(record.get("failures", 0))
    if not failures:
        return 0
    pause: float = min(FIRST_PAUSE_SECONDS * 2 ** (min(failures, 9) - 1), LONGEST_PAUSE_SECONDS)
    dates = expiry.validity(root)
    if dates:
        pause = min(pause, max(0.0, dates[1] - time.time()) / 4)
    # the timer comes at most half an hour early
    return float(record["failedAt"]) + pause - 1800 - time.time()


def run(root: Root, arguments: list[str]) -> int:
    """The verb `renew-certificate [now]`."""
    with root.lock(arguments[0]):
        return say(root, renew(root, force=arguments[1:] == ["now"]))
