"""Checks that look at the machine: units, sockets, addresses, the kernel, the clock."""

from __future__ import annotations

import os
import re
import time

from ...network import sockets
from ...system import kernel, systemd
from ...system.documents import Json
from ...system.root import Root
from .check import Answer, Check

# Whatever the release or the operator chose (Debian and Ubuntu: unit names of these packages).
KEEPERS = ("systemd-timesyncd.service", "chrony.service", "ntpsec.service", "ntp.service", "openntpd.service")


class Unit(Check):
    """The unit is up, and its main process may open so many files."""

    kind = "unit"
    required = {"name": str}
    optional = {"minimumOpenFiles": int}
    subject = "name"
    remedy = "see journalctl -u {subject}"
    each_round = True

    def run(self, root: Root, check: Json) -> Answer:
        name = check["name"]
        found = systemd.show(root, [name])[name]
        if not systemd.is_up(found):
            return False, f"{found.get('ActiveState')}, {found.get('SubState')}"
        minimum = check.get("minimumOpenFiles")
        if minimum is None:
            return True, "active"
        limit = open_files_limit(root, int(found.get("MainPID") or 0))
        if limit < minimum:
            return False, f"may open {limit} files, needs {minimum}"
        return True, f"active, may open at least {minimum} files"


class Down(Check):
    """Nothing of the unit runs, and it does not start with the machine."""

    kind = "down"
    required = {"name": str}
    subject = "name"
    remedy = "stop and disable it with systemctl, or remove parked in the stack config"
    each_round = True

    def run(self, root: Root, check: Json) -> Answer:
        name = check["name"]
        found = systemd.show(root, [name])[name]
        if not systemd.is_down(found):
            return False, f"{found.get('ActiveState')}, {found.get('SubState')}"
        if systemd.is_enabled(found):
            return False, "starts with the machine"
        return True, "is down"


class LastRun(Check):
    """What a timer starts ended well the last time; one that has not come to its turn yet is as good."""

    kind = "lastRun"
    required = {"name": str}
    subject = "name"
    remedy = "see journalctl -u {subject}; its timer will try again"

    def run(self, root: Root, check: Json) -> Answer:
        name = check["name"]
        found = systemd.show(root, [name])[name]
        if found.get("LoadState") == "not-found":
            return False, "there is no such unit"
        if found.get("ActiveState") == "failed":
            return False, f"its last run failed: {systemd.last_words(root, name, systemd.started_at(found))}"
        started = systemd.started_at(found)
        return True, f"ran {time.time() - started:.0f} s ago" if started else "has not run yet"


def open_files_limit(root: Root, pid: int) -> int:
    """The soft limit of open files of a process; 0 when it is gone."""
    try:
        text = root.read(f"/proc/{pid}/limits")
    except OSError:
        return 0
    found = re.search(r"^Max open files\s+(\S+)", text, re.MULTILINE)
    if not found:
        return 0
    return 2**31 if found.group(1) == "unlimited" else int(found.group(1))


class Listening(Check):
    """Exactly these addresses listen on the port."""

    kind = "listening"
    required = {"protocol": str, "port": int, "addresses": list}
    remedy = "compare the daemon's configuration with ss -ltnup"
    each_round = True

    def title(self, check: Json) -> str:
        return f"listening {check['protocol']} {check['port']}"

    def run(self, root: Root, check: Json) -> Answer:
        found = {
            entry.address
            for entry in sockets.listeners(root, check["protocol"])
            if entry.port == check["port"]
        }
        # "*" and the wildcard addresses are one and the same
        wanted = {"*" if a in ("0.0.0.0", "::") else a for a in check["addresses"]}  # noqa: S104 - comparing
        text = ", ".join(sorted(found)) or "nobody"
        if found == wanted:
            return True, text if found else "nothing listens"
        return False, f"{text} listens, expected {', '.join(sorted(wanted)) or 'nobody'}"


class LocalAddress(Check):
    """An interface of the host has the address."""

    kind = "localAddress"
    required = {"address": str}
    subject = "address"
    remedy = "correct the address in the stack config, or configure it on the host"
    each_round = True

    def run(self, root: Root, check: Json) -> Answer:
        found = sockets.local_addresses(root)
        if check["address"] in found:
            return True, "is on this host"
        shown = ", ".join(sorted(a for a in found if not a.startswith(("127.", "fe80", "::1"))))
        return False, f"is not on this host, which has {shown or 'no address'}"


class Kernel(Check):
    """Every value is at least the wanted one; what the kernel refuses is told and does not fail."""

    kind = "kernel"
    required = {"values": dict}
    remedy = "set the values on the host of this container, if they matter"

    def run(self, root: Root, check: Json) -> Answer:
        low = []
        for key, value in sorted(check["values"].items()):
            found = kernel.current(root, key)
            if found is None or found < value:
                low.append(f"{key} is {'missing' if found is None else found} instead of {value}")
        return (
            True,
            f"this kernel keeps its own values: {', '.join(low)}" if low else "every value is high enough",
        )


class Disk(Check):
    """The file system has room: a daemon that cannot write loses what it is told, and goes on."""

    kind = "disk"
    required = {"path": str, "minimumMegabytes": int}
    subject = "path"
    remedy = "make room: apt-get clean, old logs (journalctl --vacuum-size=100M), or a larger disk"

    def run(self, root: Root, check: Json) -> Answer:
        # what a daemon may use, not root's reserve
        found = os.statvfs(root.path(check["path"]))
        free = found.f_bavail * found.f_frsize // (1 << 20)
        needed = check["minimumMegabytes"]
        wanted = "" if free >= needed else f", at least {needed} are needed"
        return free >= needed, f"{free} MB are free{wanted}"


class Clock(Check):
    """Something keeps the time right; in a container that is its host's part. Said, and never a failure."""

    kind = "clock"
    remedy = "install systemd-timesyncd or chrony"

    def run(self, root: Root, check: Json) -> Answer:
        if root.run(["systemd-detect-virt", "--container", "--quiet"]).code == 0:
            return True, "a container: its host sets the clock"
        running = [name for name, unit in systemd.show(root, KEEPERS).items() if systemd.is_up(unit)]
        if running:
            return True, f"synchronised by {', '.join(running)}"
        return True, "nothing synchronises the clock of this host: install systemd-timesyncd or chrony"
