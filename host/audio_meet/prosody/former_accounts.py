"""Accounts that a group had and has no more: a daemon's stays while it may be in use.

A bridge logs in with a new account in its turn, minutes after that account came, and after a failure perhaps
days later. So the record of the group keeps the old one, and the deployment says when all of them go
(`drop-former-accounts`, its last step but the verification). People's accounts go at once, with their
sessions.

A recorder takes its new account when its recording has ended, perhaps hours after the deployment. Its group
names the account with which it stays logged in from then on, the successor: before that is logged in, none of
those before it goes. What no such group had, because all recorders shared it, waits for all of them. A timer
tries again while something waits.
"""

from __future__ import annotations

from ..system.documents import Json
from ..system.root import Root
from ..system.state import FOLDER, State
from ..system.summary import say
from . import accounts, shell

KEY = "formerAccounts"
# Is there while accounts wait; the timer's unit looks for it (services/prosody/formerAccounts.ts).
WAITING = f"{FOLDER}/accounts-waiting"


def gone(record: Json, wanted: list[Json]) -> list[Json]:
    """Accounts of the record, those that it calls former included, that are not wanted."""
    jids = {account["jid"] for account in wanted}
    return [a for a in [*record.get("accounts", []), *record.get(KEY, [])] if a["jid"] not in jids]


def delete_at_once(root: Root, state: State, group: str) -> list[str]:
    """Delete the former accounts of a group that do not wait for anybody; returns what was done."""
    return _delete(root, state, group)


def drop(root: Root) -> str:
    """Delete the former accounts of every group but those that wait, and end the sessions that they have."""
    state = State(root)
    held = _held(root, state)
    done = [line for name in state.groups() for line in _delete(root, state, name, held=held)]
    flag = root.path(WAITING)
    if held:
        flag.touch(mode=0o600)
    else:
        flag.unlink(missing_ok=True)
    parts = [f"accounts: {', '.join(done)}"] if done else []
    parts += (
        [f"kept until their recorders are logged in with others: {', '.join(sorted(held))}"] if held else []
    )
    return "; ".join(parts) or "nothing to change"


def waiting_for(state: State, successor: str) -> list[str]:
    """Bare JIDs of the former accounts that wait for that one to be logged in."""
    groups = state.groups()
    return [
        account["jid"]
        for record in groups.values()
        for account in record.get(KEY, [])
        if successor in _successors(groups, record, account)
    ]


def _successors(groups: dict[str, Json], record: Json, account: Json) -> list[str]:
    """Who has to be logged in before a former account of a group may go."""
    if record.get("successor"):
        return [record["successor"]]
    return [
        other["successor"]
        for other in groups.values()
        if other.get("successor") and any(a["dataPath"] == account["dataPath"] for a in other["accounts"])
    ]


def _held(root: Root, state: State) -> set[str]:
    """Bare JIDs of former accounts whose successors are not all logged in."""
    groups = state.groups()
    logged_in: dict[str, list[str]] = {}
    held = set()
    for record in groups.values():
        for account in record.get(KEY, []):
            wanted = [] if account.get("endSessions") else _successors(groups, record, account)
            config = account["config"]
            if wanted and config not in logged_in:
                logged_in[config] = shell.sessions(root, config, bound=True)[0]
            if any(jid not in logged_in[config] for jid in wanted):
                held.add(account["jid"])
    return held


def _delete(root: Root, state: State, group: str, *, held: set[str] | None = None) -> list[str]:
    """`held`: those that stay; None: only those go that wait for nobody."""
    record = state.group(group) or {}
    former = [
        a for a in record.get(KEY, []) if (a.get("endSessions") if held is None else a["jid"] not in held)
    ]
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
