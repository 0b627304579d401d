"""The `recorder` verb: `prepare` before jibri starts, `stop` at its end, `guard` always, `retry` by hand."""

from __future__ import annotations

import os
import time
from pathlib import Path

from ..network import answers, http_local
from ..network.answers import Down, Known
from ..system import systemd
from ..system.errors import HostError
from ..system.root import Root
from ..system.summary import say
from . import browser, jibri, notices, postponed, upload_config, upload_queue
from .upload_config import USER, Config

# By whom the folders are used: jibri and its browser, and the uploader, which is in jibri's group.
SHARED = ("recordings", "handover", "queue", "kept")
# jibri was stopped for want of room, and is started once there is some. A reboot forgets it.
FULL = "/run/audio-meet-recorder/full"
STOP_SECONDS = 80
ORDER_TO_STOP = jibri.INTERNAL + "shutdown"
UPLOAD = "audio-meet-upload.service"


def prepare(root: Root, config: Config) -> str:
    """Before jibri starts: folders, room on the disk, a driver for its browser, and what a crash has left."""
    make_folders(root, config)
    # first: what a crash left may be the very thing that fills the disk, and only the uploader takes it away
    left = hand_over(root, config)
    low = config.raw["disk"]["stopBelowPercent"]
    free = config.free_percent()
    if free < low:
        raise HostError(
            str(config.folder),
            f"{free:.1f} % of the disk is free, a recording needs {low} %",
            "free disk space; jibri then starts by itself",
        )
    fetched = browser.fetch_driver(root, config)
    parts = [f"queued for upload: {', '.join(left)}"] if left else []
    return "; ".join([*parts, *([fetched] if fetched else []), f"{free:.0f} % of the disk free"])


def make_folders(root: Root, config: Config) -> None:
    """The folders below the one that systemd made."""
    user, group = root.user_id(USER, str(config.folder)), root.group_id(USER, str(config.folder))
    for name in SHARED:
        folder = config.folder / name
        folder.mkdir(exist_ok=True)
        # who makes a folder in it does so for the group
        os.chown(folder, user if name in ("recordings", "handover") else os.getuid(), group)
        folder.chmod(0o2770)


def hand_over(root: Root, config: Config) -> list[str]:
    """What jibri left where it wrote it, because it or the machine went down; returns the names."""
    left = []
    for folder in sorted(path for path in config.recordings.iterdir() if path.is_dir()):
        if not any(path.is_file() for path in folder.rglob("*")):
            _remove_empty(folder)
            continue
        script = config.raw["jibri"]["finalize"]
        result = root.run(["runuser", "-u", USER, "--", script, str(folder)], timeout_seconds=60)
        if result.code != 0:
            root.note(f"{folder.name} could not be queued for upload: {result.last_line()}")
            continue
        left.append(folder.name)
    return left


def _remove_empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir()
    folder.rmdir()


def stop(root: Root, config: Config) -> str:
    """End what jibri does, as if somebody had pressed stop, and wait until it is gone.

    A jibri that answers late is told again: else systemd would cut its recording when this returns.
    """
    urls, unit = config.raw["jibri"], config.raw["jibri"]["unit"]
    deadline = time.monotonic() + STOP_SECONDS
    told = answers.ask(
        root, unit, lambda: http_local.request(urls["internal"], ORDER_TO_STOP, post=True), STOP_SECONDS
    )
    if isinstance(told, Down):
        return f"{told.reason}, nothing to end"
    while isinstance(told, Known) and time.monotonic() < deadline:
        answer = answers.ask(root, unit, lambda: jibri.status(urls["health"]), 0)
        if isinstance(answer, Down):
            return "jibri has stopped, its recording is queued for upload"
        time.sleep(root.poll_seconds)
    raise HostError(unit, f"still runs after {STOP_SECONDS} s", "systemd will kill it")


def retry(root: Root, config: Config) -> str:
    """Try every recording that waits now, whatever its pause; HostError with the reason of one that stays."""
    upload_queue.hurry(config)
    try:
        systemd.order(root, "start", UPLOAD)
    except HostError:
        waiting = upload_queue.waiting(config)
        # whoever was tried just now has a pause again
        tried = [folder for folder in waiting if upload_queue.remembered(folder).get("next")]
        if tried:
            raise HostError(
                f"{len(waiting)} recordings are waiting",
                upload_queue.why(tried[-1]),
                "correct that; the recordings are safe here and are uploaded automatically then",
            ) from None
        if systemd.show(root, [UPLOAD])[UPLOAD].get("ActiveState") != "activating":
            raise
        return f"{len(waiting)} recordings are waiting, and the uploader is working on them"
    return f"{len(upload_queue.waiting(config))} recordings are waiting"


def guard(root: Root, config: Config) -> str:
    """Watch the disk: no new recording while it is nearly full, none at all when it is fuller.

    Returns what was done, "" where there was nothing to do.
    """
    make_folders(root, config)
    levels, free = config.raw["disk"], config.free_percent()
    unit = config.raw["jibri"]["unit"]
    mark = root.path(FULL)
    state = systemd.show(root, [unit])[unit]
    is_up = systemd.is_up(state)
    if state.get("ActiveState") in ("inactive", "failed"):
        # it was ended the hard way, and nobody else comes by before it starts again
        hand_over(root, config)
    if free < levels["endBelowPercent"] and is_up:
        _say_once(config, mark, free)
        systemd.order(root, "stop", unit)
        return (
            f"{free:.1f} % of the disk is free: the recorder was stopped and its recording queued for upload"
        )
    if free < levels["stopBelowPercent"]:
        is_new = _say_once(config, mark, free)
        if is_up:
            jibri.end_when_idle(root, config)
        return f"{free:.1f} % of the disk is free: no new recordings" if is_new else ""
    if mark.exists() and free <= levels["resumeAbovePercent"]:
        return ""
    parts = [postponed.catch_up(root, config)]
    # a recording that still runs ends first, and jibri with it: started now, it would be down after that
    if mark.exists() and not is_up:
        systemd.try_order(root, "reset-failed", unit)
        systemd.order(root, "start", unit)
        mark.unlink()
        notices.leave(config, config.queue, "recorder.free", freePercent=round(free, 1))
        parts.append(f"{free:.1f} % of the disk is free again: the recorder accepts recordings")
    return "; ".join(part for part in parts if part)


def _say_once(config: Config, mark: Path, free: float) -> bool:
    if mark.exists():
        return False
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
    notices.leave(config, config.queue, "recorder.full", freePercent=round(free, 1))
    return True


ACTIONS = {"prepare": prepare, "stop": stop, "guard": guard, "retry": retry}


def run(root: Root, arguments: list[str]) -> int:
    """The verb `recorder ACTION FILE`."""
    return say(root, ACTIONS[arguments[1]](root, upload_config.read(root, arguments[2])))
