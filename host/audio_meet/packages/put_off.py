"""New versions whose daemons throw people out: fetched, and not installed until these may restart.

Prosody loads parts of itself when they are needed: it must not run for days with another version on the disk.
"""

from __future__ import annotations

from ..owed import decision, store
from ..system import systemd
from ..system.documents import Json
from ..system.root import Root
from ..system.state import State
from . import apt, apt_install, restarts
from .due import Due

# Packages that come together: the page and the plugins of one release.
TOGETHER = {"jitsi-meet-prosody": ["jitsi-meet-web"]}


def back(root: Root, state: State, document: Json, due: Due) -> tuple[list[str], list[str], str]:
    """The packages that are due and have to wait, the units that wait, and until when; empty for none."""
    wanted = document.get("restarts")
    if wanted is None or state.packages().get("installing"):
        return [], [], ""
    decision.parse(wanted, "packages.restarts")
    running = [name for name, unit in systemd.show(root, wanted["units"]).items() if systemd.is_up(unit)]
    replaced = _replaced(root, state, due)
    by_unit = {unit: replaced & restarts.packages_read_by(root, unit) for unit in running}
    waiting = [unit for unit, names in by_unit.items() if names]
    why = decision.why_wait(root, wanted) if waiting else ""
    if not why:
        return [], [], ""
    names = {name for unit in waiting for name in by_unit[unit]}
    names |= {other for name in names for other in TOGETHER.get(name, []) if other in replaced}
    return sorted(names), _users(root, state, names), why


def _replaced(root: Root, state: State, due: Due) -> set[str]:
    """What is due and there already in another version."""
    present = set(apt.installed(root, sorted(due.missing))) if due.missing else set()
    return present | (set(due.parts) & set(state.packages().get("unpacked", {})))


def _users(root: Root, state: State, names: set[str]) -> list[str]:
    """Every running unit of ours with a program of these packages, those included that nobody notices."""
    run = sorted({unit for group in state.groups().values() for unit in group.get("run", [])})
    return [unit for unit in run if names & restarts.packages_read_by(root, unit)]


def without(chosen: Json, names: list[str], record: Json) -> Json:
    """What a host is to have until then: of these packages the versions that it has."""
    before = record.get("wanted", {})
    packages = {
        name: before.get(name, version) if name in names else version
        for name, version in chosen["packages"].items()
    }
    parts = {name: part for name, part in chosen.get("unpack", {}).items() if name not in names}
    return {**chosen, "packages": packages, "unpack": parts}


def owe(root: Root, state: State, document: Json, waiting: list[str], brings: list[str]) -> None:
    """Note the packages step as owed."""
    prices = {u: p for group in state.groups().values() for u, p in group.get("prices", {}).items()}
    own = {unit: prices[unit] for unit in waiting if unit in prices}
    window = document["restarts"].get("window")
    store.keep(root, store.Entry(store.PACKAGES, root.now(), waiting, own, window, document, brings))


def fetch(root: Root, versions: dict[str, str]) -> list[str]:
    """Download what waits, so that it is here when its time comes; returns `name version` of each."""
    exact = {name: apt_install.pick(root, name, version) for name, version in sorted(versions.items())}
    return apt_install.fetch(root, exact)
