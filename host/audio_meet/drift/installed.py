"""Packages, their sources, keys and pins, holds, and what was unpacked."""

from __future__ import annotations

from collections.abc import Iterator

from ..edits import found
from ..packages import apt, holds, repositories
from ..system import files
from ..system.documents import Json
from ..system.root import Root
from .applied import differences as of_files
from .entry import Entry

STEP = "packages"


def differences(root: Root, record: Json) -> Iterator[Entry]:
    """What the packages step would bring back, by its record; pins of others are not its to undo."""
    kinds = {"file": "source", "content": "source"}
    sources = list(of_files(root, found.sources(root, record), STEP))
    yield from (entry._replace(kind=kinds.get(entry.kind, entry.kind)) for entry in sources)
    for item in record.get("unpacked", {}).values():
        yield from of_files(root, item.get("files", {}), STEP)
    wanted = record.get("wanted", {})
    present, held = apt.states(root, sorted(wanted)) if wanted else ({}, [])
    for name, version in sorted(wanted.items()):
        if not apt.satisfies(present.get(name), version):
            yield Entry("package", name, version, present.get(name, "not installed"), STEP)
    for name in holds.of_ours(record, held):
        yield Entry("hold", name, "not held", "held back by hand (apt-mark hold)", STEP)
    if not any(entry.name == repositories.PINS for entry in sources):
        yield from _pinned_away(root, wanted, present)
    if files.content_of(root, apt.POLICY) == apt.POLICY_TEXT:
        yield Entry("file", apt.POLICY, "not there", "left by an interrupted installation", STEP)


def _pinned_away(root: Root, wanted: dict[str, str], present: dict[str, str]) -> Iterator[Entry]:
    """Packages of which apt would install another version than ours, whatever our own pins say."""
    pinned = [name for name, version in sorted(wanted.items()) if version != "*" and name in present]
    for name, version in apt.candidates(root, pinned).items():
        if not apt.satisfies(version, wanted[name]):
            yield Entry("pin", name, wanted[name], f"apt would install {version} (apt-cache policy {name})")
