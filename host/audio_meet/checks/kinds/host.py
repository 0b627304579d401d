"""Checks that look at the machine: units, sockets, addresses, logs."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime

from ...network import sockets
from ...system import systemd
from ...system.documents import Json
from ...system.errors import HostError
from ...system.root import Root

Answer = tuple[bool, str]
# Seconds since the epoch, and the text.
Line = tuple[float, str]
# A daemon that starts wrong says so while it reads its files and logs in; a JVM needs half of this at most.
STARTUP_SECONDS = 60
# Lines of the Java daemons whose trouble may be over. Whether it is, others ask: the checks of sessions, of
# breweries and bridges for what links to others say, `health` for the verdict of a daemon's own health check,
# which jicofo writes while it waits for its first bridge. A line about a room or participant is about people
# who come and go. By the context of the line (addContext in the sources), the class that speaks, and words.
PASSING = (
    re.compile(r"\[[^\]]*\b(room|meeting_id|confId|conf_name|epId|brewery|xmpp_connection)="),
    re.compile(
        r"\b\w*(HealthChecker|JvbDoctor|XmppProvider|BaseBrewery|MucClient|RetryStrategy)\b[\w$]*\.\w"
    ),
    re.compile(
        r"re-?try|reconnect|failed to connect|connection (was )?(closed|reset|refused|lost)|xmpp ping"
        r"|health.?check (timed out|failed|took too long)",
        re.IGNORECASE,
    ),
)
LOG_LINE = re.compile(r"\w+ (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d{3}) (\w+):?")
# Prosody on its console: optional time, logger, level, message.
PROSODY_ERROR = re.compile(r"^(?:\w{3} \d\d \d\d:\d\d:\d\d\s+)?\S+\s+error\s")


def unit(root: Root, check: Json) -> Answer:
    """The unit is up, and its main process may open so many files."""
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


def last_run(root: Root, check: Json) -> Answer:
    """What a timer starts ended well the last time; one that has not come to its turn yet is as good."""
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


def listening(root: Root, check: Json) -> Answer:
    """Exactly these addresses listen on the port."""
    found = {
        entry.address for entry in sockets.listeners(root, check["protocol"]) if entry.port == check["port"]
    }
    # "*" and the wildcard addresses are one and the same
    wanted = {"*" if a in ("0.0.0.0", "::") else a for a in check["addresses"]}  # noqa: S104 - comparing
    text = ", ".join(sorted(found)) or "nobody"
    if found == wanted:
        return True, text if found else "nobody listens"
    return False, f"{text} listens, expected {', '.join(sorted(wanted)) or 'nobody'}"


def local_address(root: Root, check: Json) -> Answer:
    """An interface of the host has the address."""
    found = sockets.local_addresses(root)
    if check["address"] in found:
        return True, "is on this host"
    shown = ", ".join(sorted(a for a in found if not a.startswith(("127.", "fe80", "::1"))))
    return False, f"is not on this host, which has {shown or 'no address'}"


def errors(root: Root, check: Json) -> Answer:
    """No line of priority error while the unit started: in its journal, and in its log files.

    What counts is what nothing but another start makes right: a daemon that reads its files wrong says so
    once. Lines whose trouble may be over (PASSING) are left to the checks that ask for it now. What a daemon
    complains about hours later is told, but it is no reason to refuse an unrelated change.
    """
    name = check["unit"]
    found = systemd.show(root, [name])[name]
    start = systemd.started_at(found)
    if not start:
        return False, "the unit has never started"
    lines = _journal_errors(root, found.get("InvocationID", ""))
    for log in check["logs"]:
        lines += _log_errors(root, log, start)
    lines = [(moment, text) for moment, text in lines if not any(each.search(text) for each in PASSING)]
    at_start = [text for moment, text in lines if moment <= start + STARTUP_SECONDS]
    if at_start:
        return False, f"{len(at_start)} error lines at the start, the first: {at_start[0][:300]}"
    if lines:
        return True, f"{len(lines)} error lines later than the start, the last: {lines[-1][1][:300]}"
    return True, "no error since the start"


def _journal_errors(root: Root, invocation: str) -> list[Line]:
    """Error lines of one run of a unit: by priority, and by Prosody's own word."""
    if not invocation:
        raise HostError("systemctl show", "tells no run of the unit", "its journal cannot be found without")
    command = [
        "journalctl",
        f"_SYSTEMD_INVOCATION_ID={invocation}",
        "-o",
        "json",
        "--output-fields=MESSAGE,PRIORITY,__REALTIME_TIMESTAMP",
    ]
    found = []
    told = root.run([*command, "--no-pager"])
    if told.code != 0:
        raise HostError("journalctl", told.last_line(), "is systemd-journald well on this host?")
    for line in told.out.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        message = entry.get("MESSAGE")
        if isinstance(message, list):  # bytes that are not text
            message = bytes(message).decode(errors="replace")
        if message and (int(entry.get("PRIORITY", 6)) <= 3 or PROSODY_ERROR.search(message)):
            moment = int(entry.get("__REALTIME_TIMESTAMP", 0)) / 1e6
            found.append((moment, " ".join(message.split())))
    return found


def _log_errors(root: Root, log: str, start: float) -> list[Line]:
    """Lines of level SEVERE or ERROR in a log file since the start of the unit; Java writes local time."""
    found = []
    try:
        text = root.read(log)
    except FileNotFoundError:
        return []
    for line in text.splitlines():
        head = LOG_LINE.match(line)
        if head and head.group(2) in ("SEVERE", "ERROR"):
            moment = datetime.strptime(head.group(1).replace(",", "."), "%Y-%m-%d %H:%M:%S.%f")
            seconds = time.mktime(moment.timetuple()) + moment.microsecond / 1e6
            if seconds >= start:
                found.append((seconds, line.strip()))
    return found
