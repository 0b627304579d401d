"""Files changed by hand are kept, and named, before the deployment writes or removes them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable

from ..system import files
from ..system.documents import Json
from ..system.places import KEPT
from ..system.root import Root
from .found import CHANGED, edited


def put_aside(root: Root, applied: Json, going: Iterable[str], *, secret: bool = False) -> None:
    """Keep what an operator made of those of the files that are about to be written or to go, and say where.

    Of a secret nothing is kept: the edit is only named.
    """
    for path, words in edited(root, {path: applied[path] for path in going if path in applied}).items():
        seen = files.observe(root, path)
        tell(root, path, words, seen, files.content_of(root, path), secret=secret)


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
    folder = root.path(KEPT)
    return f"files changed by hand are kept in {KEPT}" if folder.is_dir() and any(folder.iterdir()) else ""


def tell(root: Root, path: str, words: str, seen: Json | None, data: bytes, *, secret: bool) -> None:
    """Note how a file was changed by hand, and where the changed content is kept; of a secret nothing is."""
    if seen is None or not words.startswith((CHANGED, "was replaced")):
        # nothing but a name or rights: the words say all that there was
        root.note(f"{path} {words}")
    elif secret:
        root.note(f"{path} {words}; that change was not kept")
    else:
        root.note(f"{path} {words}; the changed content is in {keep(root, path, seen, data)}")


def keep(root: Root, path: str, seen: Json, data: bytes) -> str:
    """Copy what was at `path` to a place of its own, which is returned; the same is not kept twice."""
    base = root.path(KEPT)
    for older in sorted(base.iterdir(), reverse=True) if base.is_dir() else []:
        name = f"{KEPT}/{older.name}{path}"
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
        name = f"{KEPT}/{moment}" + (f"-{number}" if number > 1 else "")
        if not os.path.lexists(root.path(name + path)):
            return name + path
        number += 1


def _private_folders(root: Root, folder: str) -> None:
    """Make the folders of a copy, which root alone may enter."""
    below = folder.removeprefix(KEPT).strip("/").split("/")
    for depth in range(len(below) + 1):
        path = root.path("/".join([KEPT, *below[:depth]]))
        if not path.is_dir():
            path.mkdir(parents=True, mode=0o700)
    # an earlier version left it open
    root.path(KEPT).chmod(0o700)
