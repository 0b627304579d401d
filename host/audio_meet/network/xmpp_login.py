"""Logs in to an XMPP server with user name and password (SASL SCRAM-SHA-1, RFC 5802)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import socket
from collections.abc import Callable

NAMESPACE = "urn:ietf:params:xml:ns:xmpp-sasl"


class LoginError(Exception):
    """The server does not let the user in, or is not the one that knows the password."""


def log_in(connection: socket.socket, user: str, password: str) -> None:
    """SCRAM-SHA-1 on a verified stream whose features have been read. Raises LoginError."""
    authenticate(user, password, lambda stanza, wanted: _exchange(connection, stanza, wanted))


def authenticate(user: str, password: str, exchange: Callable[[str, str], str]) -> None:
    """SCRAM-SHA-1. `exchange`: sends a stanza, waits for one of a name, gives its text. Raises LoginError."""
    bare = f"n={user},r={secrets.token_urlsafe(18)}"
    opening = base64.b64encode(f"n,,{bare}".encode()).decode()
    challenge = _plain(
        exchange(f"<auth xmlns='{NAMESPACE}' mechanism='SCRAM-SHA-1'>{opening}</auth>", "challenge")
    )
    asked = dict(part.split("=", 1) for part in challenge.split(","))
    salted = hashlib.pbkdf2_hmac("sha1", password.encode(), base64.b64decode(asked["s"]), int(asked["i"]))
    closing = f"c=biws,r={asked['r']}"
    everything = f"{bare},{challenge},{closing}".encode()
    key = hmac.digest(salted, b"Client Key", "sha1")
    signature = hmac.digest(hashlib.sha1(key).digest(), everything, "sha1")  # noqa: S324 - what SCRAM-SHA-1 is
    proof = base64.b64encode(bytes(a ^ b for a, b in zip(key, signature, strict=True))).decode()
    reply = base64.b64encode(f"{closing},p={proof}".encode()).decode()
    answer = _plain(exchange(f"<response xmlns='{NAMESPACE}'>{reply}</response>", "success"))
    server = hmac.digest(hmac.digest(salted, b"Server Key", "sha1"), everything, "sha1")
    if answer != f"v={base64.b64encode(server).decode()}":
        raise LoginError("the server did not prove that it knows the password")


def _plain(encoded: str) -> str:
    return base64.b64decode(encoded).decode()


def _exchange(connection: socket.socket, stanza: str, wanted: str) -> str:
    connection.sendall(stanza.encode())
    data = b""
    while not re.search(rb"</(challenge|success|failure|stream:stream)>|<success[^>]*/>", data):
        more = connection.recv(4096)
        if not more or len(data) > 65536:
            raise LoginError("the stream ended early")
        data += more
    text = data.decode(errors="replace")
    found = re.search(rf"<{wanted}[^>]*>([A-Za-z0-9+/=]*)</{wanted}>", text)
    if found is None:
        reason = re.search(r"<failure[^>]*><([a-z-]+)", text)
        raise LoginError(f"login refused: {reason.group(1) if reason else 'no ' + wanted}")
    return found.group(1)
