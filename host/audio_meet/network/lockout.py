"""Whether new connections from outside still get in, tried from a network of its own on the host.

A rule that locks administrators out does not end the connection that loads it: replies of established
connections pass. So a connection is made that is really new and does not come over loopback.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

from ..system.errors import HostError
from ..system.root import Root

NETWORK = "audio-meet-probe"
LINKS = ("am-probe0", "am-probe1")
# Addresses that no real network uses (RFC 2544, benchmarking).
HERE, THERE = "198.18.255.1", "198.18.255.2"
# A packet that is dropped is not answered. One that is lost, as while the link comes up on a busy machine, is
# sent again after 1 s and 3 s (RFC 6298: one second, then doubled): that is no rule of the firewall.
CONNECT_SECONDS = 4
# Refused is reached: the answer comes from the host, not from its firewall.
CONNECT = (
    "import socket, sys\n"
    "for port in sys.argv[2:]:\n"
    f"    try: socket.create_connection((sys.argv[1], int(port)), {CONNECT_SECONDS}).close()\n"
    "    except ConnectionRefusedError: pass\n"
    "    except OSError: print(port)\n"
)


@contextlib.contextmanager
def prevented(root: Root, ports: list[int]) -> Iterator[None]:
    """Raise HostError at the end if a port is cut off that new connections reached at the beginning."""
    if not ports:
        yield
        return
    before = blocked(root, ports)
    if before is None:
        root.note(
            "no test network can be created here: whether the firewall rules keep SSH open was not tested"
        )
        yield
        return
    yield
    after = blocked(root, ports)
    if after is None:
        raise HostError(
            "SSH",
            "cannot tell whether the new rules keep it open: the test network can no longer be created",
            "the previous rules are back; try again",
        )
    cut = sorted(after - before)
    if cut:
        names = ", ".join(f"{port}/tcp" for port in cut)
        raise HostError(
            f"port {names}",
            "the new rules block new connections to it",
            "the previous rules are back; correct the firewall rules",
        )


def blocked(root: Root, ports: list[int]) -> set[int] | None:
    """Those of `ports` that do not answer a new connection from outside; None where that cannot be tried.

    What fails is tried a second time: a busy machine is late, with the network and with an answer.
    """
    found = _tried(root, ports)
    if found is None:
        found = _tried(root, ports)
    return _tried(root, sorted(found)) if found else found


def _tried(root: Root, ports: list[int]) -> set[int] | None:
    inside = ["ip", "-n", NETWORK]
    setup = [
        ["ip", "netns", "add", NETWORK],
        ["ip", "link", "add", LINKS[0], "type", "veth", "peer", "name", LINKS[1], "netns", NETWORK],
        ["ip", "address", "add", f"{HERE}/30", "dev", LINKS[0]],
        ["ip", "link", "set", LINKS[0], "up"],
        [*inside, "address", "add", f"{THERE}/30", "dev", LINKS[1]],
        [*inside, "link", "set", LINKS[1], "up"],
    ]
    _clear(root)
    try:
        if any(root.run(command).code != 0 for command in setup):
            return None
        connect = [sys.executable or "python3", "-I", "-c", CONNECT, HERE, *map(str, ports)]
        result = root.run(["nsenter", f"--net=/run/netns/{NETWORK}", *connect])
        return {int(word) for word in result.out.split()} if result.code == 0 else None
    finally:
        _clear(root)


def _clear(root: Root) -> None:
    """Take the test network away, also what an interrupted run left; its link goes with it."""
    root.run(["ip", "link", "delete", LINKS[0]])
    root.run(["ip", "netns", "delete", NETWORK])
