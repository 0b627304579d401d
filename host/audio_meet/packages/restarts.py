"""Daemons whose program an installation replaced under them."""

from __future__ import annotations

import re

from ..recorder import postponed
from ..system import systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import State
from ..units import settle

# Packages whose files daemons of another package read, by the names of their units; those need the restart.
READ_BY = {"jitsi-meet-prosody": re.compile(r"prosody(-v\d+)?\.service")}


def restart_users(root: Root, state: State, record: Json) -> list[str]:
    """Daemons that a group runs and whose program was replaced under them start anew, in the right order.

    Returns what was done, in words.

    A group that names the package restarts its units itself, in its turn: bridges change one at a time.
    """
    replaced = set(record.get("restart", []))
    if not replaced:
        return []
    groups = [group for group in state.groups().values() if not replaced & set(group.get("packages", {}))]
    run = list(dict.fromkeys(unit for group in groups for unit in group.get("run", [])))
    users = {unit for unit in run if replaced & packages_read_by(root, unit)}
    done = settle.Done()
    actions = {unit: "restart" for unit in run if unit in users}
    hand_over = any(group.get("handOver") for group in groups)
    prices = {unit: price for group in groups for unit, price in group.get("prices", {}).items()}
    wish = settle.Wish(run=[], actions=actions, reload_manager=True, hand_over=hand_over, prices=prices)
    settle.settle(root, wish, done)
    record["restart"] = []
    state.save_packages(record)
    restarted = sorted({unit for verb, unit in done.verbs if verb == "restart"})
    parts = ["restarted: " + ", ".join(restarted)] if restarted else []
    return parts + ([postponed.words(done.put_off)] if done.put_off else [])


def packages_read_by(root: Root, unit: str) -> set[str]:
    """The packages that a unit has to start anew for."""
    return _packages_of(root, unit) | {name for name, units in READ_BY.items() if units.fullmatch(unit)}


def _packages_of(root: Root, unit: str) -> set[str]:
    """The packages that ship the program of a running unit, and the script where it is an interpreter's."""
    if not systemd.is_up(systemd.show(root, [unit])[unit]):
        return set()
    start = _told(root, "systemctl", "show", "--property=ExecStart", "--value", "--", unit)
    program = start.partition("path=")[2].partition(" ;")[0].strip()
    words = start.partition("argv[]=")[2].partition(" ;")[0].split()
    programs = [program, *(word for word in words[1:2] if word.startswith("/usr/"))]
    # dpkg-query ends with 1 where one of them is of no package
    lines = _told(root, "dpkg-query", "-S", *programs, also=1).splitlines() if program else []
    owners = ",".join(line.partition(": ")[0] for line in lines)
    return {name.strip().partition(":")[0] for name in owners.split(",")} - {""}


def _told(root: Root, *command: str, also: int = 0) -> str:
    """What a command prints; a daemon of which nothing is known might go on with the program of before."""
    result = root.run(command)
    if result.code not in (0, also):
        cause = f"cannot find the package of {command[-1]}: {result.last_line()}"
        raise HostError(command[0], cause, "run pulumi up again; it does the restarts that are still due")
    return result.out
