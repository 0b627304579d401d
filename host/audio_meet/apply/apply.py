"""The `files` and `secrets` verbs: bring a group of files to its manifest, then settle their units."""

from __future__ import annotations

from ..network import lockout
from ..packages import upgrades
from ..prosody import accounts, former_accounts
from ..recorder import postponed
from ..system import documents, files, systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.manifest import FileGroup, FileSpec, file_group
from ..system.root import Root
from ..system.size import heap_file
from ..system.state import State
from ..system.summary import say
from . import edits, obsolete_units, rollout, settle
from .journal import Journal, merge_actions, remove_empty


def apply(root: Root, group: FileGroup, *, secret: bool) -> str:
    """Bring one group to `group` and return the summary. Twice in a row changes nothing.

    On any failure the previous files are back and the units run with them; an interrupted run is finished by
    the next one. With `secret`, no content and no journal line reaches the output.
    """
    state = State(root)
    state.prepare()
    targets = group.files + [heap_file(root, heap) for heap in group.heaps]
    _claim(state, group.name, targets)
    # first: what a package does to the files of its group when it is configured is put right below
    upgrade = upgrades.install_due(root, state, group)
    try:
        return _bring(root, state, group, targets, upgrade, secret=secret)
    except (HostError, OSError):
        upgrades.start_again(root, upgrade.stopped)
        raise


def _bring(
    root: Root,
    state: State,
    group: FileGroup,
    targets: list[FileSpec],
    upgrade: upgrades.Installed,
    *,
    secret: bool,
) -> str:
    record = state.group(group.name) or {}
    journal = Journal(root, state, group.name)
    changed = [t for t in targets if files.differs(root, t)]
    stale = sorted(set(record.get("files", {})) - {t.path for t in targets})
    owed = _owed(changed, stale, record, journal)
    if record and record.get("packages", {}) != group.packages:
        # the packages step left the restart to this one, whose turn the deployment chooses
        owed = merge_actions(owed, dict.fromkeys(group.run, "restart"))
    done = settle.Done(installed=upgrade.packages, handed_over=upgrade.handed_over)
    ending = obsolete_units.find(state, group.name, group.run, record, journal)
    touching = bool(changed or stale or ending.of_record or journal.interrupted or upgrade.packages)
    if touching:
        meant = {**{t.path: files.wanted(t) for t in changed}, **{p: state.former(p) for p in stale}}
        journal.begin(meant, owed, _ran(root, state, group, record), group.run)
    try:
        edits.put_aside_of(root, record.get("files", {}), journal, secret=secret)
        with lockout.prevented(root, group.keep_reachable if touching else []):
            if touching:
                done.taken_down = obsolete_units.stop(root, ending.of_interrupted)
                rollout.clear_leftovers(root, journal, {t.path for t in targets}, stale)
                rollout.publish(root, journal, changed)
                done.taken_down += obsolete_units.take_down(root, ending.of_record, journal)
                for path in stale:
                    rollout.drop(root, state, path)
            if secret:
                _stored_accounts(root, state, group)
            wish = _wish(state, group, owed, changed, stale, secret)
            settle.settle(root, wish, done)
    except (HostError, OSError):
        _undo(root, state, group, journal, done, secret)
        raise
    gone = former_accounts.gone(record, group.accounts)
    _commit(root, state, group, targets, stale, journal, record, gone, secret=secret)
    logins = accounts.converge(root, group.accounts)
    logins += accounts.subscribe(root, group.subscriptions)
    logins += former_accounts.delete_at_once(root, state, group.name)
    paths = sorted(
        {t.path for t in changed} | (set(journal.previous) if journal.live else set()) - set(stale)
    )
    return summary(paths, stale, done, logins)


def _ran(root: Root, state: State, group: FileGroup, record: Json) -> list[str]:
    """Units of the group that run although nothing of ours had them run: an nginx with other sites."""
    if record:
        return list(record.get("ran", []))
    others = {unit for other in state.groups().values() for unit in other.get("run", [])}
    units = systemd.show(root, [name for name in group.run if name not in others])
    return sorted(name for name, unit in units.items() if systemd.is_up(unit))


def _claim(state: State, name: str, targets: list[FileSpec]) -> None:
    """A file belongs to one group alone."""
    for other, record in state.groups().items():
        for target in targets:
            if other != name and target.path in record.get("files", {}):
                raise HostError(
                    target.path,
                    f"already belongs to group {other!r}",
                    f"run audio-meet remove {other}, or manage the file in that group",
                )


