"""What the helper remembers between runs, below /var/lib/audio-meet (root only).

`groups/<group>.json` says what a group owns, `originals/` keeps files that were there before us,
`packages.json` says what the packages step added, `unfinished/` holds the journal of an apply that has not
ended.
Contents of secrets are never written here except as the previous version of an unfinished apply.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

from .documents import Json
from .errors import HostError, about
from .root import Root, text_of

FOLDER = "/var/lib/audio-meet"
# The document of the last verification that a deployment asked for.
VERIFIED = f"{FOLDER}/verification.json"


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only root reads: temporary, fsync, rename."""
    for folder in (path.parent.parent, path.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with about(path), os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, path)


def read_json(path: Path) -> Json | None:
    """A JSON object, or None when there is no such file."""
    try:
        text = text_of(path)
    except FileNotFoundError:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    # neither half a file nor "null" means that there was nothing
    if not isinstance(value, dict):
        raise HostError(
            str(path), "is not a JSON object", "restore it from a backup, or remove it and apply again"
        )
    return value


def key_of(path: str) -> str:
    """File name under which a copy of `path` is kept."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:32]


class State:
    """The records of one host."""

    def __init__(self, root: Root) -> None:
        self.folder = root.path(FOLDER)

    def prepare(self) -> None:
        """Make the folder, readable by root alone."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.folder.stat().st_mode & 0o777 != 0o700:
            os.chmod(self.folder, 0o700)

    def groups(self) -> dict[str, Json]:
        """Every recorded group by name."""
        files = sorted((self.folder / "groups").glob("*.json"))
        return {file.stem: read_json(file) or {} for file in files}

    def group(self, name: str) -> Json | None:
        """The record of one group, or None."""
        return read_json(self.folder / "groups" / f"{name}.json")

    def save_group(self, name: str, record: Json) -> None:
        """Record what a group owns; an unchanged record is not written again."""
        if self.group(name) != record:
            self._save(self.folder / "groups" / f"{name}.json", record)

    def forget_group(self, name: str) -> None:
        """Drop the record of a group."""
        (self.folder / "groups" / f"{name}.json").unlink(missing_ok=True)

    def unfinished(self) -> list[Json]:
        """The journal of every apply that has not ended."""
        files = sorted((self.folder / "unfinished").glob("*/journal.json"))
        return [read_json(file) or {} for file in files]

    def packages(self) -> Json:
        """What the packages step added to this host."""
        return read_json(self.folder / "packages.json") or {}

    def save_packages(self, record: Json) -> None:
        """Record what the packages step added."""
        if self.packages() != record:
            self._save(self.folder / "packages.json", record)

    def forget_packages(self) -> None:
        """Drop the record of the packages step."""
        (self.folder / "packages.json").unlink(missing_ok=True)

    def keep_original(self, path: str, previous: Json, data: bytes) -> None:
        """Keep the file that was at `path` before it was first managed."""
        write_private(self.folder / "originals" / key_of(path), data)
        self._save(self.folder / "originals" / f"{key_of(path)}.json", {"path": path, **previous})

    def original(self, path: str) -> tuple[Json, bytes] | None:
        """Properties and content of the kept original of `path`, or None."""
        meta = read_json(self.folder / "originals" / f"{key_of(path)}.json")
        if meta is None:
            return None
        return meta, (self.folder / "originals" / key_of(path)).read_bytes()

    def former(self, path: str) -> Json | None:
        """Properties of the kept original of `path`, as `files.observe` says them; None for no original."""
        kept = self.original(path)
        return {key: value for key, value in kept[0].items() if key != "path"} if kept else None

    def forget_original(self, path: str) -> None:
        """Drop the kept original of `path`."""
        for name in (key_of(path), f"{key_of(path)}.json"):
            (self.folder / "originals" / name).unlink(missing_ok=True)

    def wipe(self) -> None:
        """Remove everything."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _save(self, path: Path, value: Json) -> None:
        self.prepare()
        write_private(path, (json.dumps(value, indent=1, sort_keys=True) + "\n").encode())
