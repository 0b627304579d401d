"""The end of an apply that went well: what the group owns now is recorded, and said in one line."""

from __future__ import annotations

from ..recorder import postponed
from ..system import files
from ..system.documents import Json
from ..units import settle
from . import former_groups
from .change import Change
from .journal import remove_empty


def commit(change: Change, former_accounts: list[Json]) -> None:
    """Record what the group owns now, keep the originals of new files, and close the journal."""
    state, journal, old = change.state, change.journal, change.record
    for path, previous in journal.previous.items():
        ours = path in old.get("files", {})
        if not ours and previous and path not in change.stale and state.original(path) is None:
            state.keep_original(path, previous, journal.copy(path))
    folders = list(dict.fromkeys([*old.get("folders", []), *journal.folders]))
    if change.stale:
        remove_empty(change.root, folders)
    state.save_group(change.group.name, _record(change, folders, former_accounts))
    # last: whoever repeats this needs them as long as the record names the files
    for path in change.stale:
        state.forget_original(path)
    journal.finish()


def _record(change: Change, folders: list[str], former_accounts: list[Json]) -> Json:
    group, journal = change.group, change.journal
    return {
        "files": {
            t.path: {**files.wanted(t), "units": t.units, **({"seed": True} if t.seed else {})}
            for t in change.targets
        },
        "folders": [folder for folder in folders if change.root.path(folder).is_dir()],
        "secret": change.secret,
        "run": group.run,
        **({"parks": group.parks["unit"]} if group.parks else {}),
        "ran": journal.ran if journal.previous else change.record.get("ran", []),
        "packages": group.packages,
        "handOver": group.hand_over,
        "prices": group.prices,
        "accounts": group.accounts,
        "formerAccounts": former_accounts,
        "successor": group.successor,
        "subscriptions": group.subscriptions,
        **({former_groups.KEY: group.former_groups} if group.former_groups else {}),
        **({"step": group.step} if group.step else {}),
    }


def summary(change: Change, done: settle.Done, logins: list[str]) -> str:
    """One line that says what happened."""
    previous = set(change.journal.previous) if change.journal.live else set()
    changed = sorted({t.path for t in change.changed} | previous - set(change.stale))
    parts = [f"parked: {done.parked}"] if done.parked else []
    parts += [f"moved to other bridges: {done.handed_over}"] if done.handed_over else []
    parts += ["installed: " + ", ".join(done.installed)] if done.installed else []
    parts += ["changed: " + ", ".join(changed)] if changed else []
    parts += ["removed: " + ", ".join(change.stale)] if change.stale else []
    parts += _of_units(done)
    parts += [postponed.words(done.put_off)] if done.put_off else []
    parts += ["accounts: " + ", ".join(logins)] if logins else []
    return "; ".join(parts) or "nothing to change"


def _of_units(done: settle.Done) -> list[str]:
    words = {"start": "started", "stop": "stopped", "restart": "restarted", "reload": "reloaded"}
    parts = []
    for verb, past in words.items():
        units = [*(done.taken_down if verb == "stop" else []), *(name for v, name in done.verbs if v == verb)]
        names = [name.removesuffix(".service") for name in units]
        if names:
            parts.append(f"{past}: " + ", ".join(dict.fromkeys(names)))
    return parts
