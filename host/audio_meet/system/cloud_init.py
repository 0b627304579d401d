"""cloud-init: a machine that is still being set up by its cloud is left alone until that is over."""

from __future__ import annotations

from .root import TIMEOUT, Result, Root
from .waiting import Waiting

REMEDY = "see cloud-init status --long and /var/log/cloud-init-output.log, then try again"
# cloud-init's words for a boot in which it has not begun ("not run" before 24.1), and systemd's for one
# that is still under way (systemctl(1), is-system-running).
BEFORE = ("not run", "not started")
BOOTING = ("initializing", "starting")


def wait(root: Root) -> None:
    """Wait until cloud-init has ended, whatever came of it; errors of its own become a note.

    Where there is none, or where it is switched off, nothing is waited for. HostError at the deadline.
    """
    if not root.has("cloud-init"):
        return
    waiting = Waiting(root, REMEDY)
    result = root.run(["cloud-init", "status"])
    while _works(root, result):
        waiting.more("cloud-init", "sets up this machine", 4 * root.poll_seconds)
        result = root.run(["cloud-init", "status"])
    waiting.over()
    # 1: it failed; 2: it went past errors (from 23.4 on)
    if result.code != 0:
        said = _state_in(result.out) or result.last_line()
        root.note(f"cloud-init ended with errors ({said}): see cloud-init status --long")


def _works(root: Root, result: Result) -> bool:
    """Whether cloud-init has something to do in this boot; one that does not answer in time may have."""
    state = _state_in(result.out)
    return result.code == TIMEOUT or state == "running" or (state in BEFORE and _boots(root))


def _state_in(text: str) -> str:
    """The word behind "status:"; "" where there is none."""
    rows = [line.partition(":") for line in text.splitlines()]
    return next((value.strip() for key, _, value in rows if key.strip() == "status"), "")


def _boots(root: Root) -> bool:
    return root.run(["systemctl", "is-system-running"]).out.strip() in BOOTING
