"""jibri's two interfaces on this host: how it is, and how it ends."""

from __future__ import annotations

from . import http_local
from .recorder_config import Config
from .root import Root

HEALTH = "/jibri/api/v1.0/health"
INTERNAL = "/jibri/api/internal/v1.0/"


def status(url: str) -> tuple[str | None, str | None]:
    """What jibri at the URL says of itself: IDLE, BUSY or EXPIRED; HEALTHY or UNHEALTHY.

    Raises http_local.UnreachableError.
    """
    found = http_local.get_json(url, HEALTH).get("status", {})
    return found.get("busyStatus"), found.get("health", {}).get("healthStatus")


def is_recording(config: Config) -> bool:
    """Whether a recording is on; a jibri that does not answer has none that could be spared."""
    try:
        return status(config.raw["jibri"]["health"])[0] == "BUSY"
    except http_local.UnreachableError:
        return False


def end_when_idle(root: Root, config: Config) -> None:
    """jibri ends by itself once its recording has, at once if there is none; it takes no other before.

    Its exit code is 255 then, at which its unit stays down (RestartPreventExitStatus).
    """
    try:
        http_local.request(config.raw["jibri"]["internal"], INTERNAL + "gracefulShutdown", post=True)
    except http_local.UnreachableError as error:
        root.note(f"jibri does not answer: {error}")
