"""Rules of a host's firewalls that limit new SSH connections, as iptables, ufw and nft write them."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass

from .root import Root

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

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
