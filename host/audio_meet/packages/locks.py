"""The locks of apt, dpkg and debconf: who holds one, and how to wait until nobody does.

apt waits for dpkg's locks alone (DPkg::Lock::Timeout); with the one of its lists or archives held it ends at
once, in every version from 2.2 to 3.0. On a fresh machine they are held for minutes by apt-daily,
unattended-upgrades or cloud-init.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from ..network import sockets
from ..system.root import Result, Root
from ..system.waiting import Waiting

# Locked with fcntl(2) by apt-get, dpkg and python-apt while they work.
LOCKS = (
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/lib/apt/lists/lock",
    "/var/cache/apt/archives/lock",
)
# Locked with flock(2), as Perl does it.
DEBCONF = "/var/cache/debconf/config.dat"
# What apt-get, dpkg, debconf and `dpkg --audit` say that found one of them held.
REFUSED = re.compile(
    r"Could not get lock|is another process using it\?|locked by another process|Another process has locked"
)
REMEDY = "wait until it has ended, or see what blocks it (systemctl list-jobs; ps), then try again"
# struct flock of fcntl(2) on 64-bit Linux: type, whence, start, length, process.
FLOCK = "hhqqi4x"


class Holder(NamedTuple):
    """A process that holds the lock `path`."""

    path: str
    owner: sockets.Owner

    def __str__(self) -> str:
        unit = f", {self.owner.unit}" if self.owner.unit else ""
        return f"{self.owner.name} (process {self.owner.pid}{unit})" if self.owner.pid else "another process"


def undisturbed(root: Root, action: Callable[[], Result], *, asks: bool = False) -> Result:
    """Run what works with packages once nobody else does; again if somebody was quicker.

    With `asks` the action is a question, whose answer says nothing if somebody began to work meanwhile.
    HostError with the holder's name once the patience is at its end.
    """
    waiting = Waiting(root, REMEDY)
    while True:
        while found := held(root):
            waiting.more(str(found), f"holds {found.path}")
        result = action()
        if not REFUSED.search(result.out + result.err) and not (asks and held(root)):
            waiting.over()
            return result
        waiting.more("another process", "is changing packages")


def wait(root: Root) -> None:
    """Wait until nobody works with packages; HostError as in `undisturbed`."""
    undisturbed(root, lambda: Result(0, "", ""), asks=True)


def held(root: Root) -> Holder | None:
    """The first of the locks that somebody holds, and who it is."""
    for path in (*LOCKS, DEBCONF):
        with suppress(FileNotFoundError):
            pid = _holder(root, path)
            if pid is not None:
                return Holder(path, sockets.process_of(root, pid))
    return None


def _holder(root: Root, path: str) -> int | None:
    """Process that holds a lock; 0 for one that cannot be seen from here, None for nobody."""
    if path == DEBCONF:
        return _flock_holder(root)
    descriptor = os.open(root.path(path), os.O_RDONLY | os.O_CLOEXEC)
    try:
        asked = struct.pack(FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = struct.unpack(FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
        return None if kind == fcntl.F_UNLCK else max(pid, 0)
    finally:
        os.close(descriptor)


def _flock_holder(root: Root) -> int | None:
    """flock(2) can only try, which would be in the way of others; proc_locks(5) says who holds it."""
    info = root.path(DEBCONF).stat()
    place = f"{os.major(info.st_dev):02x}:{os.minor(info.st_dev):02x}:{info.st_ino}"
    rows = [line.split() for line in root.read("/proc/locks").splitlines()]
    return next((max(int(row[4]), 0) for row in rows if row[1] == "FLOCK" and row[5] == place), None)
