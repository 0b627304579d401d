"""The `remove` and `uninstall` verbs: nothing of ours stays."""

from __future__ import annotations

import shutil
from typing import Any

from .. import install
from ..certificate import certificate
from ..checks import as_unit
from ..prosody import accounts, former_accounts
from ..system import files, ssh_limits, systemd
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import FOLDER, State
from . import edits, obsolete_units, rollout, settle
from .journal import Journal, merge_actions, remove_empty

Json = dict[str, Any]
CONFIGURATION = "/etc/audio-meet"


def remove_group(root: Root, name: str) -> str:
    """Take a group off the host: accounts, units, files; files that were there before come back.

    A group that is not there is as good as removed. Repeating after an interruption goes on where it stopped.
    """
    state = State(root)
    journal = Journal(root, state, name)
    record = state.group(name)
    stopped: list[str] = []
    if journal.interrupted:
        # an apply that never ended: what it brought goes first, then what was there before it
        stopped = obsolete_units.stop(
            root, obsolete_units.unwanted(state, name, [], record or {}, journal).of_interrupted
        )
        edits.put_aside_of(root, {}, journal, secret=bool(record and record.get("secret")))
        journal.undo_files()
        journal.finish()
        record = record or {"files": {}, "run": _runnable(root, journal.owed), "ran": journal.ran}
    if record is None:
        return "nothing to remove"
    others = [r for other, r in state.groups().items() if other != name]
    kept = {unit for other in others for unit in other.get("run", [])}
    logins = accounts.delete(
        root, [a for a in former_accounts.gone(record, []) if not _kept_account(a, others)]
    )
    kept |= set(record.get("ran", []))  # with the files that it had before
    units = [unit for unit in reversed(record.get("run", [])) if unit not in kept]
    stopped += obsolete_units.stop(root, units)
    _clean(root, [unit for unit in units if f"/etc/systemd/system/{unit}" in record["files"]])
    # a removal that was cut off has dropped some of them already
    going = [path for path in record["files"] if files.observe(root, path) != state.former(path)]
    edits.put_aside(root, record["files"], going, secret=record.get("secret", False))
    for path in going:
        rollout.drop(root, state, path)
    remove_empty(root, record.get("folders", []))
    notified = _notify(root, record, set(units))
    state.forget_group(name)
    for path in record["files"]:
        state.forget_original(path)
    parts = [f"removed: {', '.join(sorted(record['files'])) or name}"]
    parts += ["stopped: " + ", ".join(stopped)] if stopped else []
    parts += notified + (["accounts: " + ", ".join(logins)] if logins else [])
    return "; ".join(parts)


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


def uninstall(root: Root) -> str:
    """Remove the helper, what it remembers, and the folder of secrets, once nothing is managed any more."""
    state = State(root)
    managed = [f"group {name}" for name in state.groups()] + (["packages"] if state.packages() else [])
    managed += ["a certificate"] if certificate.load(root) else []
    unfinished = sorted((state.folder / "unfinished").glob("*/journal.json"))
    managed += [
        f"unfinished group {file.parent.name}"
        for file in unfinished
        if f"group {file.parent.name}" not in managed
    ]
    if managed:
        raise HostError(
            "uninstall",
            f"this host still has {', '.join(managed)}",
            "audio-meet remove GROUP for each, audio-meet remove-packages, then repeat",
        )
    present = state.folder.exists() or root.path(install.ENTRY).exists()
    state.wipe()
    edits.put_aside_folder(root, CONFIGURATION, {})
    configuration = root.path(CONFIGURATION)
    if configuration.is_dir():
        shutil.rmtree(configuration)
    for path in install.uninstall(root.prefix):
        root.note(f"{path} is none of ours, it stays")
    for path in ("/run/audio-meet.lock", ssh_limits.LOGINS):
        root.path(path).unlink(missing_ok=True)
    as_unit.clear(root)
    kept = edits.copies(root)
    removed = f"removed: {install.ENTRY}, {install.LIBRARY}, {FOLDER}, {CONFIGURATION}"
    return "; ".join([removed if present else "nothing to remove", *([kept] if kept else [])])
