"""Edits by hand: which files of ours somebody changed since they were applied, and how."""

from __future__ import annotations

from ..system import files
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import State

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
