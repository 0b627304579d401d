"""Security groups of an instance: nft rules in its own network namespace, set from outside, as EC2 does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import guest
from base import LabError, run, wait_until
from state import Machine, folder

TABLE = "security_groups"
_NETWORK_SECONDS = 10
_GREETING = ["ssh-keyscan", "-T", "2", "-t", "ed25519", "127.0.0.1"]


def rule(values: dict[str, Any], end: str) -> str:
    """One rule in nft's words. `end`: the field that says who the other one is, `saddr` or `daddr`."""
    protocol, first, last = values["protocol"], values.get("fromPort"), values.get("toPort")
    ends = ", ".join(sorted(set(values["ends"])))
    match = f"ip {end} {{ {ends} }}"
    if protocol in ("tcp", "udp"):
        match += f" {protocol} dport {first}-{last}"
    elif protocol == "icmp":
        # The fields of ports hold ICMP's type and code; -1 stands for all.
        match += " meta l4proto icmp" if first == -1 else f" icmp type {first}"
        match += "" if first == -1 or last == -1 else f" icmp code {last}"
    return f"{match} accept"


def table(rules: dict[str, Any]) -> str:
    """The nft table of an instance: what begins a conversation needs a rule, answers need none."""
    chains = []
    for hook, direction, interface, end in (
        ("input", "ingress", "iifname", "saddr"),
        ("output", "egress", "oifname", "daddr"),
    ):
        # Before the guest's own rules: those may refuse more, never allow more.
        lines = [f'{interface} "lo" accept', "ct state established,related accept"]
        lines += [rule(values, end) for values in rules[direction]]
        body = "\n    ".join([f"type filter hook {hook} priority filter - 10; policy drop;", *lines])
        chains.append(f"  chain {direction} {{\n    {body}\n  }}")
    content = "\n".join(chains)
    return f"add table inet {TABLE}\ndelete table inet {TABLE}\ntable inet {TABLE} {{\n{content}\n}}\n"


def enforce(machine: Machine, rules: dict[str, Any]) -> None:
    """Write the rules down for the next boot, and set them if the instance runs."""
    folder(machine.name).firewall.write_text(json.dumps(rules))
    if machine.running:
        set_rules(machine)


def set_rules(machine: Machine) -> None:
    """Set the rules that are written down in a guest that runs. Raises LabError.

    With the nft of the guest's own image, which reads the guest's other rules, too: Debian 12's crashes over
    what Debian 13's has made.
    """
    files = folder(machine.name)
    rules = json.loads(files.firewall.read_text())
    with network_of(machine) as namespace:
        nft = ["chroot", str(files.root), "/usr/sbin/nft", "-f", "-"]
        run(["nsenter", f"--net={namespace}", *nft], stdin=table(rules))


def set_when_possible(machine: Machine) -> None:
    """Set the rules as soon as a guest that boots has a network. Raises LabError."""
    refused: LabError | None = None

    def settled() -> bool:
        nonlocal refused
        try:
            set_rules(machine)
        except (LabError, OSError) as error:
            refused = LabError(str(error))
            return False
        return True

    if not wait_until(settled, _NETWORK_SECONDS, 0.02):
        raise LabError(f"{machine.name}: no security groups: {refused}")


def answers(machine: Machine) -> bool:
    """True if the SSH server greets inside the instance; outside it may be hidden behind the groups."""
    try:
        with network_of(machine) as namespace:
            return bool(run(["nsenter", f"--net={namespace}", *_GREETING]))
    except (LabError, OSError):
        return False


@contextmanager
def network_of(machine: Machine) -> Iterator[str]:
    """Path of the guest's network namespace, which can be no other's as long as the context lasts."""
    first = guest.init_process(machine)
    if not first:
        raise LabError(f"{machine.name} has ended; look into {folder(machine.name).console}")
    descriptor = os.open(f"/proc/{first.pid}/ns/net", os.O_RDONLY)
    try:
        if os.fstat(descriptor).st_ino == os.stat("/proc/self/ns/net").st_ino:
            raise LabError(f"{machine.name} has no network of its own yet")
        # Programs that we start find it at our own descriptor.
        yield f"/proc/{os.getpid()}/fd/{descriptor}"
    finally:
        os.close(descriptor)
