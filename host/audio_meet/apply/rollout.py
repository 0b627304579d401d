"""Files of a group on their way: from candidates that are checked to what daemons read, and away again."""

from __future__ import annotations

from ..system import files
from ..system.manifest import FileSpec
from ..system.root import Root
from ..system.state import State
from . import checkers
from .journal import Journal

UNIT_FOLDERS = ("/etc/systemd/system/", "/usr/local/lib/systemd/system/")


def clear_leftovers(root: Root, journal: Journal, paths: set[str], stale: list[str]) -> None:
    """Candidates of an interrupted run go, and files that it brought but that nobody wants any more."""
    for path, previous in journal.previous.items():
        files.drop_candidate(root, path)
        if path not in paths and path not in stale:
            files.put_back(root, path, previous or None, journal.copy(path))


def publish(root: Root, journal: Journal, changed: list[FileSpec]) -> None:
    """Candidates, then files that nobody checks, then the checkers (which may read those), then the rest."""
    for target in changed:
        journal.created(files.make_folders(root, target.path))
        files.stage(root, target)
    journal.begin_rollout()
    for target in changed:
        if not target.check:
            files.publish(root, target.path)
    checkers.check_all(root, changed)
    for target in changed:
        if target.check:
            files.publish(root, target.path)


def drop(root: Root, state: State, path: str) -> None:
    """Stop managing a path: the file that was there before us comes back, or nothing is there."""
    original = state.original(path)
    files.put_back(root, path, *(original or (None, b"")))


def is_unit_file(path: str) -> bool:
    """Whether systemd has to read its units again when this file changes."""
    return path.startswith(UNIT_FOLDERS)
