"""What a recorder knows of its recordings and their way: the document of `services/jibri/upload.ts`."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..network import way_out
from ..system import documents
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root, text_of

# Who jibri and its browser are; the package makes the user, and a group of the same name.
USER = "jibri"
# systemd hands the keys over here (LoadCredential= of the upload unit).
CREDENTIAL = "storage.json"


@dataclass(frozen=True)
class Config:
    """The document, checked, with the folders in which recordings are on their way."""

    raw: Json
    folder: Path

    @property
    def recordings(self) -> Path:
        """Where jibri writes; a folder each."""
        return self.folder / "recordings"

    @property
    def handover(self) -> Path:
        """Where the finalize script puts what is finished."""
        return self.folder / "handover"

    @property
    def queue(self) -> Path:
        """What the uploader has taken over, with what it remembers of each."""
        return self.folder / "queue"

    @property
    def kept(self) -> Path:
        """Copies of what has arrived."""
        return self.folder / "kept"

    @property
    def driver(self) -> Path:
        """The driver of a browser that comes without one."""
        return self.folder / "driver"

    def free_percent(self) -> float:
        """How much of the disk is free, as `df` counts: of what others than root may use."""
        usage = shutil.disk_usage(self.folder)
        return 100.0 * usage.free / (usage.used + usage.free)


def parse(root: Root, value: Json, *, more: dict[str, type] | None = None) -> Config:
    """The document; `more` are keys that stand beside it."""
    text = {"deployment": str, "recorder": str, "folder": str}
    parts = {"storage": dict, "receivers": dict, "jibri": dict, "disk": dict}
    days = {"retryDays": float, "keepDays": float}
    documents.fields(value, "upload", {**text, **parts, **days, **(more or {})}, {"proxy": dict})
    way_out.parse(value, "upload")
    place = {"bucket": str, "region": str, "prefix": str, "probe": str}
    optional = {"endpoint": str, "keyFile": str, "authorities": str}
    documents.fields(value["storage"], "storage", place, optional)
    jibri = {"unit": str, "health": str, "internal": str, "finalize": str}
    documents.fields(value["jibri"], "jibri", jibri)
    levels = {"stopBelowPercent": float, "resumeAbovePercent": float, "endBelowPercent": float}
    documents.fields(value["disk"], "disk", levels)
    return Config(value, root.path(value["folder"]))


def read(root: Root, path: str) -> Config:
    """The document in the file at `path`."""
    return parse(root, documents.load(root.read(path)))


def storage_keys(root: Root, config: Config) -> Json | None:
    """Keys of the storage: as systemd gives them, else from root's file; None: the instance's role."""
    path = config.raw["storage"].get("keyFile")
    if path is None:
        return None
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    file = Path(given) / CREDENTIAL if given else root.path(path)
    try:
        return documents.fields(json.loads(text_of(file)), "keys", {"accessKey": str, "secretKey": str})
    except ValueError:
        raise HostError(path, "is no JSON object", "run pulumi up again") from None


def write_shared(path: Path, text: str) -> None:
    """Write a file at once or not at all, for root and for the uploader, in a folder of the group of both."""
    # a name that nobody knew before: jibri's browser may write here, too
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".new")
    with open(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fchmod(descriptor, 0o660)
        os.fsync(descriptor)
    os.replace(temporary, path)
