"""The journal of an apply: enough to finish it after an interruption, or to undo it after a failure.

It is written before the first file changes and removed once everything runs. The previous versions lie beside
it, readable by root alone, and go with it.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from ..system import files
from ..system.documents import Json
from ..system.root import Root
from ..system.state import State, key_of, read_json, write_private


class Journal:
    """One unfinished apply of one group."""

    def __init__(self, root: Root, state: State, group: str) -> None:
        self.root = root
        self.folder: Path = state.folder / "unfinished" / group
        found = read_json(self.folder / "journal.json")
        self.interrupted = found is not None
        value = found or {}
        # path → what was there before ({} for nothing)
        self.previous: dict[str, Json] = value.get("previous", {})
        # folders that this apply created
        self.folders: list[str] = value.get("folders", [])
        # unit → restart or reload, still owed
        self.owed: dict[str, str] = value.get("owed", {})
        # units that ran before this group was there at all
        self.ran: list[str] = value.get("ran", [])
        # units that this apply is to run
        self.run: list[str] = value.get("run", [])
        # unit → how it was before this apply ended it for good: {up, enabled}
        self.taken_down: dict[str, Json] = value.get("retired", {})
        # path → what this apply, and those that were cut off before it, meant to be there (None for nothing)
        self.meant: dict[str, list[Json | None]] = value.get("meant", {})
        self._aims: dict[str, Json | None] = {}
        # whether a file may have gone live already
        self.live: bool = value.get("live", False)

    def begin(
        self, meant: dict[str, Json | None], owed: dict[str, str], ran: list[str], run: list[str]
    ) -> None:
        """Keep the present version of each path not kept already, and note what its units are owed.

        `meant`: what will be at each path, as `files.observe` says it.
        `ran`: units that run without this group; what an interrupted run noted first counts. `run`: units
        that will run with it, beside those of the interrupted run.
        """
        self.ran = self.ran if self.interrupted else ran
        self.run = list(dict.fromkeys([*self.run, *run]))
        self._aims = meant
        for path in sorted(set(meant) - set(self.previous)):
            seen = files.observe(self.root, path)
            if seen is not None:
                write_private(self.folder / key_of(path), files.content_of(self.root, path))
            self.previous[path] = seen or {}
        self.owed = merge_actions(self.owed, owed)
        self._save()

    def begin_rollout(self) -> None:
        """From here on files may differ from their previous version."""
        self.live = True
        for path, one in self._aims.items():
            known = self.meant.setdefault(path, [])
            known += [one] if one not in known else []
        self._save()

    def created(self, folders: list[str]) -> None:
        """Note folders that this apply created."""
        self.folders += [folder for folder in folders if folder not in self.folders]
        if folders:
            self._save()

    def will_take_down(self, units: dict[str, Json]) -> None:
        """Note how units are that are about to be stopped for good; what was noted first counts."""
        self.taken_down = {**units, **self.taken_down}
        self._save()

    def join(self, others: list[Journal], ran: list[str]) -> None:
        """Make unfinished applies of other groups a part of this one; a path is of one of them alone."""
        for other in others:
            for path in set(other.previous) - set(self.previous):
                if other.previous[path]:
                    write_private(self.folder / key_of(path), other.copy(path))
                self.previous[path] = other.previous[path]
            self.folders += [folder for folder in other.folders if folder not in self.folders]
            self.owed = merge_actions(self.owed, other.owed)
            self.run = list(dict.fromkeys([*self.run, *other.run]))
            self.ran = list(dict.fromkeys([*self.ran, *other.ran]))
            self.taken_down = {**other.taken_down, **self.taken_down}
            self.meant = {**other.meant, **self.meant}
            self.live = self.live or other.live
        self.ran = list(dict.fromkeys([*self.ran, *ran]))
        self._save()

    def copy(self, path: str) -> bytes:
        """Content of the previous version of a path."""
        return (self.folder / key_of(path)).read_bytes() if self.previous.get(path) else b""

    def undo_files(self) -> list[str]:
        """Put every previous version back; returns the paths that had changed."""
        changed = []
        for path, previous in sorted(self.previous.items()):
            files.drop_candidate(self.root, path)
            if files.observe(self.root, path) != (previous or None):
                files.put_back(self.root, path, previous or None, self.copy(path))
                changed.append(path)
        remove_empty(self.root, self.folders)
        return changed

    def finish(self) -> None:
        """The apply has ended: nothing of it stays."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _save(self) -> None:
        value = {
            "previous": self.previous,
            "folders": self.folders,
            "owed": self.owed,
            "ran": self.ran,
            "run": self.run,
            "retired": self.taken_down,
            "meant": self.meant,
            "live": self.live,
        }
        write_private(self.folder / "journal.json", json.dumps(value, sort_keys=True).encode())


def merge_actions(first: dict[str, str], second: dict[str, str]) -> dict[str, str]:
    """Both sets of unit actions in one; a restart wins over a reload."""
    merged = dict(first)
    for unit, action in second.items():
        if merged.get(unit) != "restart":
            merged[unit] = action
    return merged


def remove_empty(root: Root, folders: list[str]) -> None:
    """Remove those of our folders that are empty now, innermost first."""
    for folder in sorted(folders, key=len, reverse=True):
        path = root.path(folder)
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
