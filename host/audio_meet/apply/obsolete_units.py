"""Units that nobody wants any more: stopped and disabled while their files are still there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..system import systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import State
from .journal import Journal


class Obsolete(NamedTuple):
    """Units that nobody wants any more, the last one first: of the record, and of an interrupted run."""

    of_record: list[str]
    of_interrupted: list[str]


def find(state: State, name: str, run: Iterable[str], record: Json, journal: Journal) -> Obsolete:
    """Units that the group `name` ran and that neither it (`run`) nor another one wants.

    What an interrupted run was to run counts; what ran before the group came does not.
    """
    kept = {*run, *record.get("ran", []), *journal.ran}
    kept |= {unit for other, r in state.groups().items() if other != name for unit in r.get("run", [])}
    known = record.get("run", [])
    fresh = [unit for unit in journal.run if unit not in known]
    return Obsolete(*([unit for unit in reversed(units) if unit not in kept] for units in (known, fresh)))


def take_down(root: Root, units: list[str], journal: Journal) -> list[str]:
    """Stop and disable `units`, and note first how they were; returns those that were running.

    Their folders of data (StateDirectory= and the like) stay: the deletion of data could not be undone.
    """
    found = systemd.show(root, units)
    was = {n: {"up": _comes_up(u), "enabled": u.get("UnitFileState") == "enabled"} for n, u in found.items()}
    journal.will_take_down(was)
    return stop(root, units)


def stop(root: Root, units: list[str]) -> list[str]:
    """Stop and disable units, also one that runs on without its file; returns those that were running."""
    stopped = []
    for name, unit in systemd.show(root, units).items():
        is_there = unit.get("LoadState") != "not-found"
        if _comes_up(unit) or (is_there and systemd.is_busy(unit)):
            systemd.order(root, "stop", name)
            stopped.append(name)
        if is_there or name in stopped:
            systemd.try_order(root, "disable", "--", name)
            systemd.try_order(root, "reset-failed", "--", name)
    return stopped


def bring_back(root: Root, journal: Journal) -> None:
    """After the previous files are back: units that were taken down are as they were, or a note says so."""
    for name, was in reversed(journal.taken_down.items()):
        if was["enabled"]:
            systemd.try_order(root, "enable", "--", name)
        if was["up"] and not systemd.is_up(systemd.show(root, [name])[name]):
            try:
                systemd.order(root, "start", name)
            except HostError as error:
                root.note(f"{name} does not start with the previous files either: {error.cause}")


def _comes_up(unit: systemd.Unit) -> bool:
    """Whether a unit runs, or is about to: also one that systemd starts again and again."""
    return systemd.is_up(unit) or unit.get("ActiveState") == "activating"
