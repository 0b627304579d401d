"""From changed files to running units: who is restarted, in which order, and whether it stays up."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field

from ..bridge import hand_over as bridge
from ..network import people, sockets
from ..recorder import postponed
from ..system import systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from . import nginx_reload

# A Prosody whose port is taken stays up and says so in its log alone: here the previous files come back.
MUST_LISTEN = re.compile(r"prosody-(jvb|v\d+)\.service")


@dataclass
class Wish:
    """What the units of a host are owed.

    `run` are units that must be enabled and running, in order; `actions` maps a unit to "restart" or
    "reload"; `elsewhere` are units that other groups run; `quiet` keeps journal lines out of error texts;
    with `hand_over` another bridge can take who is on this one; `prices` say what a restart costs people.
    """

    run: list[str]
    actions: dict[str, str] = field(default_factory=dict)
    elsewhere: list[str] = field(default_factory=list)
    reload_manager: bool = False
    quiet: bool = False
    hand_over: bool = False
    prices: dict[str, Json] = field(default_factory=dict)


@dataclass
class Done:
    """What was done, for the summary and for undoing it; `put_off` waits for a recording to end.

    `installed` are packages that came first, `handed_over` says who was moved to other bridges, `parked` how
    the bridge was emptied.
    """

    verbs: list[tuple[str, str]] = field(default_factory=list)
    enabled: list[str] = field(default_factory=list)
    was_up: set[str] = field(default_factory=set)
    taken_down: list[str] = field(default_factory=list)
    put_off: list[str] = field(default_factory=list)
    installed: list[str] = field(default_factory=list)
    handed_over: str = ""
    parked: str = ""


Step = tuple[str, str]  # verb, unit


def plan(wish: Wish, units: dict[str, systemd.Unit]) -> list[Step]:
    """The fewest steps that fulfil a wish, in order. Pure: `units` are the properties as they are now."""
    # whoever asks a daemon of another group at its start (an exporter its nginx) finds it with the new files
    asked = [name for name in sorted(wish.elsewhere) if wish.actions.get(name) == "reload"]
    names = list(dict.fromkeys([*asked, *wish.run, *sorted(wish.elsewhere), *sorted(wish.actions)]))
    steps: list[Step] = []
    for name in names:
        up = systemd.is_up(units[name])
        action = wish.actions.get(name)
        if not up and (name in wish.run or (action and name in wish.elsewhere)):
            steps.append(("start", name))
        elif action and up:
            steps.append((action, name))
    return steps


def settle(root: Root, wish: Wish, done: Done) -> None:
    """Fulfil a wish and wait until every unit that was touched stays up; fills `done` on the way."""
    names = {*wish.run, *wish.elsewhere, *wish.actions}
    units = systemd.show(root, sorted(names))
    if wish.reload_manager or any(u.get("NeedDaemonReload") == "yes" for u in units.values()):
        systemd.order(root, "daemon-reload")
        units = systemd.show(root, sorted(names))
    done.was_up = {name for name, unit in units.items() if systemd.is_up(unit)}
    _require(wish.run, units)
    for name in wish.run:
        if not systemd.is_enabled(units[name]):
            systemd.order(root, "enable", name)
            done.enabled.append(name)
    steps = plan(wish, units)
    done.put_off = postponed.put_off(root, steps)
    steps = [step for step in steps if step[1] not in done.put_off]
    optional = {n for n in wish.elsewhere if n not in wish.run and n not in done.was_up}
    for verb, name in steps:
        if verb == "restart" and name in wish.prices:
            print(f"restarts {name}: {people.notice(root, wish.prices[name])}", flush=True)
    if wish.hand_over and ("restart", bridge.UNIT) in steps:
        done.handed_over = bridge.hand_over(root)
    _execute(root, steps, done, optional, wish.quiet)


def _require(run: list[str], units: dict[str, systemd.Unit]) -> None:
    for name in run:
        state = units[name].get("LoadState")
        if state == "not-found":
            raise HostError(
                name, "there is no such unit", "install the package that ships it, or manage its unit file"
            )
        if state == "masked":
            raise HostError(name, "the unit is masked", f"systemctl unmask {name}")


def _execute(root: Root, steps: list[Step], done: Done, optional: set[str], quiet: bool) -> None:
    began = time.time()
    starts = [name for verb, name in steps if verb in ("start", "restart")]
    if starts:
        # the start limit (5 in 10 s) also counts orders from outside
        systemd.try_order(root, "reset-failed", *starts)
    touched = []
    for verb, name in steps:
        done.verbs.append((verb, name))
        try:
            if (verb, name) == ("reload", nginx_reload.UNIT):
                nginx_reload.reload(root)
            else:
                systemd.order(root, verb, name)
            if MUST_LISTEN.fullmatch(name):
                _wait_for_answer(root, name)
        except HostError as error:
            if name in optional:
                root.note(f"{name} was down and does not start")
                continue
            raise failure(root, name, error.cause, began, quiet) from None
        if name not in optional:
            touched.append(name)
    _stay_up(root, touched, began, quiet)
    if bridge.UNIT in touched:
        bridge.warm_up(root)


def _wait_for_answer(root: Root, name: str) -> None:
    """Wait until the main process of a unit listens somewhere."""
    deadline = time.monotonic() + root.settle_seconds
    while time.monotonic() < deadline:
        unit = systemd.show(root, [name])[name]
        if unit.get("ActiveState") == "failed":
            raise HostError(name, "ended right after its start", "")
        if sockets.process_listens(root, int(unit.get("MainPID") or 0)):
            return
        time.sleep(0.1)
    raise HostError(name, f"does not listen after {root.settle_seconds:g} s", "")


def _stay_up(root: Root, names: list[str], began: float, quiet: bool) -> None:
    """Every unit must be up for a while without a restart of its own."""
    if not names:
        return
    first = now = systemd.show(root, names)
    deadline = time.monotonic() + root.stay_up_seconds
    while True:
        for name in names:
            same = all(now[name].get(key) == first[name].get(key) for key in ("NRestarts", "MainPID"))
            if not systemd.is_up(now[name]) or not same:
                state = f"{now[name].get('ActiveState')}, {now[name].get('SubState')}"
                raise failure(root, name, f"does not stay up ({state})", began, quiet)
        if time.monotonic() >= deadline:
            return
        time.sleep(min(0.3, root.stay_up_seconds))
        now = systemd.show(root, names)


def failure(root: Root, name: str, cause: str, began: float, quiet: bool) -> HostError:
    """The error for a unit that did not start, with what it said itself unless secrets are at play."""
    words = "" if quiet else f": {systemd.last_words(root, name, began)}"
    return HostError(name, f"{cause}{words}", f"previous files are back in place; see journalctl -u {name}")


def unsettle(root: Root, done: Done, reload_manager: bool) -> None:
    """After the previous files are back: running units run with them again, the others are down again."""
    if reload_manager:
        systemd.try_order(root, "daemon-reload")
    touched = list(dict.fromkeys(name for _, name in done.verbs))
    if touched:
        systemd.try_order(root, "reset-failed", *touched)
    for name in done.enabled:
        systemd.try_order(root, "disable", name)
    for name in touched:
        verb = "restart" if name in done.was_up else "stop"
        if not systemd.try_order(root, verb, name):
            root.note(f"{name} does not {verb} with the previous files either")
