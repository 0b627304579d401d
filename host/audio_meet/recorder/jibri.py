"""jibri's two interfaces on this host: how it is, and how it ends."""

from __future__ import annotations

from typing import Any

from ..network import answers, http_local
from ..network.answers import Answer
from ..system.root import Root
from .upload_config import Config

HEALTH = "/jibri/api/v1.0/health"
INTERNAL = "/jibri/api/internal/v1.0/"
# ComponentBusyStatus of jibri.
BUSY_STATES = ("IDLE", "BUSY", "EXPIRED")


def status(url: str) -> tuple[str | None, str | None]:
    """What jibri at the URL says of itself: IDLE, BUSY or EXPIRED; HEALTHY or UNHEALTHY.

    Raises http_local.UnreachableError.
    """
    found = http_local.get_json(url, HEALTH)
    return _text(found, "status", "busyStatus"), _text(found, "status", "health", "healthStatus")


def _text(value: Any, *keys: str) -> str | None:
    """The text that lies that deep in a JSON value; None where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None


def busy(url: str) -> str:
    """Whether jibri at the URL is IDLE, BUSY or EXPIRED; raises http_local.UnreachableError."""
    found = status(url)[0]
    if found not in BUSY_STATES:
        raise http_local.UnreachableError(f"{HEALTH} says {found!r}")
    return found


def recording(root: Root, config: Config, seconds: float) -> Answer[bool]:
    """Whether a recording is on; asked for so many seconds before that is not known."""
    jibri = config.raw["jibri"]
    return answers.ask(root, jibri["unit"], lambda: busy(jibri["health"]) == "BUSY", seconds)


def end_when_idle(root: Root, config: Config) -> bool:
    """jibri ends by itself once its recording has, at once if there is none; it takes no other before.

    Its exit code is 255 then, at which its unit stays down (RestartPreventExitStatus). Returns whether it
    took the order; repeated, the order changes nothing.
    """
    try:
        http_local.request(config.raw["jibri"]["internal"], INTERNAL + "gracefulShutdown", post=True)
    except http_local.UnreachableError as error:
        root.note(f"jibri did not accept the shutdown request: {error}")
        return False
    return True
