"""Files and folders that go aside as wholes and come back as they were: content, mode, times, owners.

Each move can be interrupted anywhere and begun again: a copy gets its name only once it is whole, and what is
still at the place then is what was being removed.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

from ..packages import system_accounts
from ..system import files
from ..system.documents import Json
from ..system.errors import HostError
from ..system.places import KEPT
from ..system.root import Root
from .record import ASIDE

COPY_TIMEOUT_SECONDS = 1800


def is_aside(root: Root, path: str) -> bool:
    """Whether what was at `path` is put aside."""
    return os.path.lexists(_aside(root, path))


def put_aside(root: Root, path: str) -> None:
    """Move what is at `path`, if there is anything; once it is aside, whatever is at `path` goes."""
    place, aside = root.path(path), _aside(root, path)
    if os.path.lexists(aside):
        _remove(place)
    elif os.path.lexists(place):
        aside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _move(root, place, aside)


def copy_back(root: Root, path: str) -> None:
    """Put a copy of what is aside at its place, unless something is there."""
    if is_aside(root, path) and not os.path.lexists(root.path(path)):
        files.make_folders(root, path)
        _copy(root, _aside(root, path), root.path(path))


def give_back(root: Root, path: str) -> None:
    """Let what is aside take the place of whatever is there."""
    place, aside = root.path(path), _aside(root, path)
    if os.path.lexists(aside):
        _remove(place)
        files.make_folders(root, path)
        _move(root, aside, place)


def displace(root: Root, path: str) -> None:
    """What somebody put where something will be given back is kept elsewhere, and named."""
    place = root.path(path)
    if not is_aside(root, path) or not os.path.lexists(place):
        return
    if place.is_dir() and not place.is_symlink() and not any(place.iterdir()):
        place.rmdir()
        return
    kept = f"{KEPT}/{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(root.now()))}-displaced{path}"
    root.path(kept).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    root.path(KEPT).chmod(0o700)
    _move(root, place, root.path(kept))
    root.note(f"{path} was there again; it is in {kept} now")


def owners(root: Root, paths: Iterable[str]) -> dict[str, list[str]]:
    """User and group, by name, of everything at and below `paths` that is not root's."""
    names = [_names(root, database) for database in ("passwd", "group")]
    found = {}
    for path in paths:
        for entry in _entries(root, path):
            info = root.path(entry).lstat()
            numbers = (info.st_uid, info.st_gid)
            if numbers != (0, 0):
                found[entry] = [of.get(number, "") for of, number in zip(names, numbers, strict=True)]
    return found


def set_owners(root: Root, owned: Json) -> None:
    """Give everything to whom it belonged by name: an account that came anew may have another number.

    Who has no name any more keeps the number.
    """
    numbers = [_numbers(root, database) for database in ("passwd", "group")]
    for entry, names in owned.items():
        file = root.path(entry)
        if not os.path.lexists(file):
            continue
        info = file.lstat()
        wanted = [of.get(name, -1) for of, name in zip(numbers, names, strict=True)]
        seen = [info.st_uid, info.st_gid]
        if any(number not in (-1, has) for number, has in zip(wanted, seen, strict=True)):
            os.chown(file, *wanted, follow_symlinks=False)
            if not file.is_symlink():
                os.chmod(file, info.st_mode & 0o7777)  # a change of owner clears set-user-id


def _aside(root: Root, path: str) -> Path:
    return root.path(ASIDE + path)


def _entries(root: Root, path: str) -> Iterable[str]:
    if not os.path.lexists(root.path(path)):
        return
    yield path
    if not root.path(path).is_symlink():
        prefix = str(root.path(path))
        for folder, folders, names in os.walk(prefix):
            yield from (path + f"{folder}/{name}".removeprefix(prefix) for name in [*folders, *names])


def _names(root: Root, database: str) -> dict[int, str]:
    return {number: name for name, number in _numbers(root, database).items()}


def _numbers(root: Root, database: str) -> dict[str, int]:
    entries = system_accounts.entries(root, database)
    return {name: int(row[system_accounts.NUMBER]) for name, row in entries.items()}


def _move(root: Root, source: Path, target: Path) -> None:
    try:
        os.rename(source, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy(root, source, target)
        os.sync()
        _remove(source)


def _copy(root: Root, source: Path, target: Path) -> None:
    """A copy with all that belongs to it; it has another name until it is whole."""
    fresh = target.with_name(f"{files.CANDIDATE_PREFIX}{target.name}")
    _remove(fresh)
    command = ["cp", "--archive", "--no-target-directory", str(source), str(fresh)]
    copied = root.run(command, timeout_seconds=COPY_TIMEOUT_SECONDS)
    if copied.code != 0:
        _remove(fresh)
        raise HostError(
            str(target), f"cannot be copied: {copied.last_line()}", "correct that, then try again"
        )
    os.rename(fresh, target)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
