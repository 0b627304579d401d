"""XMPP streams as clients open them (RFC 6120)."""

from __future__ import annotations

import re
import socket
from xml.sax.saxutils import quoteattr


def open_stream(connection: socket.socket, domain: str) -> bytes:
    """Open an XMPP stream; returns what the server offers on it."""
    connection.sendall(_stream(domain))
    return _read_until(connection, (b"</stream:features>", b"</stream:stream>"))


def starttls(connection: socket.socket, domain: str) -> None:
    """Open an XMPP stream and ask for TLS (RFC 6120, section 5.4)."""
    features = open_stream(connection, domain)
    if b"urn:ietf:params:xml:ns:xmpp-tls" not in features:
        error = re.search(rb"<([a-z-]+) xmlns='urn:ietf:params:xml:ns:xmpp-streams'", features)
        reason = error.group(1).decode() if error else "no STARTTLS offered"
        raise OSError(f"{domain}: {reason}")
    connection.sendall(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    if b"<proceed" not in _read_until(connection, (b"<proceed", b"<failure")):
        raise OSError(f"{domain}: STARTTLS refused")


def login_offered(connection: socket.socket, domain: str, wanted: str) -> tuple[bool, str]:
    """Whether an open, secure stream offers the wanted way to log in (RFC 6120, section 6), and no other."""
    features = open_stream(connection, domain)
    offered = sorted(set(re.findall(rb"<mechanism>([A-Z0-9-]+)</mechanism>", features)))
    is_open = b"ANONYMOUS" in offered
    takes_passwords = any(mechanism.startswith(b"SCRAM-") for mechanism in offered)
    right = is_open if wanted == "anonymous" else takes_passwords and not is_open
    names = b", ".join(offered).decode() or "none; check that the authentication module loads"
    return right, f"login mechanisms: {names}"


def _stream(domain: str) -> bytes:
    return (
        f"<?xml version='1.0'?><stream:stream to={quoteattr(domain)} version='1.0' "
        "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
    ).encode()


def _read_until(connection: socket.socket, marks: tuple[bytes, ...]) -> bytes:
    data = b""
    while not any(mark in data for mark in marks):
        more = connection.recv(4096)
        if not more or len(data) > 65536:
            raise OSError("the stream ended early")
        data += more
    if b"<proceed" in data and not data.rstrip().endswith(b">"):
        data += connection.recv(256)
    return data
