"""The `uninstall` verb: nothing of ours stays, not even this helper."""

from __future__ import annotations

import shutil

from . import installation
from .certificate import certificate
from .checks import as_unit
from .edits import kept
from .system import ssh_limits
from .system.errors import HostError
from .system.places import ENTRY, LIBRARY
from .system.root import Root
from .system.state import FOLDER, State
from .system.summary import say
from .takeover import record

CONFIGURATION = "/etc/audio-meet"


def uninstall(root: Root) -> str:
    """Remove the helper, what it remembers, and the folder of secrets, once nothing is managed any more."""
    state = State(root)
    managed = [f"group {name}" for name in state.groups()] + (["packages"] if state.packages() else [])
    managed += ["a certificate"] if certificate.load(root) else []
    unfinished = sorted((state.folder / "unfinished").glob("*/journal.json"))
    managed += [
        f"unfinished group {file.parent.name}"
        for file in unfinished
        if f"group {file.parent.name}" not in managed
    ]
    if managed:
        raise HostError(
            "uninstall",
            f"this host still has {', '.join(managed)}",
            "run audio-meet remove GROUP for each and audio-meet remove-packages, then try again",
        )
    present = state.folder.exists() or root.path(ENTRY).exists()
    state.wipe()
    kept.put_aside_folder(root, CONFIGURATION, {})
    configuration = root.path(CONFIGURATION)
    if configuration.is_dir():
        shutil.rmtree(configuration)
    former = record.load(root)
    if former is None:
        for path in installation.uninstall(root.prefix):
            root.note(f"{path} does not belong to Audio Meet and was left there")
    else:
        record.leave(root)
    for path in ("/run/audio-meet.lock", ssh_limits.LOGINS):
        root.path(path).unlink(missing_ok=True)
    as_unit.clear(root)
    copies = kept.copies(root)
    ours = [FOLDER, CONFIGURATION] if former else [ENTRY, LIBRARY, FOLDER, CONFIGURATION]
    parts = [f"removed: {', '.join(ours)}" if present else "nothing to remove"]
    if former:
        parts.append(f"the helper stays: audio-meet give-back brings back what is in {record.FOLDER}")
    return "; ".join([*parts, *([copies] if copies else [])])


def run(root: Root, arguments: list[str]) -> int:
    """The verb `uninstall`."""
    with root.lock(arguments[0]):
        return say(root, uninstall(root))
