"""What a take-over noted: kept beside what it put aside, until that is given back."""

from __future__ import annotations

from ..system import documents
from ..system.documents import Json
from ..system.places import FORMER_JITSI as FOLDER
from ..system.places import LEAVES
from ..system.root import Root
from ..system.state import State, read_json, write_private

# What was at a path of the host, under that path.
ASIDE = f"{FOLDER}/files"
PACKAGES = f"{FOLDER}/packages"
DEBCONF = f"{FOLDER}/debconf.dat"
RECORD = f"{FOLDER}/record.json"
# How far it has come: it began, it is done, the way back began.
TAKING, TAKEN, RETURNING = "taking", "taken", "returning"


def load(root: Root) -> Json | None:
    """The note of the take-over of this host, or None."""
    return read_json(root.path(RECORD))


def save(root: Root, record: Json) -> None:
    """Note how far it has come."""
    prepare(root)
    write_private(root.path(RECORD), documents.dump(record))


def prepare(root: Root) -> None:
    """Make the folder, which root alone may enter."""
    folder = root.path(FOLDER)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)


def leave(root: Root) -> None:
    """Note that the helper goes with what is given back; its next installation takes that back."""
    root.path(LEAVES).touch()


def leaves(root: Root) -> bool:
    """Whether the helper goes with what is given back."""
    return root.path(LEAVES).exists()


def deployed(root: Root) -> list[str]:
    """What of a deployment is on this host, in words."""
    state = State(root)
    groups = sorted({*state.groups(), *(one.get("group", "unfinished") for one in state.unfinished())})
    return [f"group {name}" for name in groups] + (["packages"] if state.packages() else [])
