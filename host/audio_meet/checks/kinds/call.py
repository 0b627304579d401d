"""Checks of a call's way as a participant goes it: the name, the door, jicofo's answer, the invitation."""

from __future__ import annotations

import contextlib
import secrets
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from ...network import dns, stun
from ...network.participant import Participant, RefusedError, participants
from ...system.documents import Json
from ...system.errors import tls_trouble
from ...system.root import Root
from . import web
from .check import Answer, Check

TIMEOUT_SECONDS = 5
# jicofo enters a room and a cold bridge answers within 3 s (measured); a busy machine takes longer.
INVITATION_SECONDS = 10
# A packet may be lost; three are not.
MEDIA_SECONDS, MEDIA_TRIES = 4, 4
# Fewer are not invited (jicofo, conference.min-participants).
PEOPLE = 2
# Said of a room that no moderator has opened (jicofo) and of a domain that lets nobody in without an account.
WAITS = ("not-authorized", "forbidden")
# Of the check, as services/manifest/checks.ts has them.
REQUIRED = {"domain": str, "host": str, "focus": str, "conference": str}
OPTIONAL = {"address": str, "caFile": str, "trial": bool}


class Name(Check):
    """The name resolves to an address of the core, for whoever asks on this machine."""

    kind = "name"
    required = {"name": str, "addresses": list}
    # as programs of this machine resolve it, /etc/hosts included; else as the DNS has it
    optional = {"asPrograms": bool}
    subject = "name"
    remedy = "correct the DNS record, or the entry in /etc/hosts, and wait for the record's lifetime"

    def run(self, root: Root, check: Json) -> Answer:
        name = check["name"]
        found = _as_programs(name) if check.get("asPrograms") else dns.addresses(root, name)
        wanted = ", ".join(check["addresses"])
        if not found:
            return False, f"has no address, expected {wanted}"
        strange = sorted(set(found) - set(check["addresses"]))
        if strange:
            return False, f"resolves to {', '.join(strange)}, expected {wanted}"
        return True, f"resolves to {', '.join(found)}"


def _as_programs(name: str) -> list[str]:
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except socket.gaierror:
        return []
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Connects(Check):
    """Somebody accepts connections there."""

    kind = "connects"
    required = {"address": str, "port": int}
    remedy = "open that port in the firewall of the provider and of the host; see whether nginx runs"

    def title(self, check: Json) -> str:
        return f"connects {check['address']}:{check['port']}"

    def run(self, root: Root, check: Json) -> Answer:
        try:
            with socket.create_connection((check["address"], check["port"]), timeout=TIMEOUT_SECONDS):
                return True, "accepts connections"
        except TimeoutError:
            return False, f"no answer within {TIMEOUT_SECONDS} s: a firewall, or the machine is off"
        except OSError as error:
            return False, error.strerror or str(error)


@contextlib.contextmanager
def _people(root: Root, check: Json, count: int) -> Iterator[list[Participant]]:
    with contextlib.ExitStack() as stack:
        sockets: list[socket.socket] = [stack.enter_context(web.secure(root, check)) for _ in range(count)]
        yield stack.enter_context(participants(sockets, check["domain"], check["host"]))


def _room(check: Json) -> str:
    """A room that nobody else is in; jicofo leaves it when nobody comes."""
    return f"audio-meet-doctor-{secrets.token_hex(8)}@{check['conference']}"


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
            with _people(root, check, 1) as (one,):
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
    """Two participants in a room of their own are invited, which says that jicofo has picked a bridge."""

    kind = "invitation"
    required = REQUIRED
    optional = OPTIONAL
    subject = "conference"
    remedy = "see /var/log/jitsi/jicofo.log for that room, and the log of the bridge that it picked"

    def run(self, root: Root, check: Json) -> Answer:
        room = _room(check)
        try:
            with _people(root, check, PEOPLE) as people:
                if not people[0].ask_for_room(check["focus"], room):
                    return False, "jicofo answers, but does not enter the room"
                for one in people:
                    one.patience_seconds = INVITATION_SECONDS
                    one.enter(room)
                # side by side: jicofo waits for what each answers before it invites the next
                with ThreadPoolExecutor(PEOPLE) as pool:
                    *_, invited = pool.map(Participant.invitation, people)
        except TimeoutError as error:
            return False, f"{error}; jicofo has no bridge for a room, or the bridge does not answer it"
        except OSError as error:
            return False, tls_trouble(error)
        places = sorted({f"{ip}:{port}" for ip, port in invited.candidates})
        if not places:
            return False, "the invitation names no address of a bridge: its static-mappings do not fit"
        return True, f"invited to {', '.join(places)}"


class Media(Check):
    """The bridge answers at its media port, as it does to a participant's first packet.

    `fragment` and `password` are of an opening that the bridge made for this (bridge/opening.py).
    """

    kind = "media"
    required = {"address": str, "port": int, "fragment": str, "password": str}
    remedy = (
        "open that port for UDP to everybody: firewall of the provider, of the host, rules of others on it"
    )

    def title(self, check: Json) -> str:
        return f"media udp {check['address']}:{check['port']}"

    def run(self, root: Root, check: Json) -> Answer:
        where = (check["address"], check["port"])
        transaction = secrets.token_bytes(12)
        question = stun.connectivity_check(check["fragment"], check["password"], transaction)
        family = socket.AF_INET6 if ":" in check["address"] else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as link:
            link.settimeout(MEDIA_SECONDS / MEDIA_TRIES)
            link.connect(where)
            for _ in range(MEDIA_TRIES):
                # what nobody listens at says so at the next call
                with contextlib.suppress(TimeoutError):
                    link.send(question)
                    answer = link.recv(2048)
                    if answer[8 : stun.HEADER_BYTES] == transaction:
                        return True, "answers"
        return False, f"no answer within {MEDIA_SECONDS} s: UDP does not get there, or not back"
