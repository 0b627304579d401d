"""What was on a host before our packages came, so that their purge gives it back as it was.

Maintainer scripts of packages clear whole folders when they are purged (rm -r /etc/jitsi/jicofo) and leave
accounts behind. Hence the packages step notes once what was there before, and remove-packages compares.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from . import files
from .root import Root
from .state import State

Json = dict[str, Any]
# Where packages keep configuration, whole; and the homes of their accounts, the first level alone, because
# what others have below can be large (images of containers).
CONFIGURATION = "/etc"
HOMES = "/var/lib"
# Bounds of system accounts on Debian and Ubuntu (adduser.conf(5): FIRST_SYSTEM_UID, LAST_SYSTEM_UID).
SYSTEM_IDS = range(100, 1000)


def remember(root: Root) -> Json:
    """Folders, files that belong to no package, and accounts, as they are before the first installation."""
    owned = _owned(root)
    found = list(_below(root, CONFIGURATION))
    homes = [f"{HOMES}/{entry.name}" for entry in _entries(root.path(HOMES)) if entry.is_dir()]
    folders = [path for path in found if _is_folder(root, path)]
    return {
        "files": sorted(set(found) - set(folders) - owned),
        "folders": {path: _rights(root, path) for path in sorted([*folders, *homes])},
        "users": sorted(_accounts(root, "passwd")),
        "groups": sorted(_accounts(root, "group")),
    }


def keep_foreign(root: Root, state: State, before: Json) -> None:
    """Copy the files in folders of no package, before the first installation: scripts of packages append to
    what they find where they expect their own, and give it to their account."""
    owned = _owned(root)
    for path in before["files"]:
        seen = files.observe(root, path) if os.path.dirname(path) not in owned else None
        if seen is not None and state.original(path) is None:
            state.keep_original(path, seen, files.content_of(root, path))


def note_changes(root: Root, state: State, before: Json) -> None:
    """After the first installation: copies of what it left alone go, folders that it changed are noted."""
    if "folders" not in before or "changed" in before:
        return
    for path in _unmanaged(state, before):
        kept = state.original(path)
        if kept is not None and files.observe(root, path) == _properties(kept[0]):
            state.forget_original(path)
    present = [path for path in before["folders"] if _is_folder(root, path)]
    before["changed"] = [path for path in present if _rights(root, path) != before["folders"][path]]


def _properties(kept: Json) -> Json:
    return {key: value for key, value in kept.items() if key != "path"}


def keep(root: Root, state: State, before: Json, going: Iterable[str]) -> None:
    """Copy, until `give_back`, what the purge of the packages `going` may take: files at their own paths, and
    files in folders that no other package uses, which maintainer scripts clear as a whole."""
    going = set(going)
    theirs, others = _owned(root, lambda name: name in going), _owned(root, lambda name: name not in going)
    for path in _unmanaged(state, before):
        known = state.original(path)
        in_danger = path in theirs or os.path.dirname(path) not in others or known is not None
        seen = files.observe(root, path) if in_danger else None
        if seen is not None:
            # whose it was before a script gave it to an account that goes
            rights = {key: known[0][key] for key in ("mode", "owner", "group")} if _both(known, seen) else {}
            state.keep_original(path, {**seen, **rights}, files.content_of(root, path))


def _both(known: tuple[Json, bytes] | None, seen: Json) -> bool:
    return known is not None and "owner" in known[0] and "owner" in seen


def give_back(root: Root, state: State, before: Json) -> list[str]:
    """What the purge took comes back, empty folders that it left go; returns what came back."""
    returned = []
    for path in _unmanaged(state, before):
        kept = state.original(path)
        if kept is not None and files.observe(root, path) != _properties(kept[0]):
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


def accounts_of(root: Root, before: Json, names: Iterable[str]) -> list[str]:
    """System accounts that were not there before and that these packages make: their maintainer scripts or
    their sysusers.d(5) name them."""
    if "users" not in before:
        return []
    users, groups = _accounts(root, "passwd"), _accounts(root, "group")
    people = {name for name, number in users.items() if number not in SYSTEM_IDS}
    # A group may have a number of people's: Jitsi's scripts call plain groupadd. groupdel keeps one in use.
    fresh = {*users, *groups} - people - {*before["users"], *before["groups"]}
    words = set(re.findall(r"[a-z_][a-z0-9_-]*", _scripts(root, set(names))))
    return sorted(fresh & words)


def _scripts(root: Root, names: set[str]) -> str:
    sources = [root.path(path) for path in _owned(root, names.__contains__) if "/sysusers.d/" in path]
    sources += [file for file in _info(root).glob("*.postinst") if _package(file) in names]
    return "\n".join(file.read_text(errors="replace") for file in sources if file.is_file())


def drop_accounts(root: Root, names: list[str]) -> list[str]:
    """These users and groups go, as far as the purge left them; returns who went."""
    gone = []
    for database, program in (("passwd", "userdel"), ("group", "groupdel")):
        for name in [name for name in names if name in _accounts(root, database)]:
            home = ["--remove"] if program == "userdel" and _home(root, name) == f"/home/{name}" else []
            result = root.run([program, *home, name])
            if result.code == 0:
                gone.append(name)
            else:
                root.note(f"{program} {name}: {result.last_line()}")
    return gone


def _home(root: Root, name: str) -> str:
    rows = [line.split(":") for line in root.path("/etc/passwd").read_text().splitlines()]
    return next((row[5] for row in rows if row[0] == name and len(row) > 5), "")


def _info(root: Root) -> Path:
    return root.path("/var/lib/dpkg/info")


def _package(file: Path) -> str:
    """Name of the package that a file of dpkg's own belongs to (NAME.list, NAME:ARCHITECTURE.list)."""
    return file.stem.partition(":")[0]


def _owned(root: Root, chosen: Callable[[str], bool] = lambda _name: True) -> set[str]:
    """Every path that an installed package brought, of the packages chosen."""
    listings = [file for file in _info(root).glob("*.list") if chosen(_package(file))]
    return {line for listing in listings for line in listing.read_text(errors="replace").splitlines()}


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return []


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
    owned = _owned(root)
    homes = [
        f"{HOMES}/{entry.name}" for entry in _entries(root.path(HOMES)) if entry.is_dir(follow_symlinks=False)
    ]
    fresh = [path for path in [*_below(root, CONFIGURATION), *homes] if path not in before["folders"]]
    for path in sorted(fresh, reverse=True):
        if path not in owned and _is_folder(root, path) and not _entries(root.path(path)):
            root.path(path).rmdir()


def _accounts(root: Root, database: str) -> dict[str, int]:
    """Number by name of the host's own users (passwd) or groups (group)."""
    file = root.path(f"/etc/{database}")
    rows = [line.split(":") for line in file.read_text().splitlines()] if file.is_file() else []
    return {row[0]: int(row[2]) for row in rows if len(row) > 2 and row[2].isdigit()}
