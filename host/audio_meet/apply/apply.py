"""Bring a group of files to its manifest, then settle their units."""

from __future__ import annotations

from ..network import lockout
from ..packages import upgrades
from ..prosody import accounts, admin_socket, foreign, former_accounts, subscriptions
from ..system.errors import HostError
from ..system.manifest import FileGroup, FileSpec
from ..system.root import Root
from ..system.state import State
from ..units import settle
from . import former_groups, interrupted_edits, obsolete_units, parking, rollout
from .change import Change, compare, targets_of, touches
from .commit import commit, summary


def apply(root: Root, group: FileGroup, *, secret: bool) -> str:
    """Bring one group to `group` and return the summary. Twice in a row changes nothing.

    On any failure the previous files are back and the units run with them; an interrupted run is finished by
    the next one. With `secret`, no content and no journal line reaches the output.
    """
    state = State(root)
    state.prepare()
    former_groups.take_over(root, state, group)
    targets = targets_of(root, state, group)
    parked = parking.park(root, group)
    # before all else: what a package does to the files of its group when it is configured is put right below
    upgrade = upgrades.install_due(root, state, group)
    try:
        return _bring(compare(root, state, group, targets, secret=secret), upgrade, parked)
    except (HostError, OSError):
        upgrades.start_again(root, upgrade.stopped)
        raise


def _bring(change: Change, upgrade: upgrades.Installed, parked: str) -> str:
    root, group = change.root, change.group
    done = settle.Done(installed=upgrade.packages, handed_over=upgrade.handed_over, parked=parked)
    touching = touches(change, upgrade)
    if touching:
        change.begin_journal()
    try:
        applied = change.record.get("files", {})
        interrupted_edits.put_aside(root, applied, change.journal, secret=change.secret)
        with lockout.prevented(root, group.keep_reachable if touching else []):
            if touching:
                _roll_out(change, done)
            if change.secret:
                _stored_accounts(change)
            settle.settle(root, change.wish(), done)
    except (HostError, OSError) as error:
        _undo(change, done)
        raise _with_origin(error, change.changed) from None
    commit(change, former_accounts.gone(change.record, group.accounts))
    logins = accounts.converge(root, group.accounts)
    logins += subscriptions.subscribe(root, group.subscriptions)
    logins += former_accounts.delete_at_once(root, change.state, group.name)
    logins += accounts.delete(root, foreign.accounts(root, change.state.groups(), group.name))
    return summary(change, done, logins)


def _with_origin(error: HostError | OSError, changed: list[FileSpec]) -> HostError | OSError:
    """The error of a unit, with the keys whose own settings it has just got."""
    if not isinstance(error, HostError):
        return error
    origins = sorted({t.origin for t in changed if t.origin and error.what in t.units})
    if not origins:
        return error
    return HostError(error.what, error.cause, f"{error.remedy}; look at {', '.join(origins)} first")


def _roll_out(change: Change, done: settle.Done) -> None:
    """The files change, and units that nobody wants any more end while their files are still there."""
    root, journal = change.root, change.journal
    done.taken_down = obsolete_units.stop(root, change.ending.of_interrupted)
    rollout.clear_leftovers(root, journal, {t.path for t in change.targets}, change.stale)
    rollout.publish(root, journal, change.changed)
    done.taken_down += obsolete_units.take_down(root, change.ending.of_record, journal)
    for path in change.stale:
        rollout.drop(root, change.state, path)


def _stored_accounts(change: Change) -> None:
    """Accounts of other groups whose password file is in this group follow it, if their Prosody runs."""
    root, paths = change.root, {target.path for target in change.group.files}
    stored = [
        a
        for record in change.state.groups().values()
        for a in record.get("accounts", [])
        if a["passwordFile"] in paths
    ]
    running = [account for account in stored if admin_socket.answers(root, account["dataPath"])]
    accounts.converge(root, running)


def _undo(change: Change, done: settle.Done) -> None:
    """Put everything back; what goes wrong here is a note, the first error is the one to be told."""
    root, journal = change.root, change.journal
    try:
        paths = journal.undo_files()
        settle.unsettle(root, done, any(rollout.is_unit_file(path) for path in paths))
        obsolete_units.bring_back(root, journal)
        if change.secret:
            _stored_accounts(change)
        journal.finish()
    except (HostError, OSError) as error:
        root.note(f"putting the previous files back failed as well: {error}")
