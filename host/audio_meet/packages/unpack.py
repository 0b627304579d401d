"""Packages of which only files are wanted: downloaded and verified by apt, unpacked, never configured."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ..edits import found, kept
from ..network import way_out
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from . import apt


def missing(root: Root, record: Json, wanted: dict[str, Json]) -> dict[str, Json]:
    """What of `wanted` (package → version pattern and folder) is not unpacked in a fitting version, whole."""
    unpacked = record.get("unpacked", {})
    return {
        name: item
        for name, item in wanted.items()
        if unpacked.get(name, {}).get("folder") != item["folder"]
        or not apt.satisfies(unpacked[name]["version"], item["version"])
        or not root.path(item["folder"]).is_dir()
        or found.edited(root, unpacked[name].get("files", {}))
    }


def install(root: Root, name: str, version: str, folder: str, before: Json) -> Json:
    """Put what the package ships below `folder` in place of that folder, as a whole; returns its record.

    `before` is the record of what was unpacked there, {} for nothing.
    """
    target = root.path(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".audio-meet-", dir=target.parent) as scratch:
        content = _download(root, name, version, Path(scratch)) / folder.lstrip("/")
        if not content.is_dir():
            raise HostError(
                f"package {name} {version}", f"contains nothing below {folder}", "correct jitsi:release"
            )
        previous = Path(scratch) / "previous"
        if target.is_dir():
            put_aside(root, before or {"folder": folder, "files": {}})
            target.rename(previous)
        content.rename(target)
    return {"version": version, "folder": folder, "files": kept.below(root, folder)}


def put_aside(root: Root, unpacked: Json) -> None:
    """Keep what somebody made of an unpacked folder, by its record, where that names files."""
    if "files" in unpacked:
        kept.put_aside_folder(root, unpacked["folder"], unpacked["files"])


def remove(root: Root, record: Json) -> list[str]:
    """Remove every unpacked folder, and folders above it that are empty then; returns the packages' names."""
    for item in record.get("unpacked", {}).values():
        target = root.path(item["folder"])
        put_aside(root, item)
        shutil.rmtree(target, ignore_errors=True)
        for parent in list(target.parents)[:2]:
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()
    return sorted(record.get("unpacked", {}))


def _download(root: Root, name: str, version: str, scratch: Path) -> Path:
    # root downloads for itself: apt's own user cannot write here
    proxies, variables = way_out.of(root).apt()
    words = [word for option in ["APT::Sandbox::User=root", *proxies] for word in ("-o", option)]
    command = ["env", f"--chdir={scratch}", "apt-get", "-q", *words, "download", f"{name}={version}"]
    result = root.run(command, timeout_seconds=apt.APT_TIMEOUT_SECONDS, env=variables)
    archives = list(scratch.glob("*.deb"))
    if result.code != 0 or len(archives) != 1:
        raise HostError(f"{name}={version}", f"apt-get download failed: {apt.error_of(result)}", "try again")
    unpacked = scratch / "unpacked"
    result = root.run(["dpkg-deb", "--extract", str(archives[0]), str(unpacked)])
    if result.code != 0:
        raise HostError(archives[0].name, f"cannot be unpacked: {result.last_line()}", "try again")
    return unpacked
