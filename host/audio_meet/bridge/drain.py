"""The `drain` verb: empty a bridge, then stop it for good."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ..network import answers, http_local
from ..network.answers import Answer, Down, Known, Unknown
from ..system import documents, systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.summary import say

# The bridge refreshes its statistics every 5 s: empty means empty twice, further apart than that.
STATISTICS_SECONDS = 5.5
EXIT_SECONDS = 90
ENABLE, SHUTDOWN, STATISTICS = "/colibri/drain/enable", "/colibri/shutdown", "/colibri/stats"
# Who is on this bridge itself, by the names that releases of the bridge give it; the first one there counts.
PARTICIPANTS = ("local_endpoints", "endpoints", "participants")


@dataclass(frozen=True)
class DrainManifest:
    """Where the bridge answers, its unit, and how long participants may stay."""

    url: str
    unit: str
    deadline_minutes: float


def parse(value: Json) -> DrainManifest:
    """The manifest of the `drain` step."""
    documents.fields(value, "drain", {"url": str, "unit": str, "deadlineMinutes": float})
    return DrainManifest(value["url"], value["unit"], float(value["deadlineMinutes"]))


def drain(root: Root, wanted: DrainManifest) -> str:
    """Tell the bridge to take nobody new, wait until it is empty or the deadline is over, then stop its unit.

    A bridge that is known to be down has nobody to wait for. One that runs and does not answer until the
    deadline stays as it is, with whoever is on it: HostError.
    """
    unit = systemd.show(root, [wanted.unit])[wanted.unit]
    if unit.get("LoadState") == "not-found" and not systemd.is_up(unit):
        return f"{wanted.unit} is not on this host, nothing to drain"
    emptied = _empty(root, wanted)
    systemd.order(root, "disable", wanted.unit)
    systemd.order(root, "stop", wanted.unit)
    return f"{emptied}; stopped: {wanted.unit}"


def _empty(root: Root, wanted: DrainManifest) -> str:
    """Until nobody is on the bridge any more; returns how that came about."""
    deadline = time.monotonic() + wanted.deadline_minutes * 60
    patience = max(wanted.deadline_minutes * 60, root.answer_seconds)
    told = answers.ask(root, wanted.unit, lambda: _order(wanted.url, ENABLE), patience)
    if isinstance(told, Unknown):
        raise not_known(wanted.unit, told)
    if isinstance(told, Down):
        return f"{told.reason}, nothing to drain"
    left = _wait_until_empty(root, wanted, deadline)
    if isinstance(left, Down):
        return f"{left.reason}, nobody is left on it"
    if left == Known(0):
        return "empty"
    shut_down(root, wanted.url, wanted.unit)
    who = f"{left.value} participants" if isinstance(left, Known) else "the remaining participants"
    return f"{who} were moved after {wanted.deadline_minutes:g} min"


def shut_down(root: Root, url: str, unit: str) -> Answer[None]:
    """At a shutdown jicofo moves whoever is left, and the bridge ends some seconds later: then this returns.

    Raises HostError where the bridge runs and does not answer.
    """
    shutdown = {"graceful-shutdown": "false"}
    told = answers.ask(root, unit, lambda: _order(url, SHUTDOWN, shutdown), EXIT_SECONDS)
    if isinstance(told, Unknown):
        raise not_known(unit, told)
    if isinstance(told, Known):
        _wait_for_exit(root, unit)
    return told


def not_known(unit: str, answer: Unknown) -> HostError:
    """The loud failure where nobody can say whether the bridge carries somebody."""
    remedy = f"see journalctl -u {unit}, then try again; if it hangs for good, run systemctl stop {unit}"
    return answer.error("whether anybody is on this bridge", unit, f"it is still running; {remedy}")


def _order(url: str, path: str, body: dict[str, str] | None = None) -> None:
    """Give the bridge an order. Raises http_local.UnreachableError where it may take it the next time."""
    status, _ = http_local.request(url, path, body, post=True)
    if status >= 500:
        raise http_local.UnreachableError(f"{path} answers {status}")
    if status != 200:
        raise HostError(url, f"{path} answers {status}", "enable the bridge's REST interface")


def occupancy(url: str) -> tuple[int, int]:
    """Conferences and participants on the bridge at the URL; raises http_local.UnreachableError."""
    stats = http_local.get_json(url, STATISTICS)
    local = [stats[key] for key in PARTICIPANTS if key in stats]
    try:
        return int(stats["conferences"]), int(local[0])
    except (LookupError, TypeError, ValueError):
        raise http_local.UnreachableError(f"{STATISTICS} has no number of participants") from None


def _wait_until_empty(root: Root, wanted: DrainManifest, deadline: float) -> Answer[int]:
    """How many participants are left at the deadline; 0 as soon as the bridge stays empty."""
    empty_since: float | None = None
    last = ""
    while True:
        asked = time.monotonic()
        answer = answers.ask(root, wanted.unit, lambda: occupancy(wanted.url), 0)
        if isinstance(answer, Down):
            return answer
        left: Answer[int] = answer if isinstance(answer, Unknown) else Known(_people(*answer.value))
        if left != Known(0):
            empty_since = None
        elif empty_since is None:
            empty_since = time.monotonic()
        elif asked - empty_since > STATISTICS_SECONDS:
            return left
        line = _progress(answer)
        if line != last:
            print(line, flush=True)
            last = line
        if asked >= deadline and empty_since is None:
            return left
        time.sleep(root.poll_seconds)


def _people(conferences: int, local: int) -> int:
    """A conference without anybody of this bridge still goes through it."""
    return max(local, min(conferences, 1))


def _progress(answer: Known[tuple[int, int]] | Unknown) -> str:
    if isinstance(answer, Unknown):
        return "draining: the bridge does not answer, trying again"
    return "draining: {1} participants in {0} conferences".format(*answer.value)


def _wait_for_exit(root: Root, name: str) -> None:
    deadline = time.monotonic() + EXIT_SECONDS
    while time.monotonic() < deadline:
        if not systemd.is_up(systemd.show(root, [name])[name]):
            return
        time.sleep(root.poll_seconds)
    root.note(f"{name} did not exit within {EXIT_SECONDS} s")


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `drain`, for the document on stdin."""
    return say(root, drain(root, parse(documents.from_stdin())))
