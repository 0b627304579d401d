"""What is owed, on disk below /var/lib/audio-meet/owed: one document for each step that waits.

A step that waits has changed nothing: its group, or its packages, are as they were last applied, and a daemon
that restarts by itself, or a machine that reboots, finds what belongs together.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from ..system.documents import Json, dump
from ..system.root import Root
from ..system.state import FOLDER, State, read_json, write_private

PLACE = f"{FOLDER}/owed"
# The name of what the packages step waits with; a group has a file of its name.
PACKAGES = "packages"
# Names that a group cannot have.
FAILURE = "_failure.json"
CHECKS = "_checks.json"


@dataclass(frozen=True)
class Entry:
    """One step that waits, as it was sent; `units` restart by it, `since` is when the first of them came."""

    name: str
    since: float
    units: list[str]
    # what the restart of a unit costs people, by unit
    prices: Json
    # the window that it waits for; None: until nobody is in a conference
    window: Json | None
    document: Json
    # files, packages: what differs from now
    brings: list[str]


@dataclass(frozen=True)
class Failure:
    """A restart that was due and went wrong, or a verification after it."""

    name: str
    reason: str
    at: float


def entries(root: Root) -> list[Entry]:
    """Everything that is owed: packages first, the others as they came."""
    files = [file for file in _folder(root).glob("*.json") if file.name not in (FAILURE, CHECKS)]
    found = [Entry(**value) for value in (read_json(file) for file in files) if value is not None]
    return sorted(found, key=lambda entry: (entry.name != PACKAGES, entry.since))


def entry(root: Root, name: str) -> Entry | None:
    """What a step of that name waits with."""
    value = read_json(_folder(root) / f"{name}.json")
    return None if value is None else Entry(**value)


def keep(root: Root, owed: Entry) -> None:
    """Note what a step waits with, in place of what it waited with before."""
    before = entry(root, owed.name)
    value = {**asdict(owed), "since": before.since if before else owed.since}
    State(root).prepare()
    write_private(_folder(root) / f"{owed.name}.json", dump(value))
    _forgive(root, owed.name)


def forget(root: Root, name: str) -> None:
    """A step of that name waits no more."""
    (_folder(root) / f"{name}.json").unlink(missing_ok=True)
    _forgive(root, name)
    if not entries(root):
        (_folder(root) / CHECKS).unlink(missing_ok=True)
        if failure(root) is None and _folder(root).is_dir():
            _folder(root).rmdir()


def failure(root: Root) -> Failure | None:
    """What went wrong with a restart that was due. Until a step of that name comes again, none is tried."""
    value = read_json(_folder(root) / FAILURE)
    return None if value is None else Failure(**value)


def fail(root: Root, name: str, reason: str) -> None:
    """Note that a restart, or the verification after it, went wrong."""
    write_private(_folder(root) / FAILURE, dump(asdict(Failure(name, reason, root.now()))))


def _forgive(root: Root, name: str) -> None:
    known = failure(root)
    if known is not None and known.name == name:
        (_folder(root) / FAILURE).unlink()


def verified(root: Root) -> None:
    """A verification after the restarts found everything right: a failure of one before is over."""
    _forgive(root, "verification")
    folder = _folder(root)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def pending_checks(root: Root) -> list[Json]:
    """Checks of the last verification that can hold only after the restarts that are owed."""
    file = _folder(root) / CHECKS
    if not file.is_file():
        return []
    found: list[Json] = json.loads(file.read_bytes())
    return found


def keep_checks(root: Root, checks: list[Json]) -> None:
    """Note the checks that can hold only after the restarts that are owed."""
    write_private(_folder(root) / CHECKS, json.dumps(checks).encode())


def _folder(root: Root) -> Path:
    return root.path(PLACE)
