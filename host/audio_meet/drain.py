"""The `drain` verb: empty a bridge, then stop it for good."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from . import http_local, manifest, systemd
from .errors import HostError
from .root import Root

Json = dict[str, Any]
# The bridge refreshes its statistics every 5 s: empty means empty twice, further apart than that.
STATISTICS_SECONDS = 5.5
EXIT_SECONDS = 90


@dataclass(frozen=True)
class DrainManifest:
    """Where the bridge answers, its unit, and how long participants may stay."""

    url: str
    unit: str
    deadline_minutes: float


def parse(value: Json) -> DrainManifest:
    """The manifest of the `drain` step."""
    manifest.fields(value, "drain", {"url": str, "unit": str, "deadlineMinutes": float})
    return DrainManifest(value["url"], value["unit"], float(value["deadlineMinutes"]))


def drain(root: Root, wanted: DrainManifest) -> str:
    """Tell the bridge to take nobody new, wait until it is empty or the deadline is over, then stop its unit.

    A bridge that does not run, or does not answer, has nobody to wait for: that is success with a note.
    """
    unit = systemd.show(root, [wanted.unit])[wanted.unit]
    if unit.get("LoadState") == "not-found":
        return f"{wanted.unit} is not on this host, nothing to drain"
    try:
        status, _ = http_local.request(wanted.url, "/colibri/drain/enable", post=True)
        if status != 200:
            raise HostError(
                wanted.url, f"drain/enable answers {status}", "enable the bridge's REST interface"
            )
        left = _wait_until_empty(root, wanted)
        emptied = "empty"
        if left:
            # at a shutdown jicofo moves whoever is left, and the bridge ends some seconds later
            http_local.request(wanted.url, "/colibri/shutdown", {"graceful-shutdown": "false"})
            _wait_for_exit(root, wanted.unit)
            emptied = f"{left} participants were moved after {wanted.deadline_minutes:g} min"
    except http_local.UnreachableError as error:
        emptied = f"{wanted.url} does not answer ({error}), nothing to drain"
    systemd.order(root, "disable", wanted.unit)
    systemd.order(root, "stop", wanted.unit)
    return f"{emptied}; stopped: {wanted.unit}"


def _wait_until_empty(root: Root, wanted: DrainManifest) -> int:
    """How many participants are left at the deadline; 0 as soon as the bridge stays empty."""
    deadline = time.monotonic() + wanted.deadline_minutes * 60
    empty_since: float | None = None
    last = ""
    while True:
        stats = http_local.get_json(wanted.url, "/colibri/stats")
        conferences = int(stats.get("conferences", 0))
        local = int(stats.get("local_endpoints", stats.get("endpoints", stats.get("participants", 0))))
        now = time.monotonic()
        if conferences or local:
            empty_since = None
        elif empty_since is None:
            empty_since = now
        elif now - empty_since > STATISTICS_SECONDS:
            return 0
        line = f"draining: {local} participants in {conferences} conferences"
        if line != last:
            print(line, flush=True)
            last = line
        if now >= deadline and empty_since is None:
            return max(local, 1)
        time.sleep(root.poll_seconds)


def _wait_for_exit(root: Root, name: str) -> None:
    deadline = time.monotonic() + EXIT_SECONDS
    while time.monotonic() < deadline:
        if not systemd.is_up(systemd.show(root, [name])[name]):
            return
        time.sleep(root.poll_seconds)
    root.note(f"{name} did not end by itself within {EXIT_SECONDS} s")
