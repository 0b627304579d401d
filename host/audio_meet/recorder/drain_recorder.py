"""The `drain-recorder` verb: a recorder goes when all that it has recorded is in the bucket, not before."""

from __future__ import annotations

import time

from ..network.answers import Down, Unknown
from ..system import documents, systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import State
from ..system.summary import say
from . import jibri, postponed, recorder, upload_queue
from .upload_config import Config, parse

# What would start jibri, or the uploader, by itself meanwhile.
TIMERS = ("audio-meet-disk-guard.timer", "audio-meet-upload.timer", "audio-meet-upload.path")
# Between attempts, in polls of the root (0.5 s): a storage that is down is not asked more than once a minute.
SHORTEST_PAUSE, LONGEST_PAUSE = 5, 120


def drain(root: Root, value: Json) -> str:
    """Let a recording end, stop jibri, bring everything to the bucket; HostError while something is left."""
    config = parse(root, value, more={"deadlineMinutes": float})
    if not config.recordings.is_dir():
        return _nothing_there(root, config)
    deadline = time.monotonic() + value["deadlineMinutes"] * 60
    present = [n for n, u in systemd.show(root, TIMERS).items() if u.get("LoadState") != "not-found"]
    for name in present:
        systemd.try_order(root, "stop", name)
    try:
        return _empty(root, config, deadline)
    except HostError:
        # as it was, so that it goes on trying while somebody looks for the reason
        for name in present:
            systemd.try_order(root, "start", name)
        raise


def _nothing_there(root: Root, config: Config) -> str:
    """Without folders nothing was recorded, unless the step that made them has been here."""
    if State(root).group("recorder") is None:
        return "nothing was ever recorded here"
    raise HostError(
        str(config.recordings),
        "is missing although this host was a recorder, so its recordings cannot be checked",
        "mount its disk and try again; for an empty folder, run systemctl start audio-meet-disk-guard",
    )


def _empty(root: Root, config: Config, deadline: float) -> str:
    ended = _end(root, config, deadline)
    recorder.hand_over(root, config)
    left = _bring(root, config, deadline)
    if not left:
        return f"{ended}; every recording is in the bucket"
    raise HostError(
        str(config.folder),
        f"{len(left)} recordings are not in the bucket ({left[-1]})",
        "correct the storage and try again; recordings that nobody needs may be deleted there by hand",
    )


def _end(root: Root, config: Config, deadline: float) -> str:
    unit = config.raw["jibri"]["unit"]
    found = systemd.show(root, [unit])[unit]
    if found.get("LoadState") == "not-found" and not systemd.is_up(found):
        return "no jibri"
    answer = jibri.recording(root, config, max(deadline - time.monotonic(), root.answer_seconds))
    if isinstance(answer, Unknown):
        raise answer.error("whether a recording runs", unit, f"try again; {postponed.HANGS}")
    # the guard, which the end of jibri's unit calls, has no reason left to start it
    postponed.forget(root)
    root.path(recorder.FULL).unlink(missing_ok=True)
    systemd.try_order(root, "disable", unit)
    if isinstance(answer, Down):
        said = f"jibri was down ({answer.reason})"
    else:
        said = _await_end(root, config, deadline, is_recording=answer.value)
    systemd.order(root, "stop", unit)
    return said


def _await_end(root: Root, config: Config, deadline: float, *, is_recording: bool) -> str:
    """Tell jibri to end when it is idle, and wait until it has, until the deadline at the longest."""
    unit = config.raw["jibri"]["unit"]
    is_told = jibri.end_when_idle(root, config)
    if is_recording:
        print(f"draining: a recording is running, waiting for its end until {_clock(deadline)}", flush=True)
    while systemd.is_up(systemd.show(root, [unit])[unit]):
        if time.monotonic() >= deadline:
            return "the running recording was ended" if is_recording else "jibri was idle"
        time.sleep(root.poll_seconds)
        is_told = is_told or jibri.end_when_idle(root, config)
    return "the running recording has ended" if is_recording else "jibri was idle"


def _bring(root: Root, config: Config, deadline: float) -> list[str]:
    """Upload until nothing waits, or the deadline is over; returns what is left, each with the reason."""
    left, pause, said = upload_queue.on_the_way(config), SHORTEST_PAUSE, ""
    until = _clock(deadline)
    if left:
        print(f"draining: {len(left)} recordings are being uploaded, until {until} at the latest", flush=True)
    while True:
        before = len(left)
        upload_queue.hurry(config)
        is_well = systemd.try_order(root, "start", recorder.UPLOAD) or _is_at_work(root)
        left = upload_queue.on_the_way(config)
        if not left or time.monotonic() >= deadline:
            return [upload_queue.why(path) for path in left]
        waiting = f"{len(left)} recordings are waiting, until {until} at the latest"
        line = f"draining: {waiting}; {upload_queue.why(left[-1])}"
        if line != said:
            print(line, flush=True)
            said = line
        time.sleep(max(0.0, min(pause * root.poll_seconds, deadline - time.monotonic())))
        pause = SHORTEST_PAUSE if is_well or len(left) < before else min(2 * pause, LONGEST_PAUSE)


def _is_at_work(root: Root) -> bool:
    """Whether the uploader runs on after the order to start it was given up: recordings are long."""
    return systemd.show(root, [recorder.UPLOAD])[recorder.UPLOAD].get("ActiveState") == "activating"


def _clock(deadline: float) -> str:
    """A moment of the monotonic clock for people."""
    moment = time.gmtime(time.time() + deadline - time.monotonic())
    return time.strftime("%H:%M UTC", moment)


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `drain-recorder`, for the document on stdin."""
    return say(root, drain(root, documents.from_stdin()))
