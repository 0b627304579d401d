"""What the watchdog sees at one moment: the bridges as prosody-jvb has them, and as jicofo counts them."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..network import http_local
from ..system.documents import Json

# jicofo answers within some milliseconds; a busy one has taken over a second.
ANSWER_SECONDS = 5.0


@dataclass(frozen=True)
class Session:
    """A bridge that is logged in at prosody-jvb."""

    logged_in_seconds: float
    in_brewery: bool
    # since its last presence, of which there is one each 5 s
    silent_seconds: float


@dataclass(frozen=True)
class Known:
    """A bridge that jicofo knows."""

    operational: bool
    # it drains or shuts down: nobody new is put on it
    leaving: bool


@dataclass(frozen=True)
class Look:
    """One moment; what could not be asked is None."""

    sessions: dict[str, Session] | None = None
    known: dict[str, Known] | None = None
    # it takes the connection and does not answer: a daemon that is down, or starts, refuses instead
    jicofo_is_mute: bool = False
    is_recording: bool = False
    notes: list[str] = field(default_factory=list)


def look(jicofo: str, bridges: str, domain: str) -> Look:
    """Ask both; `bridges` is the URL of prosody-jvb, `domain` the host on which it answers."""
    notes: list[str] = []
    sessions = _sessions(bridges, domain, notes)
    known: dict[str, Known] | None = None
    is_mute = is_recording = False
    try:
        known = _known(http_local.get_json(jicofo, "/debug", seconds=ANSWER_SECONDS))
        stats = http_local.get_json(jicofo, "/stats", seconds=ANSWER_SECONDS)
        is_recording = _is_recording(stats)
    except http_local.RefusedError as error:
        notes.append(f"jicofo: {error}")
    except http_local.LateError as error:
        is_mute = True
        notes.append(f"jicofo: {error}")
    except (http_local.UnreachableError, LookupError, TypeError, AttributeError) as error:
        notes.append(f"jicofo: {error}")
    return Look(sessions, known, is_mute, is_recording, notes)


def _sessions(url: str, domain: str, notes: list[str]) -> dict[str, Session] | None:
    try:
        told = http_local.get_json(url, "/bridges", host=domain, seconds=ANSWER_SECONDS)
        # of no bridge at all, an empty list
        return {
            name: Session(float(one["loggedInSeconds"]), bool(one["inBrewery"]), float(one["silentSeconds"]))
            for name, one in dict(told["bridges"]).items()
        }
    except (http_local.UnreachableError, LookupError, TypeError, ValueError) as error:
        notes.append(f"prosody-jvb: {error}")
        return None


def _known(debug: Json) -> dict[str, Known]:
    """By name in the brewery, which is the id of the bridge."""
    return {
        jid.partition("/")[2]: Known(
            bool(one["operational"]),
            bool(one["drain"]) or bool(one["graceful-shutdown"]) or bool(one["shutting-down"]),
        )
        for jid, one in debug["bridge_selector"]["bridge"].items()
    }


def _is_recording(stats: Json) -> bool:
    jibri = stats.get("jibri") or {}
    return int(jibri.get("recording_active") or 0) + int(jibri.get("live_streaming_active") or 0) > 0
