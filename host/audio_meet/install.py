"""What the bootstrap step executes on a host, with `modules` (path → text): they install themselves.

This module alone is read by whatever Python a host has; the others need OLDEST_PYTHON.
"""

from __future__ import annotations

import importlib
import socket
import sys
import tempfile
import zipfile
from pathlib import Path

# Ubuntu 22.04 has it. The other modules do not even load with an older one; this one does, and says so.
OLDEST_PYTHON = (3, 10)


def refusal(version: tuple[int, ...] = tuple(sys.version_info[:2])) -> str:
    """Why this host cannot run the helper; empty where it can. Said before anything is written."""
    if version >= OLDEST_PYTHON:
        return ""
    found, oldest = (".".join(map(str, each)) for each in (version, OLDEST_PYTHON))
    cause = f"version {found}, but the helper needs {oldest} or newer"
    remedy = "use a server with Ubuntu 22.04 or 24.04, or Debian 12 or 13"
    return f"audio-meet: {socket.gethostname()}: python3: {cause}; {remedy}"


def bootstrap(modules: dict[str, str]) -> None:
    """The first step over SSH. Where this host cannot be worked on it says why, and writes nothing."""
    if refusal():
        sys.exit(refusal())
    with tempfile.TemporaryDirectory() as folder:
        archive = Path(folder, "audio_meet.zip")
        with zipfile.ZipFile(archive, "w") as file:
            for name, text in modules.items():
                file.writestr(f"audio_meet/{name}", text)
        sys.path.insert(0, str(archive))
        limits = importlib.import_module("audio_meet.system.ssh_limits")
        installation = importlib.import_module("audio_meet.installation")

    def work() -> int:
        print(installation.install(modules), flush=True)
        return 0

    try:
        limits.within(limits.Root(), work, is_first=True)
    except limits.HostError as error:
        sys.exit(error.line(socket.gethostname()))


if "modules" in globals():  # executed by the bootstrap step
    bootstrap(globals()["modules"])
