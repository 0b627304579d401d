"""Checks of a room as participants ask for it: jicofo's answer, and the invitation to a bridge."""

from __future__ import annotations

import contextlib
import math
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from ...network import token
from ...network.participant import Entry, Participant, RefusedError, participants
from ...system.documents import Json
from ...system.errors import tls_trouble
from ...system.root import Root
from . import web
from .check import Answer, Check

# jicofo enters a room and a cold bridge answers within 3 s (measured); a busy machine takes longer.
INVITATION_SECONDS = 10
# Of these, for whoever asks with little time.
LEAST_SECONDS = 1
# Fewer are not invited (jicofo, conference.min-participants).
PEOPLE = 2
# Of a token for a room of a check, which ends with the check.
TOKEN_SECONDS = 60
# Said of a room that no moderator has opened (jicofo) and of a domain that lets nobody in without an account.
WAITS = ("not-authorized", "forbidden")
# Of the check, as services/manifest/checks.ts has them.
REQUIRED = {"domain": str, "host": str, "focus": str, "conference": str}
OPTIONAL = {"address": str, "caFile": str, "trial": bool, "token": dict}


@contextlib.contextmanager
def _people(root: Root, check: Json, entries: list[Entry]) -> Iterator[list[Participant]]:
    with contextlib.ExitStack() as stack:
        doors = [(stack.enter_context(web.secure(root, check)), entry) for entry in entries]
        yield stack.enter_context(participants(doors, check["domain"]))


def _room(check: Json) -> str:
    """A room that nobody else is in; jicofo leaves it when nobody comes."""
    return f"audio-meet-doctor-{secrets.token_hex(8)}@{check['conference']}"


def _guest(root: Root, check: Json, room: str) -> Entry:
    """Somebody without an account, with a token for this one room where access needs one."""
    of = check.get("token")
    if of is None:
        return Entry(check["host"])
    claims = {"iss": of["issuer"], "aud": of["audience"], "sub": of["subject"]}
    claims |= {"room": room.partition("@")[0], "exp": int(time.time()) + TOKEN_SECONDS}
    # as Prosody reads it: without what stands at the end of its line
    return Entry(check["host"], token=token.signed(claims, root.read(of["secretFile"]).strip()))


def _opener(root: Root, check: Json, room: str) -> Entry:
    """Who opens the room: a moderator where nobody else may."""
    of = check.get("moderator")
    if of is None:
        return _guest(root, check, room)
    return Entry(check["domain"], user=of["user"], password=root.read(of["passwordFile"]).strip())


class ConferenceRequest(Check):
    """jicofo answers a participant who asks for a room."""

    kind = "conferenceRequest"
    required = REQUIRED
    optional = {**OPTIONAL, "mayRefuse": bool}
    subject = "focus"
    remedy = "see /var/log/jitsi/jicofo.log: it has to be logged in at both Prosodys"

    def run(self, root: Root, check: Json) -> Answer:
        room = _room(check)
        try:
            with _people(root, check, [_guest(root, check, room)]) as (one,):
                ready = one.ask_for_room(check["focus"], room)
                if ready:
                    # jicofo leaves with the last one who was there, and later where nobody came
                    one.enter(room)
        except RefusedError as error:
            waits = check.get("mayRefuse", False) and error.condition in WAITS
            return waits, f"{error}{', as guests have to wait for a moderator' if waits else ''}"
        except OSError as error:
            return False, tls_trouble(error)
        return ready, "answers, and is in the room" if ready else "answers, but does not enter the room"


class Invitation(Check):
    """Two participants in a room of their own are invited, which says that jicofo has picked a bridge.

    With `regions`, a room for each, whose participants say that they are there: jicofo prefers its bridges.
    """

    kind = "invitation"
    required = REQUIRED
    # `seconds`: whoever asks waits no longer for all of it
    optional = {**OPTIONAL, "moderator": dict, "regions": list, "seconds": float}
    subject = "conference"
    remedy = "see /var/log/jitsi/jicofo.log for that room, and the log of the bridge that it picked"
    asked_last = True

    def run(self, root: Root, check: Json) -> Answer:
        regions = check.get("regions") or [""]
        with ThreadPoolExecutor(len(regions)) as pool:
            found = list(pool.map(lambda region: _invited(root, check, region), regions))
        wrong = [detail for ok, detail in found if not ok]
        return not wrong, "; ".join(wrong or [detail for _, detail in found])


def _patience(left_seconds: float) -> float:
    """How long an invitation is waited for; never so short that none could come."""
    return round(min(INVITATION_SECONDS, max(LEAST_SECONDS, left_seconds)), 1)


def _invited(root: Root, check: Json, region: str) -> Answer:
    """What becomes of one room."""
    where = f"{region}: " if region else ""
    room = _room(check)
    deadline = time.monotonic() + check.get("seconds", math.inf)
    try:
        entries = [_opener(root, check, room), *(_guest(root, check, room) for _ in range(PEOPLE - 1))]
        with _people(root, check, entries) as people:
            if not people[0].ask_for_room(check["focus"], room):
                return False, f"{where}jicofo answers, but does not enter the room"
            for one in people:
                one.patience_seconds = INVITATION_SECONDS
                one.enter(room, region)
                one.patience_seconds = _patience(deadline - time.monotonic())
            # side by side: jicofo waits for what each answers before it invites the next
            with ThreadPoolExecutor(PEOPLE) as pool:
                *_, invited = pool.map(Participant.invitation, people)
    except TimeoutError as error:
        return False, f"{where}{error}; jicofo has no bridge for a room, or the bridge does not answer it"
    except OSError as error:
        return False, f"{where}{tls_trouble(error)}"
    places = sorted({f"{ip}:{port}" for ip, port in invited.candidates})
    if not places:
        return False, f"{where}the invitation names no address of a bridge: its static-mappings do not fit"
    return True, f"{where}invited to {', '.join(places)}"
