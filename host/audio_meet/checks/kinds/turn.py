"""The check that asks coturn as a participant does: what it gives, and what it refuses."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator

from ...network import sockets, stun
from ...system.documents import Json
from ...system.errors import tls_trouble
from ...system.root import Root
from . import web
from .check import Answer, Check

TIMEOUT_SECONDS = 5
# Long enough for this check, and useless soon after it.
CREDENTIALS_SECONDS = 60
FORBIDDEN = 403


class Turn(Check):
    """coturn relays from the public address to every bridge, and refuses strangers and a wrong password."""

    kind = "turn"
    required = {
        "transport": str,
        "port": int,
        "host": str,
        "addresses": list,
        "secretFile": str,
        "relayAddress": str,
        "firstRelayPort": int,
        "lastRelayPort": int,
        "peers": list,
        "stranger": str,
    }
    optional = {"caFile": str}
    remedy = "see journalctl -u coturn; compare its addresses with those of the stack config"

    def title(self, check: Json) -> str:
        return f"turn {check['transport']} {check['port']}"

    def run(self, root: Root, check: Json) -> Answer:
        own = next((a for a in check["addresses"] if a in sockets.local_addresses(root)), None)
        if own is None:
            return False, f"none of {', '.join(check['addresses'])} is on this host"
        secret = root.read(check["secretFile"])
        try:
            with _connection(root, check, own) as connection:
                session = stun.Session(connection, stun.time_limited(secret, CREDENTIALS_SECONDS))
                trouble = _allocation(check, session)
            if not trouble:
                with _connection(root, check, own) as connection:
                    trouble = _refusal(
                        stun.Session(connection, stun.time_limited("wrong", CREDENTIALS_SECONDS))
                    )
        except OSError as error:
            trouble = tls_trouble(error)
        return not trouble, trouble or f"relays to {', '.join(check['peers'])}, not to {check['stranger']}"


@contextlib.contextmanager
def _connection(root: Root, check: Json, own: str) -> Iterator[socket.socket]:
    """A connection to this host over the wanted transport; TLS is verified by the name of the server."""
    where = (own, check["port"])
    if check["transport"] == "udp":
        with socket.socket(socket.AF_INET6 if ":" in own else socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
            datagrams.settimeout(TIMEOUT_SECONDS)
            datagrams.connect(where)
            yield datagrams
        return
    with socket.create_connection(where, timeout=TIMEOUT_SECONDS) as stream:
        if check["transport"] == "tcp":
            yield stream
            return
        authority = check.get("caFile")
        context = ssl.create_default_context(cafile=str(root.path(authority)) if authority else None)
        # of a trial certificate no root is known: it is trusted itself, as it lies on the host
        context.verify_flags |= web.PARTIAL_CHAIN
        with context.wrap_socket(stream, server_hostname=check["host"]) as secure:
            yield secure


def _allocation(check: Json, session: stun.Session) -> str:
    """What is wrong with an allocation and its permissions, or nothing; it is given back at the end."""
    wanted = (stun.REQUESTED_ADDRESS_FAMILY, stun.family_of(check["relayAddress"]) + b"\0\0\0")
    answer = session.ask(stun.ALLOCATE, (stun.REQUESTED_TRANSPORT, stun.UDP), wanted)
    relayed = answer.address(stun.XOR_RELAYED_ADDRESS)
    if relayed is None:
        return f"refuses an allocation: error {answer.error()}"
    try:
        if relayed.ip != check["relayAddress"]:
            return f"relays from {relayed.ip}, but participants and bridges expect {check['relayAddress']}"
        if not check["firstRelayPort"] <= relayed.port <= check["lastRelayPort"]:
            return f"relays from port {relayed.port}, which the firewall does not open"
        for peer in check["peers"]:
            error = _permission(session, peer)
            if error:
                return f"refuses the bridge at {peer}: error {error}"
        error = _permission(session, check["stranger"])
        if error != FORBIDDEN:
            return f"answers {error or 'success'} for {check['stranger']}, which is not a bridge"
        return ""
    finally:
        session.ask(stun.REFRESH, (stun.LIFETIME, bytes(4)))


def _permission(session: stun.Session, ip: str) -> int:
    """Ask for the permission to reach a peer; 0 for yes, else the error."""
    return session.ask(stun.CREATE_PERMISSION, (stun.XOR_PEER_ADDRESS, stun.Address(ip, 0))).error()


def _refusal(session: stun.Session) -> str:
    answer = session.ask(stun.ALLOCATE, (stun.REQUESTED_TRANSPORT, stun.UDP))
    return "" if answer.error() else "accepts a password that was not derived from its secret"