def _owed(changed: list[FileSpec], stale: list[str], record: Json, journal: Journal) -> dict[str, str]:
    """What units are owed: for files that change now, and for those that an interrupted run had changed."""
    owed = dict(journal.owed) if journal.live else {}
    for target in changed:
        owed = merge_actions(owed, target.units)
    for path in stale:
        owed = merge_actions(owed, record["files"][path].get("units", {}))
    return owed


def _wish(
    state: State,
    group: FileGroup,
    owed: dict[str, str],
    changed: list[FileSpec],
    stale: list[str],
    secret: bool,
) -> settle.Wish:
    others = [record for name, record in state.groups().items() if name != group.name]
    elsewhere = {unit for record in others for unit in record.get("run", [])} & set(owed)
    return settle.Wish(
        run=group.run,
        actions=owed,
        elsewhere=sorted(elsewhere - set(group.run)),
        reload_manager=any(rollout.is_unit_file(path) for path in [*(t.path for t in changed), *stale]),
        quiet=secret,
        hand_over=group.hand_over or any(record.get("handOver") for record in others),
        who_notices=group.who_notices,
    )


def _stored_accounts(root: Root, state: State, group: FileGroup) -> None:
    """Accounts of other groups whose password file is in this group follow it, if their Prosody runs."""
    paths = {target.path for target in group.files}
    stored = [
        a
        for record in state.groups().values()
        for a in record.get("accounts", [])
        if a["passwordFile"] in paths
    ]
    accounts.converge(root, [account for account in stored if accounts.answers(root, account["dataPath"])])


def _undo(
    root: Root, state: State, group: FileGroup, journal: Journal, done: settle.Done, secret: bool
) -> None:
    """Put everything back; what goes wrong here is a note, the first error is the one to be told."""
    try:
        paths = journal.undo_files()
        settle.unsettle(root, done, any(rollout.is_unit_file(path) for path in paths))
        obsolete_units.bring_back(root, journal)
        if secret:
            _stored_accounts(root, state, group)
        journal.finish()
    except (HostError, OSError) as error:
        root.note(f"putting the previous files back failed as well: {error}")


def _commit(
    root: Root,
    state: State,
    group: FileGroup,
    targets: list[FileSpec],
    stale: list[str],
    journal: Journal,
    old: Json,
    former: list[Json],
    *,
    secret: bool,
) -> None:
    """Record what the group owns now, keep the originals of new files, and close the journal."""
    for path, previous in journal.previous.items():
        ours = path in old.get("files", {})
        if not ours and previous and path not in stale and state.original(path) is None:
            state.keep_original(path, previous, journal.copy(path))
    folders = list(dict.fromkeys([*old.get("folders", []), *journal.folders]))
    if stale:
        remove_empty(root, folders)
    state.save_group(
        group.name,
        {
            "files": {
                t.path: {**files.wanted(t), "units": t.units, **({"seed": True} if t.seed else {})}
                for t in targets
            },
            "folders": [folder for folder in folders if root.path(folder).is_dir()],
            "secret": secret,
            "run": group.run,
            "ran": journal.ran if journal.previous else old.get("ran", []),
            "packages": group.packages,
            "handOver": group.hand_over,
            "accounts": group.accounts,
            "formerAccounts": former,
            "subscriptions": group.subscriptions,
        },
    )
    # last: whoever repeats this needs them as long as the record names the files
    for path in stale:
        state.forget_original(path)
    journal.finish()


def summary(changed: list[str], removed: list[str], done: settle.Done, logins: list[str]) -> str:
    """One line that says what happened."""
    words = {"start": "started", "stop": "stopped", "restart": "restarted", "reload": "reloaded"}
    parts = [f"moved to other bridges: {done.handed_over}"] if done.handed_over else []
    parts += ["installed: " + ", ".join(done.installed)] if done.installed else []
    if changed:
        parts.append("changed: " + ", ".join(changed))
    if removed:
        parts.append("removed: " + ", ".join(removed))
    for verb, past in words.items():
        units = [*(done.taken_down if verb == "stop" else []), *(name for v, name in done.verbs if v == verb)]
        names = [name.removesuffix(".service") for name in units]
        if names:
            parts.append(f"{past}: " + ", ".join(dict.fromkeys(names)))
    if done.put_off:
        parts.append(postponed.words(done.put_off))
    if logins:
        parts.append("accounts: " + ", ".join(logins))
    return "; ".join(parts) or "nothing to change"


def run(root: Root, arguments: list[str]) -> int:
    """The verbs `files` and `secrets`, for the group on stdin."""
    group = file_group(documents.from_stdin())
    with root.lock(f"{arguments[0]} {group.name}"):
        return say(root, apply(root, group, secret=arguments[0] == "secrets"))
