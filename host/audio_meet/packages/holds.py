"""Holds of dpkg on packages of ours: with one, no version of the manifest gets in."""

from __future__ import annotations

from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from . import locks


def of_ours(record: Json, held: list[str]) -> list[str]:
    """Those that came with the deployment; the hold of one that was there before is its owner's."""
    before = record.get("before", {})
    return [name for name in held if name in before and before[name] is None]


def release(root: Root, names: list[str]) -> None:
    """End the holds."""
    result = locks.undisturbed(root, lambda: root.run(["apt-mark", "unhold", *names]))
    if result.code != 0:
        raise HostError("apt-mark unhold", result.last_line(), f"run apt-mark unhold {' '.join(names)}")
