"""A websocket as a browser opens it for XMPP (RFC 6455, RFC 7395), over a stream that is secure already."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
import struct

# RFC 6455, section 1.3.
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
FINAL, MASKED = 0x80, 0x80
# Nothing that a participant in a small room is told comes near.
LARGEST_MESSAGE_BYTES = 1 << 20


class Websocket:
    """One open websocket; texts go in and out whole."""

    def __init__(self, connection: socket.socket, domain: str, path: str) -> None:
        self.connection = connection
        self.data = b""
        self._upgrade(domain, path)

    def _upgrade(self, domain: str, path: str) -> None:
        """Raises OSError where the server does not switch, with what it answers."""
        key = base64.b64encode(os.urandom(16))
        lines = [
            *(f"GET {path} HTTP/1.1", f"Host: {domain}", f"Origin: https://{domain}"),
            *("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"),
            *(f"Sec-WebSocket-Key: {key.decode()}", "Sec-WebSocket-Protocol: xmpp"),
        ]
        self.connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        while b"\r\n\r\n" not in self.data:
            self._read_more()
        head, _, self.data = self.data.partition(b"\r\n\r\n")
        status = head.split(b"\r\n", 1)[0].decode(errors="replace").split()[1:2]
        if status != ["101"]:
            raise OSError(f"the websocket answers {' '.join(status) or 'nothing'}, expected 101")
        proof = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
        if proof not in head:
            raise OSError("the websocket's answer does not belong to the question")

    def send(self, text: str) -> None:
        """Send one text."""
        self._send(TEXT, text.encode())

    def receive(self) -> str:
        """The next text; raises OSError where the server closes, or nothing comes in time."""
        while True:
            kind, payload = self._frame()
            if kind == TEXT:
                return payload.decode(errors="replace")
            if kind == PING:
                self._send(PONG, payload)
            elif kind == CLOSE:
                raise OSError("the server closed the websocket")

    def _send(self, kind: int, payload: bytes) -> None:
        mask = os.urandom(4)
        size = len(payload)
        short = size if size < 126 else 126 if size < 1 << 16 else 127
        more = b"" if short < 126 else struct.pack("!H" if short == 126 else "!Q", size)
        covered = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
        self.connection.sendall(bytes([FINAL | kind, MASKED | short]) + more + mask + covered)

    def _frame(self) -> tuple[int, bytes]:
        """Kind and payload of the next message; Prosody sends each in one frame, unmasked."""
        first, size = self._take(2)
        size &= 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._take(8))
        if size > LARGEST_MESSAGE_BYTES or not first & FINAL:
            raise OSError("the server sends a message that nobody expects")
        return first & 0xF, self._take(size)

    def _take(self, size: int) -> bytes:
        while len(self.data) < size:
            self._read_more()
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def _read_more(self) -> None:
        more = self.connection.recv(65536)
        if not more:
            raise OSError("the connection ended")
        self.data += more
