"""How long the issued certificate is valid, and when it is renewed."""

from __future__ import annotations

import ssl
import time

from ..system.errors import HostError
from ..system.root import Root
from . import certbot

# certbot's own share since 4.1, and what Let's Encrypt asks for: the last third of a lifetime.
RENEWAL_SHARE = 1 / 3
SECONDS_PER_DAY = 86400


def validity(root: Root) -> tuple[float, float] | None:
    """From when until when the issued certificate is valid, in epoch seconds; None where there is none."""
    file = root.path(f"{certbot.LINEAGE}/fullchain.pem")
    if not file.is_file():
        return None
    result = root.run(["openssl", "x509", "-noout", "-dates", "-in", str(file)])
    dates = dict(line.split("=", 1) for line in result.out.splitlines() if "=" in line)
    if result.code != 0 or not {"notBefore", "notAfter"} <= set(dates):
        raise HostError(str(file), f"cannot be read: {result.last_line()}", "remove it and try again")
    return ssl.cert_time_to_seconds(dates["notBefore"]), ssl.cert_time_to_seconds(dates["notAfter"])


def is_due(root: Root) -> bool:
    """Whether there is no certificate, or one in the last third of its life."""
    dates = validity(root)
    return dates is None or dates[1] - time.time() < (dates[1] - dates[0]) * RENEWAL_SHARE


def days_left(root: Root) -> int:
    """Whole days until the issued certificate ends."""
    dates = validity(root)
    return int((dates[1] - time.time()) // SECONDS_PER_DAY) if dates else 0
