"""What a running Prosody says in its shell."""

from __future__ import annotations

import re

from ..system.root import Result, Root
from .programs import prosodyctl

TIMEOUT_SECONDS = 15
SHOWN = re.compile(r"^OK: .*sessions? shown", re.MULTILINE)
JID = re.compile(r"([^\s|/]+@[^\s|/]+)(/[^\s|]+)?")


def ask(root: Root, config: str, *words: str) -> Result:
    """The answer to a command, which cuts its columns to the width of the terminal, 80 without one."""
    command = prosodyctl(root, config, "shell", *words)
    return root.run(command, timeout_seconds=TIMEOUT_SECONDS, env={"COLUMNS": "1000"})


def sessions(root: Root, config: str, *, bound: bool = False) -> tuple[list[str], str]:
    """Bare JIDs of the client sessions, or the reason why it does not tell.

    `bound`: without those that have only shown a password, as a verification does.
    """
    result = ask(root, config, "c2s", "show")
    # without its last line the list may be half of one, or an error with a good exit code
    if result.code != 0 or not SHOWN.search(result.out):
        return [], f"prosodyctl shell: {result.last_line()}"
    return [bare for bare, resource in JID.findall(result.out) if resource or not bound], ""
