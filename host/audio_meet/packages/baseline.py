"""What was on a host before our packages came, so that their purge gives it back as it was.

Maintainer scripts of packages clear whole folders when they are purged (rm -r /etc/jitsi/jicofo) and leave
accounts behind. Hence the packages step notes once what was there before, and remove-packages compares.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from ..system import files
from ..system.documents import Json
from ..system.root import Root
from ..system.state import State
from . import system_accounts
from .dpkg_lists import owned

# Where packages keep configuration, whole; and the homes of their accounts, the first level alone, because
# what others have below can be large (images of containers).
CONFIGURATION = "/etc"
HOMES = "/var/lib"


def remember(root: Root) -> Json:
    """Folders, files that belong to no package, and accounts, as they are before the first installation."""
    found = list(_below(root, CONFIGURATION))
    folders = [path for path in found if _is_folder(root, path)]
    return {
        "files": sorted(set(found) - set(folders) - owned(root)),
        "folders": {path: _rights(root, path) for path in sorted([*folders, *_homes(root)])},
        "users": sorted(system_accounts.entries(root, "passwd")),
        "groups": sorted(system_accounts.entries(root, "group")),
    }


def keep_foreign(root: Root, state: State, before: Json) -> None:
    """Copy the files in folders of no package, before the first installation: scripts of packages append to
    what they find where they expect their own, and give it to their account."""
    theirs = owned(root)
    for path in before["files"]:
        seen = files.observe(root, path) if os.path.dirname(path) not in theirs else None
        if seen is not None and state.original(path) is None:
            state.keep_original(path, seen, files.content_of(root, path))


def note_changes(root: Root, state: State, before: Json) -> None:
    """After the first installation: copies of what it left alone go, folders that it changed are noted."""
    if "folders" not in before or "changed" in before:
        return
    for path in _unmanaged(state, before):
        kept = state.original(path)
        if kept is not None and files.observe(root, path) == state.former(path):
            state.forget_original(path)
    present = [path for path in before["folders"] if _is_folder(root, path)]
    before["changed"] = [path for path in present if _rights(root, path) != before["folders"][path]]


def keep(root: Root, state: State, before: Json, going: Iterable[str]) -> None:
    """Copy, until `give_back`, what the purge of the packages `going` may take: files at their own paths, and
    files in folders that no other package uses, which maintainer scripts clear as a whole."""
    going = set(going)
    theirs, others = owned(root, lambda name: name in going), owned(root, lambda name: name not in going)
    for path in _unmanaged(state, before):
        known = state.original(path)
        in_danger = path in theirs or os.path.dirname(path) not in others or known is not None
        seen = files.observe(root, path) if in_danger else None
        if seen is not None:
            # whose it was before a script gave it to an account that goes
            state.keep_original(path, {**seen, **_rights_before(known, seen)}, files.content_of(root, path))


def _rights_before(known: tuple[Json, bytes] | None, seen: Json) -> Json:
    """Mode and owners of a file that was kept before and is still one; nothing of a link."""
    if known is None or "owner" not in known[0] or "owner" not in seen:
        return {}
    return {key: known[0][key] for key in ("mode", "owner", "group")}


def give_back(root: Root, state: State, before: Json) -> list[str]:
    """What the purge took comes back, empty folders that it left go; returns what came back."""
    returned = []
    for path in _unmanaged(state, before):
        kept = state.original(path)
        if kept is not None and files.observe(root, path) != state.former(path):
            _folders_of(root, path, before["folders"])
            files.put_back(root, path, *kept)
            returned.append(path)
        state.forget_original(path)
    for path in before.get("changed", []):
        if _is_folder(root, path):
            _set_rights(root, path, before["folders"][path])
    _drop_empty(root, before)
    return returned


def _unmanaged(state: State, before: Json) -> list[str]:
    """Files that were there before, without those whose original a group still keeps for itself."""
    managed = {path for group in state.groups().values() for path in group.get("files", {})}
    return [path for path in before.get("files", []) if path not in managed]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _homes(root: Root) -> list[str]:
    """Homes of accounts; a link to one elsewhere is none."""
    here = [entry for entry in _entries(root.path(HOMES)) if entry.is_dir(follow_symlinks=False)]
    return [f"{HOMES}/{entry.name}" for entry in here]


def _below(root: Root, folder: str) -> Iterable[str]:
    for entry in _entries(root.path(folder)):
        path = f"{folder}/{entry.name}"
        kind = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(kind):
            yield path
            yield from _below(root, path)
        elif stat.S_ISREG(kind) or stat.S_ISLNK(kind):
            yield path


def _is_folder(root: Root, path: str) -> bool:
    file = root.path(path)
    return file.is_dir() and not file.is_symlink()


def _rights(root: Root, path: str) -> list[int]:
    """Mode, user and group of a folder."""
    info = root.path(path).stat()
    return [stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid]


def _folders_of(root: Root, path: str, folders: Json) -> None:
    """Folders above `path` that the purge took, with the rights that they had."""
    for folder in files.make_folders(root, path):
        if folder in folders:
            _set_rights(root, folder, folders[folder])


def _set_rights(root: Root, path: str, rights: list[int]) -> None:
    mode, user, group = rights
    os.chown(root.path(path), user, group)
    os.chmod(root.path(path), mode)


def _drop_empty(root: Root, before: Json) -> None:
    """Empty folders that were not there before and belong to no package any more."""
    if "folders" not in before:
        return
    theirs = owned(root)
    present = [*_below(root, CONFIGURATION), *_homes(root)]
    for path in sorted((path for path in present if path not in before["folders"]), reverse=True):
        if path not in theirs and _is_folder(root, path) and not _entries(root.path(path)):
            root.path(path).rmdir()
