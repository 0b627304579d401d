"""Checks of the ends of a call's way: the name and the door, and the media port of a bridge."""

from __future__ import annotations

import contextlib
import secrets
import socket

from ...network import dns, stun
from ...system.documents import Json
from ...system.root import Root
from .check import Answer, Check

TIMEOUT_SECONDS = 5
# A packet may be lost; three are not.
MEDIA_SECONDS, MEDIA_TRIES = 4, 4


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
