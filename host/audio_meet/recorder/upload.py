"""The `upload` verb: brings recordings to the bucket, deletes nothing that has not come back from there.

Whatever happens at whatever moment, the next run goes on: a folder moves by one rename, what the uploader
remembers of it lies beside it, and an object that is there already is only read back.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import stat
import time
from pathlib import Path

from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.summary import say
from . import notices, upload_config, upload_queue
from .storage import Bucket
from .upload_config import Config

# Written last: whoever finds it finds a whole recording.
MARKER = "complete.json"
FIRST_PAUSE_SECONDS = 30.0
LONGEST_PAUSE_SECONDS = 3600.0
# After giving up it is still tried, so that a repaired bucket gets what is there.
RESIGNED_PAUSE_SECONDS = 6 * 3600.0


def upload(root: Root, config: Config) -> str:
    """Try every recording whose time has come; returns the summary, "" where there was nothing to do.

    Raises HostError with the last trouble after all have had their turn.
    """
    upload_queue.take_over(config)
    done, failed, trouble = [], [], None
    for folder in upload_queue.waiting(config):
        memory = upload_queue.remembered(folder)
        if memory.get("next", 0) > time.time():
            continue
        try:
            objects = _upload_one(root, config, folder, memory)
        except (HostError, OSError) as problem:
            # one that cannot be read holds up no other
            error = problem if isinstance(problem, HostError) else _unreadable(problem)
            trouble = error
            failed.append(folder.name)
            _put_off(config, folder, memory, f"{error.what}: {error.cause}")
            continue
        _forget(config, folder, memory, objects)
        done.append(folder.name)
    for words in upload_queue.clear_kept(config):
        root.note(words)
    for words in notices.send(root, config, config.queue):
        root.note(words)
    if trouble:
        arrived = f"; uploaded: {', '.join(done)}" if done else ""
        raise HostError(f"{', '.join(failed)}: {trouble.what}", trouble.cause + arrived, trouble.remedy)
    return f"uploaded and verified: {', '.join(done)}" if done else ""


def parts(folder: Path) -> list[Path]:
    """Files of a recording. A link is none: it may lead to what is not jibri's.

    Raises OSError for a folder that cannot be read: its files would be missed, and deleted with the others.
    """
    found = []
    for base, _, names in os.walk(folder, onerror=_refuse):
        files = [Path(base) / name for name in names]
        found += [file for file in files if stat.S_ISREG(file.lstat().st_mode)]
    return sorted(found)


def _refuse(error: OSError) -> None:
    raise error


def _digest(file: Path) -> Json:
    digest = hashlib.sha256()
    # a link that came between is not followed
    with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), "rb") as content:
        while block := content.read(1 << 20):
            digest.update(block)
        size = content.tell()
    return {"bytes": size, "sha256": digest.hexdigest()}


def _upload_one(root: Root, config: Config, folder: Path, memory: Json) -> Json:
    """Every file there and read back, then the marker; returns name → size and checksum."""
    bucket = Bucket(root, config)
    known = memory.get("files", {})
    files = parts(folder)
    objects = {}
    for file in files:
        name = file.relative_to(folder).as_posix()
        objects[name] = known.get(name) or _digest(file)
    if objects != known:
        memory["files"] = objects
        upload_queue.remember(folder, memory)
    for file in files:
        name = file.relative_to(folder).as_posix()
        _send(bucket, file, objects[name], folder.name, name)
    about = {key: config.raw[key] for key in ("deployment", "recorder")}
    text = json.dumps({**about, "recording": folder.name, "files": objects}, indent=1) + "\n"
    bucket.put_text(text, folder.name, MARKER)
    if bucket.read_back(folder.name, MARKER)[1] != hashlib.sha256(text.encode()).hexdigest():
        raise HostError(
            bucket.where(), f"{MARKER} has other content when read back", "it will be written again"
        )
    return objects


def _unreadable(error: OSError) -> HostError:
    what, cause = str(error.filename or "recording"), error.strerror or "cannot be read"
    return HostError(what, cause, "make it readable for the group jibri")


def _send(bucket: Bucket, file: Path, wanted: Json, *name: str) -> None:
    bucket.put(file, *name)
    size, digest = bucket.read_back(*name)
    if (size, digest) != (wanted["bytes"], wanted["sha256"]):
        cause = f"{'/'.join(name)} was read back with another checksum, {size} of {wanted['bytes']} bytes"
        raise HostError(bucket.where(), cause, "it will be uploaded again; nothing is deleted here")


def _put_off(config: Config, folder: Path, memory: Json, reason: str) -> None:
    """Remember the failure and when to try again; say once that we give up."""
    now = time.time()
    attempts = int(memory.get("attempts", 0)) + 1
    since = float(memory.get("since", now))
    pause = min(FIRST_PAUSE_SECONDS * 2 ** min(attempts - 1, 20), LONGEST_PAUSE_SECONDS)
    late = now - since > config.raw["retryDays"] * 86400
    if late:
        pause = RESIGNED_PAUSE_SECONDS
        if not memory.get("resigned"):
            notices.leave(
                config,
                config.queue,
                "recording.failed",
                recording=folder.name,
                attempts=attempts,
                reason=reason,
            )
    memory |= {"attempts": attempts, "since": since, "reason": reason, "resigned": late}
    # not all recorders of a deployment at the same moment
    memory["next"] = now + pause * random.uniform(0.9, 1.1)  # noqa: S311 - no secret
    upload_queue.remember(folder, memory)


def _forget(config: Config, folder: Path, memory: Json, objects: Json) -> None:
    """The recording is safe elsewhere: say so, then keep or delete the copy."""
    size = sum(part["bytes"] for part in objects.values())
    place = config.raw["storage"]
    where = "/".join(part for part in (place["bucket"], place["prefix"], folder.name) if part)
    attempts = int(memory.get("attempts", 0)) + 1
    facts = {"recording": folder.name, "place": f"s3://{where}", "files": sorted(objects), "bytes": size}
    notices.leave(config, config.queue, "recording.arrived", **facts, attempts=attempts)
    os.utime(folder)
    # in one step: half a folder would be taken for a recording, and its marker would name half of the files
    os.rename(folder, config.kept / folder.name)
    upload_queue.memory_of(folder).unlink(missing_ok=True)


def run(root: Root, arguments: list[str]) -> int:
    """The verb `upload FILE`."""
    return say(root, upload(root, upload_config.read(root, arguments[1])))
