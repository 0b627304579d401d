"""What every module of the lab needs: its error, its progress lines and a way to run programs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence

_began = time.monotonic()


class LabError(Exception):
    """One line for the user: what is wrong, why, and what to do about it."""


def progress(text: str) -> None:
    """Print `text` on stderr behind the seconds since this program began."""
    print(f"[{time.monotonic() - _began:6.1f} s] {text}", file=sys.stderr, flush=True)


def run(argv: Sequence[str], *, stdin: str | None = None, timeout_seconds: float = 60) -> str:
    """Run a program and return its stdout. `stdin` never appears in an error.

    Raises LabError with the program's last line of stderr when it fails or takes too long.
    """
    try:
        done = subprocess.run(
            argv,
            input=stdin,
            stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_seconds,
            check=False,
        )
    except FileNotFoundError as error:
        raise LabError(f"{argv[0]} is not installed; run `lab prepare`") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"`{' '.join(argv)}` took longer than {timeout_seconds:.0f} s") from error
    if done.returncode != 0:
        why = (done.stderr.strip() or f"exit status {done.returncode}").splitlines()[-1]
        raise LabError(f"`{' '.join(argv)}` failed: {why}")
    return done.stdout


def wait_until(condition: Callable[[], bool], timeout_seconds: float, pause_seconds: float = 0.05) -> bool:
    """Ask `condition()` again and again; False if it is not true within `timeout_seconds`."""
    end = time.monotonic() + timeout_seconds
    while not condition():
        if time.monotonic() >= end:
            return False
        time.sleep(pause_seconds)
    return True
