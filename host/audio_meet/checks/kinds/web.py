"""Checks that ask as a browser does: over TLS, by name, with the certificate verified."""

from __future__ import annotations

import base64
import contextlib
import os
import socket
import ssl
import time
from collections.abc import Iterator

from ...certificate.expiry import SECONDS_PER_DAY
from ...system.documents import Json
from ...system.errors import tls_trouble
from ...system.root import Root
from .check import Answer, Check

ADDRESS = ("127.0.0.1", 443)
TIMEOUT_SECONDS = 5
# The page with everything that it includes is far smaller.
LARGEST_ANSWER_BYTES = 1 << 20
# X509_V_FLAG_PARTIAL_CHAIN (openssl/x509_vfy.h); Python has a name for it from 3.10.4 on.
PARTIAL_CHAIN = 0x80000


@contextlib.contextmanager
def secure(root: Root, check: Json) -> Iterator[ssl.SSLSocket]:
    """A connection to the page of a check's domain, here or at its address, with the certificate verified."""
    authority = check.get("caFile")
    context = ssl.create_default_context(cafile=str(root.path(authority)) if authority else None)
    if check.get("trial"):
        # no root that a system knows: the certificate itself, as it lies on the host, is what is trusted
        context.verify_flags |= PARTIAL_CHAIN
    where = (check["address"], ADDRESS[1]) if "address" in check else ADDRESS
    with (
        socket.create_connection(where, timeout=TIMEOUT_SECONDS) as connection,
        context.wrap_socket(connection, server_hostname=check["domain"]) as wrapped,
    ):
        yield wrapped


class PageCertificate(Check):
    """The page's certificate is verified for the domain, and good for so many days yet."""

    kind = "pageCertificate"
    required = {"domain": str}
    optional = {"address": str, "caFile": str, "minimumDays": int, "trial": bool}
    subject = "domain"
    remedy = "compare the clock (date) and the certificate's dates and names; see docs/CERTIFICATES.md"

    def run(self, root: Root, check: Json) -> Answer:
        try:
            with secure(root, check) as connection:
                shown, version = connection.getpeercert() or {}, connection.version()
        except OSError as error:
            return False, tls_trouble(error)
        days = _days_left(shown)
        if days < int(check.get("minimumDays", 0)):
            return False, f"the certificate ends in {days} days"
        return True, f"{_verdict(check)}, {version}, {days} days left"


class Https(Check):
    """nginx answers for the domain, here or at the address, with the status, and the text in the body."""

    kind = "https"
    required = {"domain": str, "path": str, "status": int}
    optional = {
        **{"address": str, "caFile": str, "contains": str, "websocket": bool},
        **{"minimumDays": int, "trial": bool},
    }
    remedy = "see journalctl -u nginx and /var/log/nginx/error.log"

    def title(self, check: Json) -> str:
        return f"https {check['domain']}{check['path']}"

    def run(self, root: Root, check: Json) -> Answer:
        try:
            with secure(root, check) as connection:
                # now, since neither is known any more once the server has closed
                shown, version = connection.getpeercert() or {}, connection.version()
                connection.sendall(_request(check))
                head, body = _answer(connection, stop_at_head=bool(check.get("websocket")))
        except OSError as error:
            return False, tls_trouble(error)
        words = head.split(b"\r\n", 1)[0].decode(errors="replace").split()
        status = words[1] if len(words) > 1 else "nothing"
        if status != str(check["status"]):
            return False, f"answers {status}, expected {check['status']}"
        text = check.get("contains")
        if text and text.encode() not in body:
            return False, f"answers without {text!r}"
        days = _days_left(shown)
        if days < int(check.get("minimumDays", 0)):
            return False, f"the certificate ends in {days} days"
        return True, f"{status}, {_verdict(check)}, {version}, {days} days left"


def _verdict(check: Json) -> str:
    return "a test certificate (staging), which browsers do not trust" if check.get("trial") else "verified"


def _request(check: Json) -> bytes:
    lines = [f"GET {check['path']} HTTP/1.1", f"Host: {check['domain']}", "Accept: */*"]
    if check.get("websocket"):
        key = base64.b64encode(os.urandom(16)).decode()
        lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"]
        lines += [f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Protocol: xmpp"]
    else:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _answer(connection: socket.socket, *, stop_at_head: bool) -> tuple[bytes, bytes]:
    """Head and body of an answer; a websocket stays open, so its head is all that is waited for."""
    data = b""
    while len(data) < LARGEST_ANSWER_BYTES and not (stop_at_head and b"\r\n\r\n" in data):
        more = connection.recv(65536)
        if not more:
            break
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    return head, body


def _days_left(shown: Json) -> int:
    end = shown.get("notAfter")
    return int((ssl.cert_time_to_seconds(str(end)) - time.time()) // SECONDS_PER_DAY) if end else 0
