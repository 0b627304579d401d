"""Edits by hand: files of ours that somebody changed since. They are named, and put aside before they go."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from .. import install
from ..system import files
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import State
from .journal import Journal

#: Root's alone, as the files may be; stays when the deployment goes: what is in it is the operator's.
FOLDER = install.KEPT
CHANGED = "was changed by hand"


def how(seen: Json | None, applied: Json) -> str:
    """How a file that `files.observe` saw differs from what was applied, in words; "" where it does not."""
    if seen is None:
        return "was deleted by hand"
    if seen == applied:
        return ""
    if applied.get("seed"):
        return ""
    if "link" in seen:
        return f"was replaced by hand with a link to {seen['link']}"
    if files.is_edited(seen, applied):
        return CHANGED
    rights = [key for key in ("mode", "owner", "group") if seen[key] != applied[key]]
    found = ", ".join(f"{key} {seen[key]} instead of {applied[key]}" for key in rights)
    return f"has {found}, set by hand" if found else ""


def edited(root: Root, applied: Json) -> dict[str, str]:
    """Paths of a record that are not as they were applied, and how they differ."""
    found = {}
    for path, spec in sorted(applied.items()):
        try:
            words = how(files.observe(root, path), spec)
        except HostError:
            continue  # a folder in its place; whoever touches it says so
        if words:
            found[path] = words
    return found


def everywhere(root: Root) -> dict[str, str]:
    """Everything of ours on the host that is not as it was applied, without what a run is about to finish."""
    state = State(root)
    unfinished = {path for journal in state.unfinished() for path in journal.get("previous", {})}
    found: dict[str, str] = {}
    for record in state.groups().values():
        found |= edited(root, record.get("files", {}))
    packages = state.packages()
    found |= edited(root, sources(root, packages))
    for item in packages.get("unpacked", {}).values():
        found |= edited(root, item.get("files", {}))
    return {path: words for path, words in found.items() if path not in unfinished}


def sources(root: Root, record: Json) -> Json:
    """Package sources, pins and keys of the packages step's record, as files of a group are recorded."""
    owner, group = root.default_owner
    rights = {"mode": "0644", "owner": owner, "group": group}
    digests = {**record.get("sources", {}), **record.get("keyFiles", {})}
    return {path: {"sha256": digest, **rights} for path, digest in digests.items()}


def put_aside(root: Root, applied: Json, going: Iterable[str], *, secret: bool = False) -> None:
    """Keep what an operator made of those of the files that are about to be written or to go, and say where.

    Of a secret nothing is kept: the edit is only named.
    """
    for path, words in edited(root, {path: applied[path] for path in going if path in applied}).items():
        seen = files.observe(root, path)
        _tell(root, path, words, seen, files.content_of(root, path), secret=secret)


def put_aside_of(root: Root, applied: Json, journal: Journal, *, secret: bool) -> None:
    """The same for what a journal has kept, and for what was edited since its run was cut off."""
    for path, previous in sorted(journal.previous.items()):
        words = how(previous or None, applied[path]) if path in applied else ""
        if words:
            _tell(root, path, words, previous or None, journal.copy(path), secret=secret)
        seen = files.observe(root, path)
        known = [previous or None, *journal.meant.get(path, [])]
        is_told = path in journal.meant or not journal.live  # a journal of an earlier version tells nothing
        if journal.interrupted and seen is not None and is_told and seen not in known:
            _tell(root, path, CHANGED, seen, files.content_of(root, path), secret=secret)


def below(root: Root, folder: str) -> Json:
    """Every file and link below a folder: path → what `files.observe` says of it."""
    base = root.path(folder)
    every = sorted(base.rglob("*")) if base.is_dir() else []
    found = [file for file in every if file.is_symlink() or file.is_file()]
    paths = [f"{folder}/{file.relative_to(base)}" for file in found]
    return {path: files.observe(root, path) for path in paths}


def put_aside_folder(root: Root, folder: str, applied: Json) -> None:
    """Keep what an operator made of the files of a folder that goes as a whole, and what else lies there."""
    put_aside(root, applied, applied)
    for path, seen in below(root, folder).items():
        if path not in applied:
            place = keep(root, path, seen, files.content_of(root, path))
            root.note(f"{path} does not belong to this deployment; it was moved to {place}")


def copies(root: Root) -> str:
    """Where things were put aside on this host, in words; "" where nothing was."""
    folder = root.path(FOLDER)
    return f"files changed by hand are kept in {FOLDER}" if folder.is_dir() and any(folder.iterdir()) else ""


def _tell(root: Root, path: str, words: str, seen: Json | None, data: bytes, *, secret: bool) -> None:
    if seen is None or not words.startswith((CHANGED, "was replaced")):
        # nothing but a name or rights: the words say all that there was
        root.note(f"{path} {words}")
    elif secret:
        root.note(f"{path} {words}; that change was not kept")
    else:
        root.note(f"{path} {words}; the changed content is in {keep(root, path, seen, data)}")


def keep(root: Root, path: str, seen: Json, data: bytes) -> str:
    """Copy what was at `path` to a place of its own, which is returned; the same is not kept twice."""
    base = root.path(FOLDER)
    for older in sorted(base.iterdir(), reverse=True) if base.is_dir() else []:
        name = f"{FOLDER}/{older.name}{path}"
        is_file = root.path(name).is_symlink() or root.path(name).is_file()
        if is_file and _content(files.observe(root, name) or {}) == _content(seen):
            return name
    place = _free(root, path)
    mode = int(seen.get("mode", "0600"), 8) & 0o600
    _private_folders(root, os.path.dirname(place))
    owner, group = root.default_owner
    files.put_back(root, place, {**seen, "mode": f"{mode:04o}", "owner": owner, "group": group}, data)
    return place


def _content(seen: Json) -> tuple[str | None, str | None]:
    return seen.get("link"), seen.get("sha256")


def _free(root: Root, path: str) -> str:
    """A path for a copy at which nothing is yet: by the time, and a number where two come in one second."""
    moment, number = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()), 1
    while True:
        name = f"{FOLDER}/{moment}" + (f"-{number}" if number > 1 else "")
        if not os.path.lexists(root.path(name + path)):
            return name + path
        number += 1


def _private_folders(root: Root, folder: str) -> None:
    """Make the folders of a copy, which root alone may enter."""
    below = folder.removeprefix(FOLDER).strip("/").split("/")
    for depth in range(len(below) + 1):
        path = root.path("/".join([FOLDER, *below[:depth]]))
        if not path.is_dir():
            path.mkdir(parents=True, mode=0o700)
    # an earlier version left it open
    root.path(FOLDER).chmod(0o700)
