"""What does not run as its files say, although they are as applied, and what brings it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..system.root import Root
from . import limits, listeners, rules


class Stale(NamedTuple):
    """One difference; `action` of `unit` ends it ("" for a process that is not ours to restart)."""

    kind: str
    name: str
    expected: str
    found: str
    unit: str
    action: str


def of_files(root: Root, units: dict[str, dict[str, str]]) -> Iterator[Stale]:
    """What of these files is not so in the kernel; `units`: path → unit → what it needs for a change."""
    for path, owners in units.items():
        for unit, action in owners.items():
            if path.endswith(".nft"):
                for table, words in rules.changed(root, path):
                    yield Stale("rules", table, "as applied", words, unit, action)
            elif path == limits.FILE:
                for key, wanted, value in limits.lowered(root):
                    yield Stale("kernel", key, f"at least {wanted}", str(value), unit, action)


def of_sockets(root: Root) -> Iterator[Stale]:
    """Ports on which somebody listens at more addresses than the last verification wants."""
    for name, wanted, found, owner in listeners.wide(root):
        unit = owner.unit if owner else ""
        words = f"{', '.join(found)} ({owner})" if owner else ", ".join(found)
        yield Stale("port", name, ", ".join(wanted) or "nobody", words, unit, "restart")


def owed(root: Root, units: dict[str, dict[str, str]], run: Iterable[str]) -> dict[str, str]:
    """Unit → what it needs so that it runs as the files say again, for files and units of one group."""
    found = {one.unit: one.action for one in of_files(root, units)}
    here = set(run)
    return found | {one.unit: one.action for one in of_sockets(root) if one.unit in here}
