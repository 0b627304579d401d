"""Listening sockets and local addresses, read from /proc."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..system.root import Root

# Socket states of /proc/net: a TCP listener, and an unconnected UDP socket (include/net/tcp_states.h).
TCP_LISTEN = "0A"
UDP_OPEN = "07"


class Listener(NamedTuple):
    """One listening socket. `address` is "*" for all addresses."""

    address: str
    port: int
    inode: int


def listeners(root: Root, protocol: str) -> Iterator[Listener]:
    """Every listening socket of "tcp" or "udp", both address families."""
    state = TCP_LISTEN if protocol == "tcp" else UDP_OPEN
    for name in (protocol, f"{protocol}6"):
        with contextlib.suppress(FileNotFoundError):
            for line in root.read(f"/proc/net/{name}").splitlines()[1:]:
                words = line.split()
                if words[3] == state:
                    address, port = words[1].split(":")
                    yield Listener(decode_address(address), int(port, 16), int(words[9]))


def decode_address(text: str) -> str:
    """An address of /proc/net in its usual form: hex of 32-bit words in the order of this processor."""
    words = [int(text[n : n + 8], 16) for n in range(0, len(text), 8)]
    packed = b"".join(struct.pack("=I", word) for word in words)
    if len(packed) == 4:
        address = socket.inet_ntop(socket.AF_INET, packed)
    else:
        six = ipaddress.IPv6Address(packed)
        address = str(six.ipv4_mapped or six)
    return "*" if address in ("0.0.0.0", "::") else address  # noqa: S104 - comparing, not binding


def process_listens(root: Root, pid: int) -> bool:
    """Whether a process owns a listening TCP socket."""
    inodes = {entry.inode for entry in listeners(root, "tcp")}
    try:
        descriptors = list(root.path(f"/proc/{pid}/fd").iterdir()) if pid else []
    except OSError:
        return False
    for descriptor in descriptors:
        with contextlib.suppress(OSError):
            target = os.readlink(descriptor)
            if target.startswith("socket:[") and int(target[8:-1]) in inodes:
                return True
    return False


class Owner(NamedTuple):
    """A process, and the unit of systemd that it belongs to ("" for none)."""

    pid: int
    name: str
    unit: str

    def __str__(self) -> str:
        return f"{self.name} ({self.unit or f'process {self.pid}'})"


def owner_of(root: Root, inode: int) -> Owner | None:
    """The process that holds a socket; the kernel itself and processes of other containers have none here."""
    wanted = f"socket:[{inode}]"
    for process in root.path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(_link(descriptor) == wanted for descriptor in (process / "fd").iterdir()):
                return process_of(root, int(process.name))
    return None


def process_of(root: Root, pid: int) -> Owner:
    """What a process is called, and the unit that it belongs to; "?" for one that has ended."""
    try:
        return Owner(pid, root.read(f"/proc/{pid}/comm").strip(), _unit_of(root.read(f"/proc/{pid}/cgroup")))
    except OSError:
        return Owner(pid, "?", "")


def _link(path: Path) -> str:
    with contextlib.suppress(OSError):
        return os.readlink(path)
    return ""


def _unit_of(cgroup: str) -> str:
    """The innermost service or scope in the lines of /proc/PID/cgroup."""
    names = [part for line in cgroup.splitlines() for part in line.split("/")]
    units = [name for name in names if name.endswith((".service", ".scope"))]
    return units[-1] if units else ""


def local_addresses(root: Root) -> set[str]:
    """Every address of this host, from the kernel's routing table (IPv4) and interface list (IPv6)."""
    found = set()
    candidate = ""
    with contextlib.suppress(FileNotFoundError):
        for line in root.read("/proc/net/fib_trie").splitlines():
            words = line.split()
            if words[:1] == ["|--"]:
                candidate = words[1]
            elif words[:3] == ["/32", "host", "LOCAL"]:
                found.add(candidate)
    with contextlib.suppress(FileNotFoundError):
        for line in root.read("/proc/net/if_inet6").splitlines():
            found.add(str(ipaddress.IPv6Address(bytes.fromhex(line.split()[0]))))
    return found
