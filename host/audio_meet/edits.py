"""Edits by hand: files of ours that somebody changed since. They are named, and put aside before they go."""

from __future__ import annotations

import os
import time
from typing import Any

from . import files
from .errors import HostError
from .root import Root
from .state import State, write_private

Json = dict[str, Any]
#: Root's alone, as the files may be; stays when the deployment goes: what is in it is the operator's.
FOLDER = "/var/backups/audio-meet"


def edited(root: Root, recorded: Json) -> list[str]:
    """Paths of a group's record whose content is not as it was applied."""
    found = []
    for path, spec in sorted(recorded.items()):
        try:
            seen = files.observe(root, path)
        except HostError:
            continue  # a folder in its place; whoever touches it says so
        if seen is not None and "link" not in seen and files.is_edited(seen, spec):
            found.append(path)
    return found


def everywhere(root: Root) -> list[str]:
    """Every file of every group that was edited by hand."""
    groups = State(root).groups().values()
    return [path for record in groups for path in edited(root, record.get("files", {}))]


def put_aside(root: Root, recorded: Json, going: list[str], *, secret: bool) -> None:
    """Keep what an operator wrote into those of the files that are about to be written or to go.

    Says where it is kept. Of a secret nothing is kept: the edit is only named.
    """
    folder = os.path.join(FOLDER, time.strftime("%Y%m%dT%H%M%SZ", time.gmtime()))
    for path in edited(root, {path: recorded[path] for path in going if path in recorded}):
        if secret:
            root.note(f"{path} was changed by somebody since; that is gone now")
            continue
        kept = folder + path
        write_private(root.path(kept), files.content_of(root, path))
        root.note(f"{path} was changed by somebody since; what it held is in {kept}")
