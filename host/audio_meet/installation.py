"""Puts this package onto a host, and takes it off again.

The modules of one version, with their folders, lie in a folder of their own and a link names the one in use,
so that a run that is under way never sees half of one version and half of another.
"""

from __future__ import annotations

import compileall
import hashlib
import os
import re
import shutil
import tempfile
import time
from pathlib import Path

from .system.places import ENTRY, KEPT, LEAVES, LIBRARY

# A module, by its path below the package: folders of Python's own names, and nothing that leads out of it.
MODULE = re.compile(r"(?:\w+/)*\w+\.py")
# What this helper makes in LIBRARY: the folder of a version, and what an interrupted run left of it.
MADE_HERE = re.compile(r"version-[0-9a-f]{16}|\.version-[0-9a-f]{16}\.new|\.audio_meet\.new")
ENTRY_TEXT = """#!/usr/bin/python3 -IXutf8
# Runs on hosts of an audio-only conference deployment; `audio-meet --help` lists the verbs.
import sys

sys.path.insert(0, "/usr/local/lib/audio-meet")
from audio_meet.cli import main

sys.exit(main(sys.argv[1:]))
"""


def install(modules: dict[str, str], prefix: Path = Path("/")) -> str:
    """Install `modules` and the entry below `prefix`; returns the summary. Twice in a row changes nothing.

    Units run the helper as other users: its files have the modes said here whatever the umask of root.
    """
    before = os.umask(0o022)
    (prefix / LEAVES.lstrip("/")).unlink(missing_ok=True)
    try:
        return _install(modules, prefix)
    finally:
        os.umask(before)


def _install(modules: dict[str, str], prefix: Path) -> str:
    for name in modules:
        if not MODULE.fullmatch(name):
            raise ValueError(f"{name!r} is not the path of a module")
    library = prefix / LIBRARY.lstrip("/")
    folder = library / _name_of(modules, ENTRY_TEXT)
    link = library / "audio_meet"
    entry = prefix / ENTRY.lstrip("/")
    present = entry.is_file() and entry.read_bytes() == ENTRY_TEXT.encode() and link.is_symlink()
    if present and os.readlink(link) == folder.name and _same(folder, modules) and _is_open(library, folder):
        return f"helper {_version(folder)} is already installed"
    former = [path for path in _made_here(library) if path not in (folder, link)]
    entry_text = entry.read_text(encoding="utf-8", errors="replace") if entry.is_file() else ""
    foreign = [path for path in (folder, link, entry) if _is_changed(path, folder, modules)]
    foreign += [path for path in former if _is_edited(path, entry_text)]
    kept = [_put_aside(path, prefix) for path in foreign]
    _write_modules(folder, modules)
    os.chmod(library, 0o755)  # noqa: S103 - an earlier version left it closed where the umask was 077
    _point(link, folder.name)
    for path in former:
        if path not in foreign:
            _remove(path)
    entry.parent.mkdir(parents=True, exist_ok=True)
    _write(entry, ENTRY_TEXT, 0o755)
    return "; note: ".join([f"helper {_version(folder)} installed", *kept])


def _name_of(modules: dict[str, str], entry_text: str) -> str:
    """Name of a version's folder, by what is in it."""
    text = "".join(f"{name}\0{modules[name]}\0" for name in sorted(modules))
    return f"version-{hashlib.sha256((text + entry_text).encode()).hexdigest()[:16]}"


def _version(folder: Path) -> str:
    return folder.name.removeprefix("version-")


def _is_open(library: Path, folder: Path) -> bool:
    """Whether everybody may read and enter what is there: units run the helper as other users."""
    folders = [library, folder, *(path for path in folder.rglob("*") if path.is_dir())]
    rights = dict.fromkeys(folders, 493) | dict.fromkeys(folder.rglob("*.py"), 420)
    return all(path.stat().st_mode & 0o777 == mode for path, mode in rights.items())


