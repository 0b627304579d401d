"""Groups that became a part of another one.

What they own belongs to it from then on, as if it had brought that itself: nothing is written again, and no
unit is told.

The program that makes one step of several sends the names of the former ones. It comes before the engine runs
their `remove`, which finds nothing.
"""

from __future__ import annotations

from ..system.documents import Json
from ..system.manifest import FileGroup
from ..system.root import Root
from ..system.state import State
from .journal import Journal

KEY = "formerGroups"
LISTS = ("folders", "run", "ran", "accounts", "formerAccounts", "subscriptions")


def take_over(root: Root, state: State, group: FileGroup) -> None:
    """Make records and journals of the former groups those of `group`.

    Cut off anywhere, it is finished by the next run: what is joined is written before what is former goes,
    and joining twice is joining once.
    """
    names = [name for name in group.former_groups if _is_there(root, state, name)]
    if not names:
        return
    own = state.group(group.name)
    records = [record for record in (own, *map(state.group, names)) if record is not None]
    joined = _joined(records)
    _join_journals(root, state, group.name, names, joined)
    if joined:
        state.save_group(group.name, {**joined, KEY: group.former_groups})
    forget(root, state, names)


def forget(root: Root, state: State, names: list[str]) -> None:
    """Drop what is left of groups that another one has taken over."""
    for name in names:
        state.forget_group(name)
        Journal(root, state, name).finish()


def is_taken_over(state: State, name: str) -> bool:
    """Whether another group has the files of the group `name`."""
    return any(name in record.get(KEY, []) for record in state.groups().values())


def _is_there(root: Root, state: State, name: str) -> bool:
    return state.group(name) is not None or Journal(root, state, name).interrupted


def _join_journals(root: Root, state: State, group: str, names: list[str], joined: Json) -> None:
    """An apply of a former group that has not ended is one of this group."""
    own = Journal(root, state, group)
    others = [Journal(root, state, name) for name in names]
    interrupted = [journal for journal in others if journal.interrupted]
    if own.interrupted or interrupted:
        own.join(interrupted, joined.get("ran", []))


def _joined(records: list[Json]) -> Json:
    """One record of several; of two that say something about the same, the first counts."""
    joined: Json = {}
    for record in records:
        for key, value in record.items():
            if key in LISTS:
                known = joined.setdefault(key, [])
                known += [one for one in value if one not in known]
            elif isinstance(value, dict):
                joined[key] = {**value, **joined.get(key, {})}
            else:
                joined[key] = joined.get(key) or value
    return joined
