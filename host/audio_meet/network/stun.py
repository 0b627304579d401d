"""STUN messages as TURN uses them (RFC 8489, RFC 8656), over datagrams and over streams."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import ipaddress
import os
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import NamedTuple

COOKIE = 0x2112A442.to_bytes(4, "big")
HEADER_BYTES = 20
BINDING = 0x001
ALLOCATE, REFRESH, CREATE_PERMISSION = 0x003, 0x004, 0x008
# Class bits of the type of a message (RFC 8489, section 5).
SUCCESS, ERROR = 0x100, 0x110
USERNAME, MESSAGE_INTEGRITY, ERROR_CODE, LIFETIME = 0x0006, 0x0008, 0x0009, 0x000D
XOR_PEER_ADDRESS, REALM, NONCE, XOR_RELAYED_ADDRESS = 0x0012, 0x0014, 0x0015, 0x0016
PRIORITY, ICE_CONTROLLED, FINGERPRINT = 0x0024, 0x8029, 0x8028
REQUESTED_ADDRESS_FAMILY, REQUESTED_TRANSPORT = 0x0017, 0x0019
UDP = b"\x11\0\0\0"
FINGERPRINT_MASK = 0x5354554E
FAMILIES = {4: b"\x01", 6: b"\x02"}


class Address(NamedTuple):
    """An IP address and a port."""

    ip: str
    port: int


# Kind and value; an address is written in the way that its attribute asks for.
Attribute = tuple[int, "bytes | Address"]


@dataclass(frozen=True)
class Message:
    """A message that came: its type, and the first attribute of each kind."""

    type: int
    transaction: bytes
    attributes: dict[int, bytes]

    def error(self) -> int:
        """The code of an error, as in 403; 0 for a success."""
        value = self.attributes.get(ERROR_CODE, b"")
        return value[2] * 100 + value[3] if self.type & ERROR == ERROR and len(value) >= 4 else 0

    def address(self, kind: int) -> Address | None:
        """The address in a XOR-…-ADDRESS attribute; None where there is none."""
        value = self.attributes.get(kind, b"")
        if len(value) not in (8, 20):
            return None
        mask = COOKIE + self.transaction
        ip = ipaddress.ip_address(_xor(value[4:], mask))
        return Address(str(ip), int.from_bytes(_xor(value[2:4], mask), "big"))


@dataclass
class Session:
    """One client of a TURN server; `credentials` are name and password, the rest the server says."""

    connection: socket.socket
    credentials: tuple[str, str]
    realm: bytes = b""
    nonce: bytes = b""
    data: bytes = field(default=b"", repr=False)

    def ask(self, method: int, *attributes: Attribute) -> Message:
        """Send a request and wait for its answer; once more with the realm and nonce that are asked for."""
        answer = self._exchange(method, attributes)
        # 401: no credentials yet; 438: the nonce is out of date
        if answer.error() in (401, 438) and answer.attributes.get(NONCE) != self.nonce:
            self.realm = answer.attributes.get(REALM, b"")
            self.nonce = answer.attributes.get(NONCE, b"")
            answer = self._exchange(method, attributes)
        return answer

    def _exchange(self, method: int, attributes: tuple[Attribute, ...]) -> Message:
        transaction = os.urandom(12)
        body = b"".join(
            attribute(kind, xor_address(value, transaction) if isinstance(value, Address) else value)
            for kind, value in attributes
        )
        if self.nonce:
            name, password = self.credentials
            body += attribute(USERNAME, name.encode()) + attribute(REALM, self.realm)
            body += attribute(NONCE, self.nonce)
            secret = b":".join((name.encode(), self.realm, password.encode()))
            key = hashlib.md5(secret, usedforsecurity=False).digest()
            # the length in the header counts the digest, which is made over everything before it
            text = header(method, len(body) + 24, transaction) + body
            body += attribute(MESSAGE_INTEGRITY, hmac.new(key, text, hashlib.sha1).digest())
        self.connection.sendall(header(method, len(body), transaction) + body)
        return self._receive(transaction)

    def _receive(self, transaction: bytes) -> Message:
        is_stream = self.connection.type == socket.SOCK_STREAM
        while True:
            message = self._stream_message() if is_stream else self.connection.recv(65535)
            if len(message) >= HEADER_BYTES and message[8:HEADER_BYTES] == transaction:
                return parse(message)

    def _stream_message(self) -> bytes:
        while True:
            if len(self.data) >= HEADER_BYTES:
                end = HEADER_BYTES + int.from_bytes(self.data[2:4], "big")
                if len(self.data) >= end:
                    message, self.data = self.data[:end], self.data[end:]
                    return message
            more = self.connection.recv(4096)
            if not more:
                raise OSError("the server closed the connection")
            self.data += more


def connectivity_check(fragment: str, password: str, transaction: bytes) -> bytes:
    """What a participant's ICE asks a bridge first, by the fragment and password that the bridge gave.

    RFC 8445, section 7.2.
    A bridge drops what names no fragment of its own, so a bare binding request has no answer from it.
    """
    body = attribute(USERNAME, f"{fragment}:doctor".encode()) + attribute(PRIORITY, b"\x6e\0\x1e\xff")
    body += attribute(ICE_CONTROLLED, bytes(8))
    # each length counts what is signed, and the signature itself
    signed = header(BINDING, len(body) + 24, transaction) + body
    body += attribute(MESSAGE_INTEGRITY, hmac.new(password.encode(), signed, hashlib.sha1).digest())
    checksum = binascii.crc32(header(BINDING, len(body) + 8, transaction) + body) ^ FINGERPRINT_MASK
    return (
        header(BINDING, len(body) + 8, transaction)
        + body
        + attribute(FINGERPRINT, struct.pack("!I", checksum))
    )


def time_limited(secret: str, seconds: int) -> tuple[str, str]:
    """Name and password that end in so many seconds, made from the secret that Prosody and coturn share."""
    name = str(int(time.time()) + seconds)
    digest = hmac.new(secret.encode(), name.encode(), hashlib.sha1).digest()
    return name, base64.b64encode(digest).decode()


def header(kind: int, length: int, transaction: bytes) -> bytes:
    """The 20 bytes that every message begins with."""
    return struct.pack("!HH", kind, length) + COOKIE + transaction


def attribute(kind: int, value: bytes) -> bytes:
    """One attribute, filled up to four bytes."""
    return struct.pack("!HH", kind, len(value)) + value + b"\0" * (-len(value) % 4)


def parse(message: bytes) -> Message:
    """A message from its bytes."""
    attributes: dict[int, bytes] = {}
    position = HEADER_BYTES
    while position + 4 <= len(message):
        kind, length = struct.unpack_from("!HH", message, position)
        attributes.setdefault(kind, message[position + 4 : position + 4 + length])
        position += 4 + length + (-length % 4)
    return Message(struct.unpack_from("!H", message)[0], message[8:HEADER_BYTES], attributes)


def family_of(ip: str) -> bytes:
    """The family of an address as attributes name it."""
    return FAMILIES[ipaddress.ip_address(ip).version]


def xor_address(address: Address, transaction: bytes) -> bytes:
    """The value of a XOR-…-ADDRESS attribute."""
    mask = COOKIE + transaction
    ip = ipaddress.ip_address(address.ip).packed
    port = address.port.to_bytes(2, "big")
    return b"\0" + family_of(address.ip) + _xor(port, mask) + _xor(ip, mask)


def _xor(data: bytes, mask: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(data, mask[: len(data)], strict=True))
