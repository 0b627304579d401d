"""Questions to systemd and orders to it, one function each."""

from __future__ import annotations

import time
from collections.abc import Iterable

from .errors import HostError
from .root import Root

Unit = dict[str, str]
PROPERTIES = (
    "Id,LoadState,ActiveState,SubState,UnitFileState,Type,Result,MainPID,NRestarts,NeedDaemonReload,"
    "ExecMainStartTimestampMonotonic,InvocationID,Triggers,TriggeredBy"
)
# Longer than the start timeout of systemd itself (90 s), so that its own verdict is the one that is seen.
START_TIMEOUT_SECONDS = 120
# States in which systemd runs nothing of a unit, and is not about to (systemctl(1), ActiveState).
DOWN_STATES = ("inactive", "failed")
ENABLED_STATES = ("enabled", "enabled-runtime", "static", "alias", "indirect", "generated", "linked")


def show(root: Root, units: Iterable[str]) -> dict[str, Unit]:
    """Properties of units by name, from one call. A unit that does not exist has LoadState "not-found"."""
    names = list(units)
    if not names:
        return {}
    result = root.run(["systemctl", "show", f"--property={PROPERTIES}", "--", *names])
    if result.code != 0:
        raise HostError("systemctl show", result.last_line(), "check that systemd runs on this host")
    blocks = [block for block in result.out.split("\n\n") if block.strip()]
    parsed = [dict(line.split("=", 1) for line in block.splitlines() if "=" in line) for block in blocks]
    if len(parsed) != len(names):
        told = f"shows {len(parsed)} of {len(names)} units"
        raise HostError("systemctl show", told, "check that systemd runs on this host")
    return dict(zip(names, parsed, strict=True))


def is_up(unit: Unit) -> bool:
    """Whether a unit runs; a one-shot unit counts as up once it has run with success."""
    if unit.get("ActiveState") in ("active", "reloading"):
        return True
    ran = unit.get("ExecMainStartTimestampMonotonic", "0") not in ("", "0")
    return unit.get("Type") == "oneshot" and unit.get("Result") == "success" and ran and not is_busy(unit)


def is_down(unit: Unit) -> bool:
    """Whether systemd runs nothing of a unit, and is not about to."""
    return unit.get("ActiveState") in DOWN_STATES


def is_busy(unit: Unit) -> bool:
    """Whether a unit is on its way up, or waits to be started again after a crash."""
    return unit.get("ActiveState") in ("activating", "failed")


def is_enabled(unit: Unit) -> bool:
    """Whether a unit comes up with the machine, or is started by something else."""
    return unit.get("UnitFileState") in ENABLED_STATES


def order(root: Root, verb: str, *units: str) -> None:
    """Give systemd one order; its refusal is an error that names the unit."""
    result = root.run(["systemctl", verb, "--", *units], timeout_seconds=START_TIMEOUT_SECONDS)
    if result.code != 0:
        lines = [line.strip() for line in result.err.splitlines() if line.strip()]
        cause = lines[0] if lines else result.last_line()
        raise HostError(" ".join(units), f"systemctl {verb} failed: {cause}", "see the unit's journal")


def try_order(root: Root, verb: str, *arguments: str) -> bool:
    """Give systemd an order that may be refused."""
    return root.run(["systemctl", verb, *arguments], timeout_seconds=START_TIMEOUT_SECONDS).code == 0


def last_words(root: Root, unit: str, since_epoch: float) -> str:
    """The line of a unit's journal that tells most about a failed start."""
    result = root.run(
        [
            "journalctl",
            "--unit",
            unit,
            f"--since=@{since_epoch - 1:.0f}",
            "-n",
            "60",
            "-o",
            "cat",
            "--no-pager",
        ]
    )
    if result.code != 0:
        return f"its journal cannot be read: {result.last_line()}"
    lines = [" ".join(line.split()) for line in result.out.splitlines() if line.strip()]
    # systemd's own closing words say less than what the daemon said before it ended
    telling = [
        line for line in lines if any(word in line.lower() for word in ("error", "fail", "denied", "cannot"))
    ]
    own = [line for line in telling if not line.startswith((unit, "Failed to start", "systemd"))]
    for choice in (own, telling, lines):
        if choice:
            return choice[-1][:300]
    return "its journal is empty"


def started_at(unit: Unit) -> float:
    """Epoch seconds at which the main process of a unit started; 0 if it never did."""
    microseconds = int(unit.get("ExecMainStartTimestampMonotonic") or 0)
    return time.time() - time.monotonic() + microseconds / 1e6 if microseconds else 0.0
