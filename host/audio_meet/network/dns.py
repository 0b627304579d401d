"""Questions to the host's DNS servers themselves: what the rest of the world sees, whatever /etc/hosts says.

Debian puts a host's own name there as 127.0.1.1, so the resolver of the system would not do. Nor would a
server on the host itself, such as systemd-resolved's stub: it answers out of the same file. RFC 1035 §4.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct

from ..system.errors import HostError
from ..system.root import Root

PORT = 53
# The servers that systemd-resolved asks itself (systemd-resolved.service(8)).
UPLINKS = "/run/systemd/resolve/resolv.conf"
TIMEOUT_SECONDS = 3
TRIES = 2
RECORDS = {"A": 1, "AAAA": 28}
INTERNET = 1
RECURSION_DESIRED = 0x0100
TRUNCATED = 0x0200
NO_SUCH_NAME = 3


def addresses(root: Root, name: str) -> list[str]:
    """Every IPv4 and IPv6 address that the DNS has for a name; none where the name does not exist.

    HostError where no server answers, or none but one on this host that gives its own word for the name.
    """
    return [found for record in RECORDS for found in _ask(root, name, record)]


def servers(root: Root) -> list[str]:
    """The DNS servers of this host in their order; first those behind a stub of systemd-resolved."""
    known = _named_in(root, "/etc/resolv.conf")
    beyond = _named_in(root, UPLINKS) if any(_is_here(server) for server in known) else []
    return list(dict.fromkeys([*beyond, *known]))


def _named_in(root: Root, path: str) -> list[str]:
    try:
        rows = [line.split() for line in root.read(path).splitlines()]
    except OSError:
        return []
    return [row[1] for row in rows if len(row) > 1 and row[0] == "nameserver"]


def _is_here(address: str) -> bool:
    return address == "::1" or address.startswith("127.")


def _ask(root: Root, name: str, record: str) -> list[str]:
    last = "/etc/resolv.conf names none"
    for server in servers(root) * TRIES:
        try:
            found = _exchange(server, name, record)
        except (OSError, ValueError, struct.error, IndexError) as error:
            last = f"{server}: {error or type(error).__name__}"
            continue
        if not (_is_here(server) and any(map(_is_here, found))):
            return found
        last = f"{server}: {', '.join(found)}, from /etc/hosts"
    remedy = "correct the DNS servers of this host, or remove the name from its /etc/hosts"
    raise HostError(f"DNS for {name}", f"no server answers ({last})", remedy)


def _exchange(server: str, name: str, record: str) -> list[str]:
    number = int.from_bytes(os.urandom(2), "big")
    question = _question(number, name, RECORDS[record])
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as link:
        link.settimeout(TIMEOUT_SECONDS)
        link.connect((server, PORT))
        link.send(question)
        answer = link.recv(65535)
    if struct.unpack_from(">HH", answer)[1] & TRUNCATED:
        answer = _over_tcp(family, server, question)
    return _addresses_in(answer, number, RECORDS[record])


def _over_tcp(family: int, server: str, question: bytes) -> bytes:
    with socket.socket(family, socket.SOCK_STREAM) as link:
        link.settimeout(TIMEOUT_SECONDS)
        link.connect((server, PORT))
        link.sendall(struct.pack(">H", len(question)) + question)
        stream = link.makefile("rb")
        (length,) = struct.unpack(">H", stream.read(2))
        return stream.read(length)


def _question(number: int, name: str, kind: int) -> bytes:
    labels = b"".join(bytes([len(label)]) + label.encode("ascii") for label in name.rstrip(".").split("."))
    head = struct.pack(">HHHHHH", number, RECURSION_DESIRED, 1, 0, 0, 0)
    return head + labels + b"\0" + struct.pack(">HH", kind, INTERNET)


def _addresses_in(answer: bytes, number: int, kind: int) -> list[str]:
    """Addresses of one kind in the answer section, those behind aliases included."""
    same, flags, questions, answers = struct.unpack_from(">HHHH", answer)
    if same != number:
        raise ValueError("the answer belongs to another question")
    code = flags & 0xF
    if code == NO_SUCH_NAME:
        return []
    if code:
        raise ValueError(f"it answers with error {code}")
    at = 12
    for _ in range(questions):
        at = _after_name(answer, at) + 4
    found = []
    for _ in range(answers):
        at = _after_name(answer, at)
        its_kind, _its_class, _lifetime, length = struct.unpack_from(">HHIH", answer, at)
        at += 10
        if its_kind == kind:
            found.append(str(ipaddress.ip_address(answer[at : at + length])))
        at += length
    return found


def _after_name(answer: bytes, at: int) -> int:
    while True:
        length = answer[at]
        if length >= 0xC0:  # a pointer ends the name
            return at + 2
        at += 1 + length
        if length == 0:
            return at
