"""The `remove` verb: a group goes, and what was there before it comes back."""

from __future__ import annotations

from pathlib import PurePosixPath

from ..edits import kept
from ..owed import store
from ..prosody import accounts, former_accounts
from ..system import files, systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import State
from ..system.summary import say
from ..units import settle
from . import former_groups, interrupted_edits, obsolete_units, rollout
from .journal import Journal, merge_actions, remove_empty


def remove_group(root: Root, name: str) -> str:
    """Take a group off the host: accounts, units, files; files that were there before come back.

    A group that is not there is as good as removed. Repeating after an interruption goes on where it stopped.
    """
    state = State(root)
    store.forget(root, name)
    if former_groups.is_taken_over(state, name):
        former_groups.forget(root, state, [name])
    journal = Journal(root, state, name)
    record = state.group(name)
    stopped: list[str] = []
    if journal.interrupted:
        stopped = _undo_interrupted(root, state, name, journal)
        record = record or {"files": {}, "run": _runnable(root, journal.owed), "ran": journal.ran}
    if record is None:
        return "nothing to remove"
    others = [r for other, r in state.groups().items() if other != name]
    gone = [a for a in former_accounts.gone(record, []) if not _kept_account(a, others)]
    logins = accounts.delete(root, gone)
    wanted = {unit for other in others for unit in other.get("run", [])}
    wanted |= set(record.get("ran", []))  # with the files that it had before
    units = [unit for unit in reversed(record.get("run", [])) if unit not in wanted]
    stopped += obsolete_units.stop(root, units)
    _clean(root, [unit for unit in units if f"/etc/systemd/system/{unit}" in record["files"]])
    # a removal that was cut off has dropped some of them already
    going = [path for path in record["files"] if files.observe(root, path) != state.former(path)]
    kept.put_aside(root, record["files"], going, secret=record.get("secret", False))
    for path in going:
        rollout.drop(root, state, path)
    remove_empty(root, record.get("folders", []))
    notified = _notify(root, record, set(units))
    _forget_failures(root, going)
    state.forget_group(name)
    for path in record["files"]:
        state.forget_original(path)
    parts = [f"removed: {', '.join(sorted(record['files'])) or name}"]
    parts += ["stopped: " + ", ".join(stopped)] if stopped else []
    parts += notified + (["accounts: " + ", ".join(logins)] if logins else [])
    return "; ".join(parts)


def _undo_interrupted(root: Root, state: State, name: str, journal: Journal) -> list[str]:
    """What an apply that never ended brought goes first; returns the units that were stopped for it."""
    record = state.group(name) or {}
    stopped = obsolete_units.stop(root, obsolete_units.find(state, name, [], record, journal).of_interrupted)
    interrupted_edits.put_aside(root, {}, journal, secret=bool(record.get("secret")))
    journal.undo_files()
    journal.finish()
    return stopped


def _runnable(root: Root, owed: dict[str, str]) -> list[str]:
    """Units of an interrupted first apply whose unit file has gone with it."""
    units = systemd.show(root, sorted(owed))
    return [
        name for name, unit in units.items() if not root.path(f"/etc/systemd/system/{name}").exists() and unit
    ]


def _kept_account(account: Json, others: list[Json]) -> bool:
    return any(a["jid"] == account["jid"] for other in others for a in other.get("accounts", []))


def _clean(root: Root, units: list[str]) -> None:
    """Folders that systemd made for units whose unit file is ours (StateDirectory= and the like)."""
    for name in units:
        systemd.try_order(
            root, "clean", "--what=state", "--what=cache", "--what=logs", "--what=runtime", "--", name
        )


def _forget_failures(root: Root, files: list[str]) -> None:
    """A unit that last failed stays in systemd's list, as failed and not found, when its file is gone."""
    gone = [PurePosixPath(path) for path in files if not root.path(path).exists()]
    units = [path.name for path in gone if str(path.parent) == "/etc/systemd/system"]
    if units:
        systemd.try_order(root, "reset-failed", "--", *units)


def _notify(root: Root, record: Json, stopped: set[str]) -> list[str]:
    """Units that stay but have read a file that is gone are told; their failure is only a note."""
    actions: dict[str, str] = {}
    for spec in record["files"].values():
        actions = merge_actions(actions, spec.get("units", {}))
    actions = {unit: action for unit, action in actions.items() if unit not in stopped}
    done = settle.Done()
    manager = any(rollout.is_unit_file(path) for path in record["files"])
    try:
        settle.settle(root, settle.Wish(run=[], actions=actions, reload_manager=manager, quiet=True), done)
    except HostError as error:
        root.note(f"{error.what}: {error.cause}")
    return [f"{verb}: {unit}" for verb, unit in done.verbs]


def run(root: Root, arguments: list[str]) -> int:
    """The verb `remove GROUP`."""
    with root.lock(" ".join(arguments)):
        return say(root, remove_group(root, arguments[1]))
