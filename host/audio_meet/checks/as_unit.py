"""Checks that a unit answers for itself: as its user, in its sandbox, with its credentials and its network.

Root reads what a daemon may not, and gets out where a rule of a firewall keeps a user in. So a check of what
a daemon does is asked in a twin of the daemon's unit: the same settings, the operator's drop-ins included,
with another command.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..packages import repositories
from ..system import systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.places import ENTRY
from ..system.root import Root, text_of

Check = Callable[[Root, Json], tuple[bool, str]]
# Gone with a reboot; systemd reads units here beside those in /etc (systemd.unit(5)).
UNITS = "/run/systemd/system"
ANSWERS = "/run/audio-meet-answers"
PREFIX = "audio-meet-check-"
# rclone's own patience with a storage that does not answer, four times (storage.py).
LONGEST_SECONDS = 300
# What a twin does not take over: commands, being a daemon, and the end of folders that the daemon lives in.
INSTEAD = """
Type=oneshot
ExecCondition=
ExecStartPre=
ExecStart=
ExecStart={entry} answer
ExecStartPost=
ExecReload=
ExecStop=
ExecStopPost=
Restart=no
RemainAfterExit=no
PIDFile=
WatchdogSec=0
NotifyAccess=none
RuntimeDirectoryPreserve=yes
RemoveIPC=no
LogLevelMax=notice
TimeoutStartSec={seconds}
StandardInput=data
StandardInputText=
StandardInputData=
StandardInputData={document}
StandardOutput=file:{answer}
StandardError=inherit
"""


class Told(NamedTuple):
    """What a unit found; `root_gets_through`: root, who was asked after a failure, found nothing wrong."""

    ok: bool
    detail: str
    root_gets_through: bool = False


def ask(root: Root, check: Json, as_root: Check) -> Told:
    """Ask `check` as the unit that it names; after a failure root is asked by `as_root`, as well."""
    unit = check["unit"]
    ok, detail = _answer(root, unit, check)
    if ok:
        return Told(ok, detail)
    try:
        through, _ = as_root(root, check)
    except (HostError, OSError):
        through = False
    if not through:
        return Told(ok, detail)
    where = f"the rights on files, the settings of {unit} (systemctl cat) and firewall rules by user"
    return Told(
        ok, f"{unit}: {detail}; the same check works as root, so check {where}", root_gets_through=True
    )


def _answer(root: Root, unit: str, check: Json) -> tuple[bool, str]:
    settings = settings_of(root, unit)
    name = twin_of(unit)
    file, answer = f"{UNITS}/{name}", root.path(f"{ANSWERS}/{name}")
    with _alone(root):
        answer.unlink(missing_ok=True)
        since = time.time()
        repositories.write_text(root, file, twin(unit, settings, check, answer))
        try:
            # its own limit comes first
            root.run(["systemctl", "start", "--", name], timeout_seconds=LONGEST_SECONDS + 30)
            said = text_of(answer) if answer.exists() else ""
            return _read(said) or (False, _cause(root, name, said, since))
        finally:
            repositories.write_text(root, file, "")
            answer.unlink(missing_ok=True)


def twin_of(unit: str) -> str:
    """Name of the unit in which `unit` is asked; a unit of somebody else in /etc would come before it."""
    return PREFIX + unit.removeprefix("audio-meet-")


def clear(root: Root) -> None:
    """Take away what a verification left that was killed."""
    for file in root.path(UNITS).glob(f"{PREFIX}*.service"):
        file.unlink()
    shutil.rmtree(root.path(ANSWERS), ignore_errors=True)


def settings_of(root: Root, unit: str) -> str:
    """Lines of the sections [Service] of a unit and its drop-ins, in the order that systemd reads them."""
    told = root.run(["systemctl", "cat", "--", unit])
    if told.code != 0:
        raise HostError(unit, told.last_line(), "pulumi up installs it again")
    kept, inside = [], False
    for line in told.out.splitlines():
        if line.startswith("["):
            inside = line.strip() == "[Service]"
        elif inside:
            kept.append(line)
    return "\n".join(kept)


def twin(unit: str, settings: str, check: Json, answer: Path) -> str:
    """Text of the unit in which `check` is asked, with the settings of `unit`."""
    document = base64.b64encode(json.dumps(check).encode()).decode()
    instead = INSTEAD.format(
        entry=ENTRY, seconds=LONGEST_SECONDS, document=document, answer=str(answer).replace("%", "%%")
    )
    about = (
        f"[Unit]\nDescription=Audio Meet: check with the rights of {unit}\nCollectMode=inactive-or-failed\n"
    )
    return f"{about}\n[Service]\n{settings}\n{instead}"


def _read(said: str) -> tuple[bool, str] | None:
    """The answer is the last line; a daemon's user without rights gets no further than an error of Python."""
    try:
        ok, detail = json.loads(said.splitlines()[-1])
    except (ValueError, IndexError, TypeError):
        return None
    return bool(ok), str(detail)


def _cause(root: Root, name: str, said: str, since: float) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    cause = lines[-1][:300] if lines else systemd.last_words(root, name, since)
    return f"cannot run its check: {cause}"


@contextlib.contextmanager
def _alone(root: Root) -> Iterator[None]:
    """A verification and a look at the health at the same time would write the same unit."""
    folder = root.path(ANSWERS)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
