"""Processes known by PID and start time, so that a PID that was given out again is never signalled."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from base import wait_until

SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#: For everything that outlives a command: nothing of the caller's may leak into /proc/PID/environ.
CLEAN_ENVIRONMENT = {"PATH": SEARCH_PATH, "LANG": "C.UTF-8"}


def parse_stat(text: str) -> tuple[str, int, int]:
    """State letter, parent's PID and start time (clock ticks since boot) of a /proc/PID/stat line.

    The command name may hold spaces and brackets: fields are counted from its last `)` (proc_pid_stat(5)).
    """
    fields = text[text.rindex(")") + 2 :].split()
    return fields[0], int(fields[1]), int(fields[19])


def _stat(pid: int) -> tuple[str, int, int] | None:
    try:
        return parse_stat(Path(f"/proc/{pid}/stat").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return None


def boot_id() -> str:
    """Identity of this boot of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


@dataclass(frozen=True)
class Identity:
    """One process and no other: PID, start time in clock ticks since boot, and which boot."""

    pid: int
    start_ticks: int
    boot: str

    @staticmethod
    def of(pid: int) -> Identity | None:
        """The process that has `pid` now; None if there is none."""
        stat = _stat(pid)
        return Identity(pid, stat[2], boot_id()) if stat else None

    def alive(self) -> bool:
        """True while exactly this process runs (a zombie does not)."""
        stat = _stat(self.pid)
        return (
            stat is not None
            and stat[0] not in "ZX"
            and stat[2] == self.start_ticks
            and self.boot == boot_id()
        )

    def signal(self, number: int) -> None:
        """Send a signal, if the process is still this one."""
        if self.alive():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def end(self, timeout_seconds: float = 5) -> None:
        """SIGTERM, and SIGKILL when that was not enough within `timeout_seconds`."""
        self.signal(signal.SIGTERM)
        if not wait_until(lambda: not self.alive(), timeout_seconds):
            self.kill()

    def kill(self) -> None:
        """SIGKILL, and wait until the process is gone."""
        self.signal(signal.SIGKILL)
        wait_until(lambda: not self.alive(), 5)

    def child(self) -> Identity | None:
        """The first child of this process; for systemd-nspawn that is PID 1 of the guest."""
        if not self.alive():
            return None
        for entry in Path("/proc").iterdir():
            stat = _stat(int(entry.name)) if entry.name.isdigit() else None
            if stat and stat[1] == self.pid and stat[0] not in "ZX":
                return Identity.of(int(entry.name))
        return None


def detach(argv: Sequence[str], log: Path, before_exec: Callable[[], None] | None = None) -> Identity:
    """Start a program in a session of its own that shares no file, terminal or environment with the caller.

    Its output goes to the end of `log`. Raises FileNotFoundError if there is no such program.
    """
    with log.open("ab") as output:
        started = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            env=CLEAN_ENVIRONMENT,
            start_new_session=True,
            preexec_fn=before_exec,
        )
    identity = Identity.of(started.pid)
    assert identity is not None  # our own child is at least a zombie until we wait for it
    started.returncode = 0  # it shall outlive us: keeps Popen from warning that it still runs
    return identity
