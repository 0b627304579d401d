"""A bucket that speaks S3's protocol, by way of rclone, which gets its keys in the environment alone."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

from ..network import way_out
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root, without_logins
from .storage_words import meaning
from .upload_config import Config, storage_keys

REMOTE = "bucket"
# A recording of a day over a slow line. Without any byte for IDLE_SECONDS the line is dead.
TRANSFER_SECONDS = 24 * 3600
IDLE_SECONDS = 60
CONNECT_SECONDS = 15
# In the queue, which root and the uploader share.


class StorageError(HostError):
    """What rclone said of the storage, word by word, beside what it means."""

    def __init__(self, where: str, words: str) -> None:
        super().__init__(where, *meaning(words))
        self.words = words


class Bucket:
    """The storage of a recorder. Every method raises HostError with what is wrong and what to do about it."""

    def __init__(self, root: Root, config: Config) -> None:
        self.root = root
        self.queue = config.queue
        self.place = config.raw["storage"]
        self.recorder = config.raw["recorder"]
        keys = storage_keys(root, config)
        way = way_out.WayOut(root, config.raw.get("proxy"))
        self.environment = {**environment(self.place, keys, root), **way.environment(address(self.place))}

    def name(self, *parts: str) -> str:
        """What rclone calls an object below the prefix."""
        path = "/".join(part for part in (self.place["bucket"], self.place["prefix"], *parts) if part)
        return f"{REMOTE}:{path}"

    def put(self, file: Path, *name: str) -> None:
        """Upload a file; what is there already with the same checksum is not sent again."""
        try:
            self._run("copyto", "--checksum", "--no-traverse", str(file), self.name(*name))
        except StorageError as error:
            raise self._cause_of(error) from None

    def put_text(self, text: str, *name: str) -> None:
        """Write a small object."""
        self._run("rcat", self.name(*name), stdin=text, timeout_seconds=4 * IDLE_SECONDS)

    def read_back(self, *name: str) -> tuple[int, str]:
        """Size and SHA-256 of an object as it comes back from the storage, byte by byte."""
        try:
            return self._read(*name)
        except StorageError as error:
            raise self._cause_of(error) from None

    def _read(self, *name: str) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        with subprocess.Popen(
            [self.root.program("rclone"), *FLAGS, "cat", self.name(*name)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": self.root.search_path, **self.environment},
        ) as process:
            assert process.stdout and process.stderr
            while block := process.stdout.read(1 << 20):
                digest.update(block)
                size += len(block)
            words = without_logins(process.stderr.read().decode(errors="replace"), self.environment)
        if process.returncode != 0:
            raise self._trouble(words)
        return size, digest.hexdigest()

    def remove(self, *name: str) -> None:
        """Delete an object."""
        self._run("deletefile", self.name(*name), timeout_seconds=4 * IDLE_SECONDS)

    def probe(self) -> None:
        """Write an object, read it back, delete it again; one process at a time, as it is always that one."""
        name, text = self.place["probe"], f"{self.recorder} can write here.\n"
        with self._alone():
            self.put_text(text, name)
            found = self._read(name)
            wanted = (len(text), hashlib.sha256(text.encode()).hexdigest())
            if found != wanted:
                raise HostError(
                    self.where(), "returns other content than was written", "do not use this storage"
                )
            self.remove(name)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """The uploader and a verification probe with the same object, and either would miss it."""
        # the folder itself is locked: a file for it would be one more that is no recording
        descriptor = os.open(self.queue, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _cause_of(self, error: StorageError) -> HostError:
        """Why a transfer failed, by a small question: may we write, read and delete here?

        A storage that refuses early closes the line under a large file, and its reason gets lost on the way.
        Raises HostError with what the small question found; if that is well, the transfer itself is to blame.
        """
        self.probe()
        return HostError(self.where(), *meaning(error.words, answers=True))

    def where(self) -> str:
        """The storage in words."""
        return f"bucket {self.place['bucket']} at {self.place.get('endpoint', 'Amazon S3')}"

    def _run(self, *words: str, stdin: str | None = None, timeout_seconds: float = TRANSFER_SECONDS) -> None:
        result = self.root.run(
            ["rclone", *FLAGS, *words], stdin=stdin, timeout_seconds=timeout_seconds, env=self.environment
        )
        if result.code != 0:
            raise self._trouble(result.err or result.out)

    def _trouble(self, words: str) -> StorageError:
        return StorageError(self.where(), words)


# Attempts over minutes are rclone's, those over hours and days ours.
FLAGS = (
    "--config=/dev/null",
    "--retries=1",
    "--low-level-retries=4",
    f"--contimeout={CONNECT_SECONDS}s",
    f"--timeout={IDLE_SECONDS}s",
    "--stats=0",
    "--log-level=NOTICE",
)


def address(place: Json) -> str:
    """Where the storage answers; Amazon's has a name for each bucket."""
    return place.get("endpoint") or f"https://{place['bucket']}.s3.{place['region']}.amazonaws.com"


def environment(place: Json, keys: Json | None, root: Root) -> dict[str, str]:
    """rclone's settings as its environment: nobody but its own user sees that of a process."""
    prefix = f"RCLONE_CONFIG_{REMOTE.upper()}_"
    values = {
        "TYPE": "s3",
        "PROVIDER": "Other" if "endpoint" in place else "AWS",
        "REGION": place["region"],
        # neither made nor asked for: keys need not have the right to
        "NO_CHECK_BUCKET": "true",
    }
    if "endpoint" in place:
        values["ENDPOINT"] = place["endpoint"]
    else:
        # rclone always names an ACL, and a bucket of another account whose ACLs are off refuses its "private"
        values["ACL"] = "bucket-owner-full-control"
    if keys is None:
        values["ENV_AUTH"] = "true"
    else:
        values |= {"ACCESS_KEY_ID": keys["accessKey"], "SECRET_ACCESS_KEY": keys["secretKey"]}
    more = {"RCLONE_CA_CERT": str(root.path(place["authorities"]))} if "authorities" in place else {}
    return {
        **{prefix + key: value for key, value in values.items()},
        **more,
        "LC_ALL": "C.UTF-8",
        "HOME": "/",
    }
