"""Accounts that a group had and has no more: a daemon's stays while it may be in use.

A bridge logs in with a new account in its turn, minutes after that account came, and after a failure perhaps
days later. So the record of the group keeps the old one, and the deployment says when all of them go
(`drop-former-accounts`, its last step but the verification). People's accounts go at once, with their
sessions.
"""

from __future__ import annotations

from ..system.documents import Json
from ..system.root import Root
from ..system.state import State
from ..system.summary import say
from . import accounts

KEY = "formerAccounts"


def gone(record: Json, wanted: list[Json]) -> list[Json]:
    """Accounts of the record, those that it calls former included, that are not wanted."""
    jids = {account["jid"] for account in wanted}
    return [a for a in [*record.get("accounts", []), *record.get(KEY, [])] if a["jid"] not in jids]


def delete_at_once(root: Root, state: State, group: str) -> list[str]:
    """Delete the former accounts of a group that do not wait for anybody; returns what was done."""
    return _delete(root, state, group, waiting=False)


def drop(root: Root) -> str:
    """Delete the former accounts of every group, and end the sessions that they still have."""
    state = State(root)
    done = [line for name in state.groups() for line in _delete(root, state, name, waiting=True)]
    return f"accounts: {', '.join(done)}" if done else "nothing to change"


def _delete(root: Root, state: State, group: str, *, waiting: bool) -> list[str]:
    record = state.group(group) or {}
    former = [a for a in record.get(KEY, []) if waiting or a.get("endSessions")]
    wanted = {a["jid"] for other in state.groups().values() for a in other.get("accounts", [])}
    done = accounts.delete(root, [account for account in former if account["jid"] not in wanted])
    kept = [account for account in record.get(KEY, []) if account not in former]
    if former:
        state.save_group(group, {**record, KEY: kept})
    return done


def run(root: Root, arguments: list[str]) -> int:
    """The verb `drop-former-accounts`."""
    with root.lock(arguments[0]):
        return say(root, drop(root))
