"""Restarts that wait for the end of a recording: in the middle of it they would cut it in two.

jibri is told to end once it is idle, so that no other recording comes first. The guard, which systemd runs
when jibri's unit has ended so, restarts what was put off. A reboot forgets all this: everything starts anew.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json

from ..network.answers import Down, Unknown
from ..system import systemd
from ..system.errors import HostError
from ..system.root import Root
from . import jibri, upload_config
from .upload_config import Config

# Sound, screen, windows and jibri itself, in the order in which they start.
UNITS = ("audio-meet-sound.service", "jibri-xorg.service", "jibri-icewm.service", "jibri.service")
# What services/jibri/upload.ts writes on a recorder, and on no other host.
CONFIG = "/etc/audio-meet/recorder/upload.json"
# A JSON list of units. The folder is the guard's RuntimeDirectory, and goes with it.
DUE = "/run/audio-meet-recorder/due"

# What to do with a jibri that never answers.
HANGS = f"if this continues, jibri hangs: systemctl restart {UNITS[-1]} ends and uploads its recording"

Step = tuple[str, str]  # verb, unit


def put_off(root: Root, steps: list[Step]) -> list[str]:
    """Units whose restart has to wait, none while nothing is recorded; they are noted, and jibri is told.

    Raises HostError where a jibri that runs does not say whether it records: nothing was restarted then.
    """
    waiting = [unit for verb, unit in steps if verb == "restart" and unit in UNITS]
    if not waiting or not root.path(CONFIG).is_file():
        return []
    config = upload_config.read(root, CONFIG)
    answer = jibri.recording(root, config, root.answer_seconds)
    if isinstance(answer, Unknown):
        raise answer.error(
            "whether a recording runs", UNITS[-1], "nothing was restarted; try again; " + HANGS
        )
    if isinstance(answer, Down) or not answer.value:
        return []
    # jibri ends in any case, and starts last
    _remember(root, {*due(root), *waiting, UNITS[-1]})
    jibri.end_when_idle(root, config)
    return waiting


def due(root: Root) -> list[str]:
    """Units that wait for the end of a recording, in the order in which they start."""
    try:
        return list(json.loads(root.read(DUE)))
    except FileNotFoundError:
        return []


def forget(root: Root) -> None:
    """Nothing waits any more."""
    root.path(DUE).unlink(missing_ok=True)


def catch_up(root: Root, config: Config) -> str:
    """Restart what waits if jibri has ended; returns what was done, "" where there was nothing to do."""
    units = due(root)
    if not units:
        return ""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(dataclasses.replace(root, lock_seconds=0).lock("recorder guard"))
        except HostError:
            return ""  # a step is at work on these very units; the next run is half a minute away
        state = systemd.show(root, [UNITS[-1]])[UNITS[-1]].get("ActiveState")
        if state == "active":
            # it may be another process than the one that was told
            jibri.end_when_idle(root, config)
        if state not in ("inactive", "failed"):
            return ""
        systemd.try_order(root, "reset-failed", *units)
        for unit in units:
            systemd.order(root, "start" if unit == UNITS[-1] else "restart", unit)
        forget(root)
    return f"the recording has ended, restarted with the new settings: {names(units)}"


def names(units: list[str]) -> str:
    """Units as people call them."""
    return ", ".join(unit.removesuffix(".service") for unit in units)


def words(units: list[str]) -> str:
    """What a summary says of units that were put off."""
    return f"{names(units)} {'restarts' if len(units) == 1 else 'restart'} when the recording ends"


def _remember(root: Root, units: set[str]) -> None:
    file = root.path(DUE)
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(".new")
    temporary.write_text(json.dumps([unit for unit in UNITS if unit in units]), encoding="utf-8")
    temporary.replace(file)
