"""Files that are not as they were applied."""

from __future__ import annotations

from collections.abc import Iterator

from ..system import files
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from .entry import Entry


def differences(root: Root, recorded: Json, step: str) -> Iterator[Entry]:
    """Files of a record (path → content, mode, owner, group) that differ, without the digests of secrets."""
    for path, spec in sorted(recorded.items()):
        try:
            seen = files.observe(root, path)
        except HostError as error:
            yield Entry("file", path, "a file", error.cause)
            continue
        if seen is None or "link" in seen:
            found = "missing" if seen is None else f"a link to {seen['link']}"
            yield Entry("file", path, "a file", found, step)
            continue
        if files.is_edited(seen, spec):
            yield Entry("content", path, "as applied", "changed since", step)
        for key in ("mode", "owner", "group"):
            if seen[key] != spec[key]:
                yield Entry(key, path, spec[key], seen[key], step)
