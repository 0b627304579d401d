"""Lock files between commands that run at the same time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from base import progress


@contextmanager
def locked(path: Path, what: str) -> Iterator[None]:
    """Hold the lock file `path`; `what` says in a progress line whom one waits for.

    The file may be removed by its holder: whoever waited for a removed file tries again with the new one.
    """
    while (descriptor := _try_lock(path, what)) is None:
        pass
    try:
        yield
    finally:
        os.close(descriptor)


def _try_lock(path: Path, what: str) -> int | None:
    """An open and locked descriptor of `path`; None if the file or its folder was removed meanwhile."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        progress(f"waiting for another command that works on {what}")
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        if os.fstat(descriptor).st_ino == path.stat().st_ino:
            return descriptor
    except FileNotFoundError:
        pass
    os.close(descriptor)
    return None
