"""The check of what daemons complain about in their journals and log files."""

from __future__ import annotations

import json
import re
import time
from datetime import datetime

from ...system import systemd
from ...system.documents import Json
from ...system.errors import HostError
from ...system.root import Root
from .check import Answer, Check

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
    # `disk` asks for the room that there is now. Prosody's storage tells a module "Error saving", and the
    # cause in a line of its own, which counts if it is another one.
    re.compile(r"No space left on device|Error saving to storage"),
)
LOG_LINE = re.compile(r"\w+ (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[.,]\d{3}) (\w+):?")
# Prosody on its console: optional time, logger, level, message.
PROSODY_ERROR = re.compile(r"^(?:\w{3} \d\d \d\d:\d\d:\d\d\s+)?\S+\s+error\s")


class Errors(Check):
    """No line of priority error while the unit started: in its journal, and in its log files.

    What counts is what nothing but another start makes right: a daemon that reads its files wrong says so
    once. Lines whose trouble may be over (PASSING) are left to the checks that ask for it now. What a daemon
    complains about hours later is told, but it is no reason to refuse an unrelated change.
    """

    kind = "errors"
    required = {"unit": str, "logs": list}
    subject = "unit"
    remedy = "read the log from the unit's start and correct what it names"
    each_round = True
    # a line in a log does not go away by waiting
    is_final = True

    def run(self, root: Root, check: Json) -> Answer:
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
            return True, f"{len(lines)} error lines after the start, the last: {lines[-1][1][:300]}"
        return True, "no error since the start"


def _journal_errors(root: Root, invocation: str) -> list[Line]:
    """Error lines of one run of a unit: by priority, and by Prosody's own word."""
    if not invocation:
        raise HostError("systemctl show", "shows no run of the unit", "restart the unit")
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
        raise HostError("journalctl", told.last_line(), "check systemctl status systemd-journald")
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
