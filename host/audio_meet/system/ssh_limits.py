"""Limits of new SSH connections in this host's firewalls, such as that of `ufw limit 22/tcp`.

A deployment opens one connection after the other, one for each step. A run that came over SSH ends when the
next connection will be let in: none is refused, since a refused one counts as well.
"""

from __future__ import annotations

import ipaddress
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

from .errors import HostError
from .root import Root
from .ssh_rules import Address, Limit, Login, limits

# When connections came, in seconds since the host started; gone with its next start.
LOGINS = "/run/audio-meet-logins.json"
REMEMBERED = 200
# What came before the first run: a refused `up` (a look at the port and a login), and the look of this one.
UNSEEN = 3
# A core takes about forty connections: with this pause for each its first `up` takes 20 minutes more.
LONGEST_PAUSE_SECONDS = 30.0
# A sixth of what a step may take (components/host/step.ts).
LONGEST_WAIT_SECONDS = 300.0
# The firewall's clock began when the connection was opened, before this program saw the time.
MARGIN_SECONDS = 1.0


def login_of(process: int, folder: Path = Path("/proc")) -> Login | None:
    """The connection that a process came over. sudo takes SSH_CONNECTION (ssh(1)) away; a parent has it."""
    while process > 1:
        try:
            environment = (folder / str(process) / "environ").read_bytes()
            status = (folder / str(process) / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        found = re.search(rb"(?:^|\0)SSH_CONNECTION=(\S+) \d+ \S+ (\d+)(?:\0|$)", environment)
        if found:
            return Login(_address(found[1].decode()), int(found[2]))
        # proc_pid_stat(5): the name, in brackets, may have anything in it; the parent comes second after it.
        process = int(status.rpartition(")")[2].split()[1])
    return None


def _address(text: str) -> Address:
    """An address; one of a link comes with its interface, and one of IPv4 may be written as one of IPv6."""
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def within(root: Root, work: Callable[[], int], *, is_first: bool = False) -> int:
    """Run `work`; if it came over SSH and went well, end when one more connection is let in.

    Returns its exit code. The first run of a deployment: HostError where no pause is long enough.
    """
    login = login_of(os.getpid())
    if login is None:
        return work()
    met = limits(root, login)
    if is_first:
        _refuse_hopeless(root, login, met)
    # Where nothing limits, nothing is written.
    if met:
        _note_login(root)
    code = work()
    if code == 0:
        _keep(root, met)
    return code


def _refuse_hopeless(root: Root, login: Login, met: list[Limit]) -> None:
    """HostError where the pauses would be longer than anybody waits, with the line to type."""
    for limit in met:
        if limit.seconds / limit.usable > LONGEST_PAUSE_SECONDS:
            rule = f"allow from {login.client} to any port {login.port} proto tcp"
            raise HostError(
                f"port {login.port}/tcp",
                f"a firewall of this host allows {limit}, but a deployment opens up to 40",
                f"ufw insert 1 {rule}" if root.has("ufw") else f"put a rule before that one: {rule}",
            )


def _note_login(root: Root) -> None:
    """Remember that a connection came, with the first one those that only the firewall has counted."""
    before = _logins(root)
    times = 1 if before else 1 + UNSEEN
    text = json.dumps([*before, *[time.monotonic()] * times][-REMEMBERED:])
    file = root.path(LOGINS)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _keep(root: Root, met: list[Limit]) -> None:
    """Wait, and say so, until one more connection is let in."""
    logins, now = _logins(root), time.monotonic()
    wait = max((_wait(limit, logins, now) for limit in met), default=0.0)
    if wait > 0:
        text = f"waiting {wait:.0f} s, because a firewall of this host limits new SSH connections"
        print(text, file=sys.stderr, flush=True)
        time.sleep(wait)


def _wait(limit: Limit, logins: list[float], now: float) -> float:
    if len(logins) < limit.usable:
        return 0.0
    return min(logins[-limit.usable] + limit.seconds + MARGIN_SECONDS - now, LONGEST_WAIT_SECONDS)


def _logins(root: Root) -> list[float]:
    try:
        return [float(each) for each in json.loads(root.read(LOGINS))]
    except (OSError, ValueError, TypeError):
        return []
