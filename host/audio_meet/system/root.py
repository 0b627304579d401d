"""The machine as the helper sees it: its file tree, its commands, its clock and its lock.

Tests build a Root over an empty folder with their own commands on PATH; nothing else differs from a server.
"""

from __future__ import annotations

import contextlib
import fcntl
import grp
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .errors import HostError

# Code of a command that did not end in time, and of a program that is not there, as a shell has them.
TIMEOUT = 124
MISSING = 127
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def text_of(file: Path) -> str:
    """Text of a file: UTF-8 whatever the locale. Bytes that are none, in files of others, become marks."""
    return file.read_text(encoding="utf-8", errors="replace")


def without_logins(text: str, environment: Mapping[str, str]) -> str:
    """What a program said, without the logins of the proxies that its environment names."""
    proxies = [value for name, value in environment.items() if name.lower().endswith("_proxy")]
    for login in (value.rpartition("@")[0].partition("://")[2] for value in proxies if "@" in value):
        text = text.replace(login, "…").replace(login.partition(":")[2] or login, "…")
    return text


@dataclass(frozen=True)
class Result:
    """How a command ended; the code may be TIMEOUT or MISSING."""

    code: int
    out: str
    err: str

    def last_line(self) -> str:
        """The last line that says anything, from stderr first."""
        lines = [line.strip() for line in (self.err or self.out).splitlines() if line.strip()]
        return lines[-1] if lines else f"exit code {self.code}"


@dataclass
class Root:
    """File tree below `prefix`, commands found on `search_path`, and the waits that tests shorten."""

    prefix: Path = Path("/")
    search_path: str = SEARCH_PATH
    default_owner: tuple[str, str] = ("root", "root")
    lock_seconds: float = 600.0
    stay_up_seconds: float = 1.5
    poll_seconds: float = 0.5
    settle_seconds: float = 20.0
    # How long a daemon that does not answer is asked before that counts as "not known". A busy machine has
    # kept an answer back for more than five seconds.
    answer_seconds: float = 60.0
    # How long refused connections in a row last that say that nothing runs: a cold JVM listens after 8 s.
    refused_seconds: float = 10.0
    # For all waits of a run together: half of what a step may take (components/host/step.ts).
    patience_seconds: float = 900.0
    progress_seconds: float = 30.0
    notes: list[str] = field(default_factory=list)
    # Seconds of the epoch; tests set it.
    now: Callable[[], float] = time.time

    def path(self, name: str) -> Path:
        """Where the host's absolute path `name` lies in this tree."""
        return self.prefix / name.lstrip("/")

    def read(self, name: str) -> str:
        """Text of the host's file `name`, as `text_of` gives it."""
        return text_of(self.path(name))

    def note(self, text: str) -> None:
        """Remember a remark that belongs behind the summary line."""
        if text not in self.notes:
            self.notes.append(text)

    def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout_seconds: float = 60.0,
        env: Mapping[str, str] | None = None,
    ) -> Result:
        """Run a command to its end. It gets no terminal, no inherited environment and its own process group.

        The group is ended as a whole at the timeout; a lost SSH connection does not reach it, so that dpkg is
        never interrupted by one.
        """
        environment = {"PATH": self.search_path, "LC_ALL": "C.UTF-8", "HOME": "/root", **(env or {})}
        argv = [self.program(argv[0]), *argv[1:]]
        try:
            process = subprocess.Popen(
                argv,
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                cwd="/",
                env=environment,
                start_new_session=True,
            )
        except FileNotFoundError:
            return Result(MISSING, "", f"{argv[0]}: not installed")
        try:
            out, err = process.communicate(stdin, timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return Result(TIMEOUT, "", f"did not end within {timeout_seconds:g} s")
        out, err = (without_logins(said, environment) for said in (out, err))
        return Result(process.returncode, out, err)

    def has(self, program: str) -> bool:
        """Whether a program is on the search path."""
        return self.program(program) != program

    def program(self, program: str) -> str:
        """Where a command is on the search path; its own name where it is not."""
        if "/" in program:
            return program
        for folder in self.search_path.split(":"):
            candidate = os.path.join(folder, program)
            if os.access(candidate, os.X_OK):
                return candidate
        return program

    def user_id(self, name: str, path: str) -> int:
        """Numeric id of a user that a managed file names."""
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            raise HostError(
                path, f"owner {name!r} does not exist on this host", "install the package that creates it"
            ) from None

    def group_id(self, name: str, path: str) -> int:
        """Numeric id of a group that a managed file names."""
        try:
            return grp.getgrnam(name).gr_gid
        except KeyError:
            raise HostError(
                path, f"group {name!r} does not exist on this host", "install the package that creates it"
            ) from None

    def host(self) -> str:
        """The host's own name, for messages and summaries."""
        return socket.gethostname()

    @contextlib.contextmanager
    def lock(self, verb: str) -> Iterator[None]:
        """Hold the host's lock; waits for another run for at most `lock_seconds`, then says who holds it."""
        file = self.path("/run/audio-meet.lock")
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._acquire(descriptor)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{verb} (process {os.getpid()})".encode(), 0)
            yield
            os.ftruncate(descriptor, 0)
        finally:
            os.close(descriptor)

    def _acquire(self, descriptor: int) -> None:
        deadline = time.monotonic() + self.lock_seconds
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    holder = os.pread(descriptor, 200, 0).decode(errors="replace") or "another run"
                    raise HostError(
                        "/run/audio-meet.lock",
                        f"held by {holder} for more than {self.lock_seconds:g} s",
                        "wait for that run to end, then try again",
                    ) from None
                time.sleep(0.1)
