"""The `drain-recorder` verb: a recorder goes when all that it has recorded is in the bucket, not before."""

from __future__ import annotations

import time

from . import http_local, jibri, postponed, recorder, systemd, upload_queue
from .errors import HostError
from .manifest import Json
from .recorder_config import Config, parse
from .root import Root

# What would start jibri, or the uploader, by itself meanwhile.
TIMERS = ("audio-meet-disk-guard.timer", "audio-meet-upload.timer", "audio-meet-upload.path")


def drain(root: Root, value: Json) -> str:
    """Let a recording end, stop jibri, bring everything to the bucket; HostError while something is left."""
    config = parse(root, value, more={"deadlineMinutes": float})
    if not config.recordings.is_dir():
        return "nothing was ever recorded here"
    deadline = time.monotonic() + value["deadlineMinutes"] * 60
    present = [n for n, u in systemd.show(root, TIMERS).items() if u.get("LoadState") != "not-found"]
    for name in present:
        systemd.try_order(root, "stop", name)
    # the guard, which the end of jibri's unit calls, has no reason left to start it
    postponed.forget(root)
    root.path(recorder.FULL).unlink(missing_ok=True)
    ended = _end(root, config, deadline)
    recorder.hand_over(root, config)
    left = _bring(root, config, deadline)
    if not left:
        return f"{ended}; every recording has arrived"
    # as it was, so that it goes on trying while somebody looks for the reason
    for name in present:
        systemd.try_order(root, "start", name)
    raise HostError(
        str(config.folder),
        f"{len(left)} recordings have not arrived ({left[-1]})",
        "repair the storage and repeat; what is not wanted any more may be deleted there by hand",
    )


def _end(root: Root, config: Config, deadline: float) -> str:
    unit = config.raw["jibri"]["unit"]
    if systemd.show(root, [unit])[unit].get("LoadState") == "not-found":
        return "no jibri"
    systemd.try_order(root, "disable", unit)
    said = "jibri had nothing to do"
    try:
        jibri.status(config.raw["jibri"]["health"])
        jibri.end_when_idle(root, config)
        while systemd.is_up(systemd.show(root, [unit])[unit]):
            if time.monotonic() >= deadline:
                said = "the recording that ran was ended"
                break
            time.sleep(root.poll_seconds)
    except http_local.UnreachableError as error:
        said = f"jibri does not answer ({error})"
    systemd.order(root, "stop", unit)
    return said


def _bring(root: Root, config: Config, deadline: float) -> list[str]:
    """Upload until nothing waits, or the deadline is over; returns what is left, each with the reason."""
    while True:
        upload_queue.hurry(config)
        systemd.try_order(root, "start", recorder.UPLOAD)
        left = upload_queue.on_the_way(config)
        if not left or time.monotonic() >= deadline:
            return [
                f"{path.name}: {upload_queue.remembered(path).get('reason', 'not tried')}" for path in left
            ]
        time.sleep(max(root.poll_seconds, 5 * root.poll_seconds))