def _made_here(library: Path) -> list[Path]:
    """What this helper has made in its folder, of this version and of others."""
    every = sorted(library.iterdir()) if library.is_dir() else []
    return [path for path in every if path.name == "audio_meet" or MADE_HERE.fullmatch(path.name)]


def _is_edited(folder: Path, entry_text: str) -> bool:
    """Whether somebody has changed a module of a former version, whose name tells what it was."""
    if not folder.name.startswith("version-") or folder.is_symlink():
        return False
    texts = {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8", errors="replace")
        for file in folder.rglob("*.py")
    }
    return folder.name != _name_of(texts, entry_text)


def edited(prefix: Path = Path("/")) -> list[str]:
    """Paths of what somebody has changed of the helper in use; none where none is installed."""
    library, entry = prefix / LIBRARY.lstrip("/"), prefix / ENTRY.lstrip("/")
    link = library / "audio_meet"
    if not os.path.lexists(library):
        return []
    text = entry.read_text(encoding="utf-8", errors="replace") if entry.is_file() else ""
    found = [] if text == ENTRY_TEXT else [entry]
    if not (link.is_symlink() and MADE_HERE.fullmatch(os.readlink(link)) and link.is_dir()):
        return [f"/{path.relative_to(prefix)}" for path in [*found, link]]
    folder = link.resolve()
    if _is_edited(folder, ENTRY_TEXT) or not _is_open(library, folder):
        found.append(library / folder.name)
    return [f"/{path.relative_to(prefix)}" for path in found]


def _remove(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink()
    else:
        shutil.rmtree(path)


def uninstall(prefix: Path = Path("/")) -> list[str]:
    """Take entry and modules off the host; returns what somebody else has in their folder, which stays."""
    entry, library = (prefix / path.lstrip("/") for path in (ENTRY, LIBRARY))
    for path in (entry.with_name(f".{entry.name}.new"), entry):
        path.unlink(missing_ok=True)
    for path in _made_here(library):
        _remove(path)
    others = sorted(f"/{path.relative_to(prefix)}" for path in library.glob("*"))
    if library.is_dir() and not others:
        library.rmdir()
    return others


def _is_changed(path: Path, folder: Path, modules: dict[str, str]) -> bool:
    """Whether something lies at a path of ours that no version of this helper put there."""
    if path == folder:
        return folder.exists() and not _same(folder, modules)
    if path.name == "audio_meet":
        return os.path.lexists(path) and not (path.is_symlink() and os.readlink(path).startswith("version-"))
    return os.path.lexists(path) and not (path.is_file() and b"audio_meet.cli" in path.read_bytes())


def _put_aside(path: Path, prefix: Path) -> str:
    """Move to where edits by hand are kept (edits/kept.py), which root alone may enter; says where."""
    base = prefix / KEPT.lstrip("/")
    base.mkdir(parents=True, exist_ok=True)
    base.chmod(0o700)
    place = Path(tempfile.mkdtemp(prefix=time.strftime("%Y%m%dT%H%M%SZ-", time.gmtime()), dir=base))
    shutil.move(path, place / path.name)
    return f"/{path.relative_to(prefix)} was changed by hand; the changed file is now {place / path.name}"


def _same(folder: Path, modules: dict[str, str]) -> bool:
    names = {file.relative_to(folder).as_posix() for file in folder.rglob("*.py")}
    return names == set(modules) and all(
        (folder / name).read_bytes() == text.encode() for name, text in modules.items()
    )


def _write_modules(folder: Path, modules: dict[str, str]) -> None:
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True, mode=0o755)
    for name, text in modules.items():
        (fresh / name).parent.mkdir(parents=True, exist_ok=True)
        _write(fresh / name, text, 0o644)
    compileall.compile_dir(fresh, quiet=2, stripdir=str(fresh), prependdir=str(folder))
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(fresh, folder)


def _point(link: Path, target: str) -> None:
    fresh = link.with_name(".audio_meet.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    os.replace(fresh, link)


def _write(path: Path, text: str, mode: int) -> None:
    temporary = path.with_name(f".{path.name}.new")
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.chmod(temporary, mode)
    os.replace(temporary, path)
