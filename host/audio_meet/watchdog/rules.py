"""The rules of the watchdog, all of them: what is seen, for how long, what is done, and how often at most.

A rule acts once. Where that does not help, it waits for its pause, and says meanwhile that it is stuck.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .look import Look, Session

# What is seen: a bridge or jicofo, with the words for what was found.
Seen = dict[str, str]
JICOFO = "jicofo"
# A bridge announces itself each 5 s: two are missing, and jicofo's own patience (presence-timeout) is over.
SILENT_SECONDS = 12.0
# One that announces itself may be late by so much on a busy machine.
HEARD_SECONDS = 8.0
# After its login a bridge enters the brewery within a second.
ENTERS_SECONDS = 30.0


@dataclass(frozen=True)
class Rule:
    """One line of the table."""

    name: str
    # in words, as in docs/OPERATIONS.md
    sees: str
    find: Callable[[Look], Seen]
    # for how long it is seen at each look before something is done
    seconds: float
    # end the sessions of that bridge at prosody-jvb, or restart jicofo
    restarts_jicofo: bool
    does: str
    # for one bridge, or for jicofo, not again before
    pause_seconds: float


def silent_bridges(look: Look) -> Seen:
    """Bridges in the brewery that say nothing, while another one is there that jicofo can use."""
    sessions = look.sessions or {}
    silent = {name: one for name, one in sessions.items() if _is_silent(one)}
    # where all are silent it is the core that does not hear, and nobody could be moved anywhere
    if not any(_is_of_use(look, name) for name in sessions if name not in silent):
        return {}
    return {name: f"silent for {one.silent_seconds:.0f} s" for name, one in silent.items()}


def _is_silent(one: Session) -> bool:
    return one.in_brewery and one.silent_seconds >= SILENT_SECONDS


def _is_of_use(look: Look, name: str) -> bool:
    one, known = (look.sessions or {})[name], (look.known or {}).get(name)
    is_heard = one.in_brewery and one.silent_seconds <= HEARD_SECONDS
    return is_heard and known is not None and known.operational and not known.leaving


def bridges_outside(look: Look) -> Seen:
    """Bridges that are logged in, and not in the brewery."""
    return {
        name: f"logged in for {one.logged_in_seconds:.0f} s and not in the brewery"
        for name, one in (look.sessions or {}).items()
        if not one.in_brewery and one.logged_in_seconds >= ENTERS_SECONDS
    }


def lost_bridges(look: Look) -> Seen:
    """jicofo, where bridges are in the brewery that it does not know.

    A recording ends with a restart of jicofo: as long as one runs and jicofo has a bridge, it waits.
    """
    if look.known is None:
        return {}
    unknown = sorted(
        name
        for name, one in (look.sessions or {}).items()
        if one.in_brewery and one.silent_seconds <= HEARD_SECONDS and name not in look.known
    )
    has_bridge = any(one.operational for one in look.known.values())
    if not unknown or (look.is_recording and has_bridge):
        return {}
    return {JICOFO: f"does not know of {', '.join(unknown)}, in the brewery"}


def mute_jicofo(look: Look) -> Seen:
    """jicofo, where it takes connections and does not answer."""
    return {JICOFO: "takes connections and does not answer"} if look.jicofo_is_mute else {}


RULES = [
    Rule(
        "silentBridge",
        "a bridge in the brewery says nothing for 12 s, and another one is of use",
        silent_bridges,
        0,
        False,
        "its session was ended, so that jicofo moves everybody to other bridges",
        120,
    ),
    Rule(
        "bridgeOutside",
        "a bridge is logged in and not in the brewery",
        bridges_outside,
        30,
        False,
        "its session was ended, so that it logs in and enters again",
        600,
    ),
    Rule(
        "lostBridge",
        "a bridge announces itself in the brewery, and jicofo does not know of it",
        lost_bridges,
        60,
        True,
        "jicofo was restarted",
        3600,
    ),
    Rule(
        "muteJicofo",
        "jicofo takes connections and does not answer",
        mute_jicofo,
        30,
        True,
        "jicofo was restarted",
        3600,
    ),
]
