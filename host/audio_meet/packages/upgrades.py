"""New versions of daemons: downloaded by the packages step, installed by the daemon's own step.

The scripts of a package stop its daemon (the bridge's postinst: `systemctl stop`), and the package steps of
all hosts run side by side: all bridges would fall together. So a package that a group of this host names, and
whose daemon runs, is only downloaded. The step of that group waits until the bridge before this one is
verified, hands over who is on the daemon, and installs the package while nobody is. A first installation
waits for nothing.
"""

from __future__ import annotations

import dataclasses

from ..bridge import hand_over
from ..recorder import postponed
from ..system import systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.manifest import FileGroup
from ..system.root import Root
from ..system.state import State
from . import apt, apt_install, locks

# Key in the record of packages: package → exact version that is downloaded and waits.
DUE = "due"


def waiting(root: Root, state: State, missing: dict[str, str]) -> dict[str, str]:
    """Those of the missing packages that a group's step, which comes in the same run, is to install."""
    groups = list(state.groups().values())
    return {
        name: pattern
        for name, pattern in missing.items()
        if any(_waits(root, group, name, pattern) for group in groups)
    }


def _waits(root: Root, group: Json, name: str, pattern: str) -> bool:
    # the same version as before: its step has nothing new to bring, and does not come
    if group.get("packages", {}).get(name, pattern) == pattern:
        return False
    # a recorder is not stopped by its package, and its recording may take hours
    units = [unit for unit in group.get("run", []) if unit not in postponed.UNITS]
    return any(systemd.is_up(unit) for unit in systemd.show(root, units).values())


def download(root: Root, state: State, record: Json, exact: dict[str, str]) -> list[str]:
    """Fetch packages and note that they, and no others, are due; returns `name version` of each."""
    done = apt_install.fetch(root, exact)
    record[DUE] = exact
    state.save_packages(record)
    return done


@dataclasses.dataclass(frozen=True)
class Installed:
    """What was installed in front of a group's files, and the units that were stopped for it."""

    packages: list[str] = dataclasses.field(default_factory=list)
    stopped: list[str] = dataclasses.field(default_factory=list)
    handed_over: str = ""


def install_due(root: Root, state: State, group: FileGroup) -> Installed:
    """Install what is due and named by the group, while its daemons are down; they are left so.

    If it fails they run again as they were.
    """
    record = state.packages()
    due = {
        name: version
        for name, version in record.get(DUE, {}).items()
        if apt.satisfies(version, group.packages.get(name, ""))
    }
    if not due:
        return Installed()
    # whoever else works with packages is waited for while the daemon still runs
    locks.wait(root)
    units = [name for name, unit in systemd.show(root, group.run).items() if systemd.is_up(unit)]
    words = hand_over.hand_over(root) if group.hand_over and hand_over.UNIT in units else ""
    try:
        for unit in units:
            systemd.order(root, "stop", unit)
        done = apt_install.bring(root, state, record, due, restart=False)
    except (HostError, OSError):
        start_again(root, units)
        raise
    record[DUE] = {name: version for name, version in record[DUE].items() if name not in due}
    state.save_packages(record)
    return Installed(done, units, words)


def start_again(root: Root, units: list[str]) -> None:
    """After a failure: units that were stopped for an installation run; who does not is a note."""
    for unit in units:
        if not systemd.try_order(root, "start", "--", unit):
            root.note(f"{unit} does not start again")
