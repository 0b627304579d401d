"""A control group of its own for every guest, in each hierarchy that this machine has (v1, v2 or both).

It keeps the guests' systemd instances out of each other's way, carries the limits, and finds every
process of a guest even if its starter was killed before it could write down a PID.
"""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from base import wait_until

PARENT = "amlab"
#: v1 hierarchies that the guests get a group in; the others need none.
_V1_WANTED = {"name=systemd", "memory", "cpu"}


@dataclass(frozen=True)
class Hierarchy:
    """A mounted control group hierarchy: where, and which controllers (empty for v2)."""

    mount: Path
    version: int
    controllers: frozenset[str]


def parse_hierarchies(mountinfo: str) -> list[Hierarchy]:
    """The hierarchies of a /proc/self/mountinfo text that a guest gets a group in."""
    found = []
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        kind, _, options = right.split(" ", 2)
        controllers = frozenset(options.split(",")) & _V1_WANTED
        if kind == "cgroup2":
            found.append(Hierarchy(Path(left.split()[4]), 2, frozenset()))
        elif kind == "cgroup" and controllers:
            found.append(Hierarchy(Path(left.split()[4]), 1, controllers))
    return found


def _hierarchies() -> list[Hierarchy]:
    return parse_hierarchies(Path("/proc/self/mountinfo").read_text())


def limits(hierarchy: Hierarchy, memory_megabytes: int | None, cpu_share: int | None) -> dict[str, str]:
    """Files to write in a guest's group of `hierarchy`. `cpu_share`: relative weight, 1024 is the default."""
    files = {}
    if memory_megabytes:
        wanted = str(memory_megabytes * 1024 * 1024)
        if hierarchy.version == 2:
            files["memory.max"] = wanted
        elif "memory" in hierarchy.controllers:
            files["memory.limit_in_bytes"] = wanted
    if cpu_share:
        if hierarchy.version == 2:
            # v2 counts 1..10000 with 100 as the default, v1 2..262144 with 1024 (kernel, cgroup-v2.rst)
            files["cpu.weight"] = str(max(1, min(10000, round(cpu_share * 100 / 1024))))
        elif "cpu" in hierarchy.controllers:
            files["cpu.shares"] = str(cpu_share)
    return files


def _make(hierarchy: Hierarchy, group: str) -> Path:
    path = hierarchy.mount / PARENT / group
    path.mkdir(parents=True, exist_ok=True)
    if hierarchy.version == 2:
        for level in (hierarchy.mount, hierarchy.mount / PARENT):
            available = (level / "cgroup.controllers").read_text().split()
            for controller in {"memory", "cpu"} & set(available):
                (level / "cgroup.subtree_control").write_text(f"+{controller}")
    return path


def prepare(group: str, memory_megabytes: int | None, cpu_share: int | None) -> list[Path]:
    """Make a guest's groups with its limits; the `cgroup.procs` files that its first process has to enter.

    A limit that cannot be set is reported on stderr, and the guest goes without it.
    """
    entries, settled = [], set()
    for hierarchy in _hierarchies():
        try:
            path = _make(hierarchy, group)
        except OSError:
            continue
        entries.append(path / "cgroup.procs")
        for name, value in limits(hierarchy, memory_megabytes, cpu_share).items():
            try:
                (path / name).write_text(value)
                settled.add(name.split(".")[0])
            except OSError:
                continue
    wanted = ({"memory"} if memory_megabytes else set()) | ({"cpu"} if cpu_share else set())
    for kind in sorted(wanted - settled):
        print(
            f"{group}: no {kind} limit: no such control group here; it runs without",
            file=sys.stderr,
        )
    return entries


def enter(entries: list[Path]) -> None:
    """Move the calling process into its groups (runs between fork and exec)."""
    for entry in entries:
        try:
            entry.write_text(str(os.getpid()))
        except OSError:
            continue


def _pids(group: str) -> set[int]:
    pids: set[int] = set()
    for hierarchy in _hierarchies():
        for procs in (hierarchy.mount / PARENT / group).rglob("cgroup.procs"):
            try:
                pids.update(int(pid) for pid in procs.read_text().split() if pid != "0")
            except OSError:
                continue
    return pids


def groups(prefix: str) -> set[str]:
    """Names of the groups that begin with `prefix`."""
    return {p.name for h in _hierarchies() for p in (h.mount / PARENT).glob(f"{prefix}*") if p.is_dir()}


def kill_all(group: str) -> None:
    """End every process that is still in the group."""

    def none_left() -> bool:
        pids = _pids(group)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return not pids

    wait_until(none_left, 5)


def remove(group: str) -> None:
    """Remove the group everywhere, and the parent after the last one. Its processes must have ended."""
    for hierarchy in _hierarchies():
        parent = hierarchy.mount / PARENT
        wait_until(lambda top=parent / group: _rmdir_tree(top), 2)
        if parent.is_dir() and not any(child.is_dir() for child in parent.iterdir()):
            _rmdir_tree(parent)


def _rmdir_tree(top: Path) -> bool:
    if not top.is_dir():
        return True
    for folder, _, _ in os.walk(top, topdown=False):
        try:
            os.rmdir(folder)
        except OSError:
            return False
    return True
