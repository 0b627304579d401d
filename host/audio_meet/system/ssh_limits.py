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
from dataclasses import dataclass
from pathlib import Path

from .errors import HostError
from .root import Root

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

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
SECONDS = {"second": 1, "sec": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86400, "week": 604800}


@dataclass(frozen=True)
class Login:
    """The SSH connection that a run came over."""

    client: Address
    port: int


@dataclass(frozen=True)
class Limit:
    """So many new connections within so many seconds."""

    connections: int
    seconds: float

    @property
    def usable(self) -> int:
        """How many of them a deployment takes: one is left to a login of the operator's own."""
        return max(1, self.connections - 1)

    def __str__(self) -> str:
        return f"{self.connections} new connections in {self.seconds:g} s"


@dataclass(frozen=True)
class Words:
    """How one program writes its rules."""

    ports: str
    source: str
    accepts: str
    limits: Callable[[str], list[Limit]]


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


def limits(root: Root, login: Login) -> list[Limit]:
    """Limits that a new connection meets, in rules of iptables, of ufw, which writes those, and of nft.

    What comes behind a rule that lets the client in does not count.
    """
    program = "ip6tables-save" if login.client.version == 6 else "iptables-save"
    old = [rule for rule in root.run([program]).out.splitlines() if rule.startswith("-A ")]
    new = root.run(["nft", "list", "ruleset"]).out.splitlines()
    return list(dict.fromkeys([*_met(old, IPTABLES, login), *_met(new, NFT, login)]))


def _met(rules: list[str], words: Words, login: Login) -> list[Limit]:
    found: list[Limit] = []
    for rule in rules:
        if not _has_port(re.findall(words.ports, rule), login.port):
            continue
        sources = re.findall(words.source, rule)
        if re.search(words.accepts, rule) and any(_has_client(source, login.client) for source in sources):
            break
        found += words.limits(rule)
    return found


def _has_port(written: list[str], port: int) -> bool:
    """Whether one of the port lists of a rule (`22`, `22,80:90`, `{ 22, 80-90 }`) has the port."""
    spans = re.findall(r"(\d+)(?:[:-](\d+))?", " ".join(written))
    return any(int(first) <= port <= int(last or first) for first, last in spans)


def _has_client(source: str, client: Address) -> bool:
    try:
        return client in ipaddress.ip_network(source, strict=False)
    except ValueError:
        return False


def _of_iptables(rule: str) -> list[Limit]:
    """Limits of one rule. Source: iptables-extensions(8), modules recent, limit and hashlimit."""
    found = []
    seconds, hits = (re.search(rf"--{word} (\d+)", rule) for word in ("seconds", "hitcount"))
    if seconds and hits and re.search(r"--(update|rcheck)\b", rule):
        found.append(Limit(max(1, int(hits[1]) - 1), float(seconds[1])))
    rate = re.search(r"--(?:limit|hashlimit-upto|hashlimit-above) (\d+)/([a-z]+)", rule)
    if rate:
        burst = re.search(r"--(?:hash)?limit-burst (\d+)", rule)
        found.append(_bucket(rate[1], rate[2], burst[1] if burst else "5"))
    return found


def _of_nft(rule: str) -> list[Limit]:
    """Limits of one rule. Source: nft(8), LIMIT STATEMENT; a burst is 5 packets where none is given."""
    rates = re.findall(r"\blimit rate (?:over )?(\d+)/([a-z]+)(?: burst (\d+) packets)?", rule)
    return [_bucket(rate, unit, burst or "5") for rate, unit, burst in rates]


def _bucket(rate: str, unit: str, burst: str) -> Limit:
    """A bucket that is full at the beginning, as a window in which no more come than it holds."""
    connections = max(1, int(burst))
    return Limit(connections, connections * SECONDS[unit] / max(1, int(rate)))


IPTABLES = Words(r"--dports? (\S+)", r" -s (\S+)", r"-j ACCEPT\b", _of_iptables)
NFT = Words(r"\btcp dport (\d+|\{[^}]*\})", r"\bip6? saddr ([0-9a-f.:]+(?:/\d+)?)", r"\baccept\b", _of_nft)


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
