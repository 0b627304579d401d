"""Ports that others have, and firewalls of others: who would be cut off, and who would cut us off."""

from __future__ import annotations

import re

from ..network import foreign_firewalls, sockets
from ..system.documents import Json
from ..system.root import Root
from .survey import Survey

# What they serve is looked at by itself: a web server can have one more site, a Prosody one more host.
SHARED_UNITS = ("nginx.service", "prosody.service")


def taken(survey: Survey) -> None:
    """No program of somebody else listens on a port of ours: it keeps our daemon out, or our firewall keeps
    its clients out."""
    for port in survey.wanted["ports"]:
        listening = [e for e in sockets.listeners(survey.root, port["protocol"]) if _covers(port, e.port)]
        for number in sorted({entry.port for entry in listening}):
            owners = {sockets.owner_of(survey.root, e.inode) for e in listening if e.port == number}
            foreign = sorted(str(owner) for owner in owners if owner and not _is_known(survey, owner))
            if foreign:
                cause = f"{', '.join(foreign)} listens there; {port['name']} needs it"
                remedy = "stop it or move it to another port, or use another server"
                survey.refuse(f"port {number}/{port['protocol']}", cause, remedy)


def _covers(port: Json, number: int) -> bool:
    return bool(port["port"] <= number <= port["lastPort"])


def _is_known(survey: Survey, owner: sockets.Owner) -> bool:
    return owner.unit in survey.our_units or owner.unit in SHARED_UNITS


def passed_on(survey: Survey) -> None:
    """No rule of somebody else (a published port of a container) leads a port of ours to another address."""
    refused = {problem.what for problem in survey.problems}
    targets = _destinations(survey.root)
    for port in survey.wanted["ports"]:
        for (protocol, number), target in sorted(targets.items()):
            what = f"port {number}/{protocol}"
            if protocol == port["protocol"] and _covers(port, number) and what not in refused:
                cause = f"a NAT rule of this host redirects it to {target}; {port['name']} needs it"
                survey.refuse(what, cause, "publish that service on another port, or use another server")


def _destinations(root: Root) -> dict[tuple[str, int], str]:
    """Where rules of iptables and nft lead new connections, by protocol and port."""
    found = {}
    for line in foreign_firewalls.rules(root, ["iptables-save"]).splitlines():
        match = re.search(r"-p (tcp|udp) .*--dport (\d+) .*-j DNAT .*--to-destination (\S+)", line)
        if match:
            found[match[1], int(match[2])] = match[3]
    for line in foreign_firewalls.rules(root, ["nft", "list", "ruleset"]).splitlines():
        match = re.search(r"\b(tcp|udp) dport (\d+) .*dnat (?:ip6? )?to (\S+)", line)
        if match:
            found[match[1], int(match[2])] = match[3]
    return found


def strict_firewalls(survey: Survey) -> None:
    """A firewall that drops what it does not name needs rules for us; whose it is alone can add them."""
    strict = foreign_firewalls.strict(survey.root, survey.wanted["table"])
    if not strict:
        return
    is_ufw = foreign_firewalls.has_ufw(survey.root)
    ports = [_span(port, ":" if is_ufw else "-") for port in survey.wanted["ports"] if port["open"]]
    words = (
        f"ufw allow {'; ufw allow '.join(ports)}"
        if is_ufw and ports
        else ", ".join(ports) or "no further port"
    )
    survey.root.note(
        f"your own firewall drops what it does not allow ({', '.join(strict)}) and is left unchanged: "
        f"allow there {words}"
    )


def _span(port: Json, dash: str) -> str:
    last = f"{dash}{port['lastPort']}" if port["lastPort"] > port["port"] else ""
    return f"{port['port']}{last}/{port['protocol']}"
