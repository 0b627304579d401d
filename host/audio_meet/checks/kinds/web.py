"""The check that asks as a browser does: over TLS, by name, with the certificate verified."""

from __future__ import annotations

import base64
import os
import socket
import ssl
import time

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


class Https(Check):
    """This host's own nginx answers for the domain with the status, and with the text in the body."""

    kind = "https"
    required = {"domain": str, "path": str, "status": int}
    optional = {"caFile": str, "contains": str, "websocket": bool, "minimumDays": int, "trial": bool}
    remedy = "see journalctl -u nginx and /var/log/nginx/error.log"

    def title(self, check: Json) -> str:
        return f"https {check['domain']}{check['path']}"

    def run(self, root: Root, check: Json) -> Answer:
        authority = check.get("caFile")
        context = ssl.create_default_context(cafile=str(root.path(authority)) if authority else None)
        if check.get("trial"):
            # no root that a system knows: the certificate itself, as it lies on the host, is what is trusted
            context.verify_flags |= PARTIAL_CHAIN
        try:
            with (
                socket.create_connection(ADDRESS, timeout=TIMEOUT_SECONDS) as connection,
                context.wrap_socket(connection, server_hostname=check["domain"]) as secure,
            ):
                # now, since neither is known any more once the server has closed
                shown, version = secure.getpeercert() or {}, secure.version()
                secure.sendall(_request(check))
                head, body = _answer(secure, stop_at_head=bool(check.get("websocket")))
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
        test = "a test certificate (staging), which browsers do not trust"
        verdict = test if check.get("trial") else "verified"
        return True, f"{status}, {verdict}, {version}, {days} days left"


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
