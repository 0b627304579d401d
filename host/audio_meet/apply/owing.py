"""A group whose restart would throw people out waits as a whole, and nothing of it is live before its time.

So a daemon that restarts by itself, or a machine that reboots, finds the files, packages and accounts of
before, which belong together. What needs no restart is not held up: an account that somebody has no more
ends at once.
"""

from __future__ import annotations

from ..network import people
from ..owed import decision, store
from ..prosody import former_accounts
from ..system import documents, systemd
from ..system.documents import Json
from ..system.manifest import FileGroup, file_group
from ..system.root import Root
from ..system.state import State
from ..system.summary import say
from . import former_groups
from .apply import apply
from .change import Change, compare, targets_of


def bring(root: Root, group: FileGroup, document: Json, *, secret: bool) -> str:
    """Apply a group, or note it as owed where its restarts have to wait; returns the summary."""
    state = State(root)
    state.prepare()
    for name in group.former_groups:
        store.forget(root, name)
    restarts = _put_off(root, group)
    if restarts is not None and not secret:
        former_groups.take_over(root, state, group)
        change = compare(root, state, group, targets_of(root, state, group), secret=False)
        units = _thrown_out_by(change, restarts["units"])
        why = decision.why_wait(root, restarts) if units and not _must_not_wait(change, restarts) else ""
        if why:
            return _owe(change, document, units, restarts.get("window"), why)
    summary = apply(root, group, secret=secret)
    store.forget(root, group.name)
    return summary


def _put_off(root: Root, group: FileGroup) -> Json | None:
    """What restarts wait for: those of the group itself, and those of daemons whose new version waits."""
    own = group.restarts and decision.parse(group.restarts, "group.restarts")
    packages = store.entry(root, store.PACKAGES)
    if packages is None:
        return own
    restarts = own or packages.document["restarts"]
    return {**restarts, "units": [*(own or {"units": []})["units"], *packages.units]}


def _thrown_out_by(change: Change, put_off: list[str]) -> list[str]:
    """Units that run, whose restart the group needs now and that wait. An interrupted apply is finished."""
    if not change.record or change.journal.interrupted:
        return []
    restarting = {unit for unit, action in change.owed.items() if action == "restart"}
    units = systemd.show(change.root, sorted(restarting & set(put_off)))
    return [name for name, unit in units.items() if systemd.is_up(unit)]


def _must_not_wait(change: Change, restarts: Json) -> bool:
    """Whether a file changes that must not wait; it says which, and why."""
    reasons = restarts.get("atOnce", {})
    found = [target.path for target in change.changed if target.path in reasons]
    for path in found:
        print(f"does not wait: {path}: {reasons[path]}", flush=True)
    return bool(found)


def _owe(change: Change, document: Json, units: list[str], window: Json | None, why: str) -> str:
    root, group = change.root, change.group
    brings = [*sorted(target.path for target in change.changed), *change.stale]
    brings += [
        f"{name} {version}"
        for name, version in sorted(group.packages.items())
        if change.record.get("packages", {}).get(name, version) != version
    ]
    store.keep(root, store.Entry(group.name, root.now(), units, group.prices, window, document, brings))
    logins = _accounts_at_once(change)
    parts = [f"owed: {_restart(root, group, unit)}, {why}" for unit in units]
    parts += [f"waits with it: {', '.join(brings)}"]
    parts += [f"accounts: {', '.join(logins)}"] if logins else []
    return "; ".join(parts)


def _restart(root: Root, group: FileGroup, unit: str) -> str:
    words = people.notice(root, group.prices[unit]) if unit in group.prices else ""
    name = unit.removesuffix(".service")
    return f"restart of {name}" + (f" ({words})" if words else "")


def _accounts_at_once(change: Change) -> list[str]:
    """The end of accounts that people had. Those that stay have got their passwords from the secrets step;
    those that come wait for the domain that may come with them.
    """
    root, state, group, record = change.root, change.state, change.group, change.record
    known = {account["jid"] for account in record.get("accounts", [])}
    staying = [account for account in group.accounts if account["jid"] in known]
    former = former_accounts.gone(record, group.accounts)
    kept = {"accounts": staying, former_accounts.KEY: former}
    if former != record.get(former_accounts.KEY, []) or len(staying) < len(known):
        state.save_group(group.name, {**record, **kept})
    return former_accounts.delete_at_once(root, state, group.name)


def run(root: Root, arguments: list[str]) -> int:
    """The verbs `files` and `secrets`, for the group on stdin."""
    document = documents.from_stdin()
    group = file_group(document)
    with root.lock(f"{arguments[0]} {group.name}"):
        return say(root, bring(root, group, document, secret=arguments[0] == "secrets"))
