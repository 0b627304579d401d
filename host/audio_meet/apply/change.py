"""What one apply of a group has to do: what is wanted, what is there, and what differs."""

from __future__ import annotations

from dataclasses import dataclass

from ..live import stale as live
from ..packages import upgrades
from ..system import files, systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.manifest import FileGroup, FileSpec
from ..system.root import Root
from ..system.size import heap_file
from ..system.state import State
from ..units import settle
from . import obsolete_units, rollout
from .journal import Journal, merge_actions


@dataclass(frozen=True)
class Change:
    """One apply of one group, compared with the host before anything is touched."""

    root: Root
    state: State
    group: FileGroup
    # no content and no journal line of its files reaches the output
    secret: bool
    # files of the group, those with a heap among them
    targets: list[FileSpec]
    # what the last apply left; {} for a new group
    record: Json
    journal: Journal
    # targets that are not as they shall be, and paths that the group no longer has
    changed: list[FileSpec]
    stale: list[str]
    # unit → restart or reload
    owed: dict[str, str]
    ending: obsolete_units.Obsolete

    @property
    def reloads_manager(self) -> bool:
        """Whether systemd has to read its units again."""
        return any(rollout.is_unit_file(path) for path in [*(t.path for t in self.changed), *self.stale])

    def begin_journal(self) -> None:
        """Keep what is there before the first file changes."""
        meant: dict[str, Json | None] = {t.path: files.wanted(t) for t in self.changed}
        meant |= {path: self.state.former(path) for path in self.stale}
        self.journal.begin(meant, self.owed, self._ran(), self.group.run)

    def _ran(self) -> list[str]:
        """Units of the group that run although nothing of ours had them run: an nginx with other sites."""
        if self.record:
            return list(self.record.get("ran", []))
        others = {unit for other in self.state.groups().values() for unit in other.get("run", [])}
        units = systemd.show(self.root, [name for name in self.group.run if name not in others])
        return sorted(name for name, unit in units.items() if systemd.is_up(unit))

    def wish(self) -> settle.Wish:
        """What the units are owed once the files are in place."""
        others = [record for name, record in self.state.groups().items() if name != self.group.name]
        elsewhere = {unit for record in others for unit in record.get("run", [])} & set(self.owed)
        return settle.Wish(
            run=self.group.run,
            actions=self.owed,
            elsewhere=sorted(elsewhere - set(self.group.run)),
            reload_manager=self.reloads_manager,
            quiet=self.secret,
            hand_over=self.group.hand_over or any(record.get("handOver") for record in others),
            prices=self.group.prices,
        )


def targets_of(root: Root, state: State, group: FileGroup) -> list[FileSpec]:
    """Every file of a group. HostError where one belongs to another group: a file belongs to one alone."""
    targets = group.files + [heap_file(root, heap) for heap in group.heaps]
    for other, record in state.groups().items():
        for target in targets:
            if other != group.name and target.path in record.get("files", {}):
                raise HostError(
                    target.path,
                    f"already belongs to group {other!r}",
                    f"run audio-meet remove {other}, or manage the file in that group",
                )
    return targets


def compare(root: Root, state: State, group: FileGroup, targets: list[FileSpec], *, secret: bool) -> Change:
    """Compare a group with the host. Changes nothing."""
    record = state.group(group.name) or {}
    journal = Journal(root, state, group.name)
    changed = [t for t in targets if files.differs(root, t)]
    stale = sorted(set(record.get("files", {})) - {t.path for t in targets})
    owed = _owed(changed, stale, record, journal)
    if record and record.get("packages", {}) != group.packages:
        # the packages step left the restart to this one, whose turn the deployment chooses
        owed = merge_actions(owed, dict.fromkeys(group.run, "restart"))
    owners = {target.path: target.units for target in targets}
    owed = merge_actions(owed, live.owed(root, owners, group.run))
    ending = obsolete_units.find(state, group.name, group.run, record, journal)
    return Change(root, state, group, secret, targets, record, journal, changed, stale, owed, ending)


def touches(change: Change, upgrade: upgrades.Installed) -> bool:
    """Whether anything on the host changes, beside units that are merely down."""
    ending = change.ending.of_record or change.journal.interrupted
    return bool(change.changed or change.stale or ending or upgrade.packages)


def _owed(changed: list[FileSpec], stale: list[str], record: Json, journal: Journal) -> dict[str, str]:
    """What units are owed: for files that change now, and for those that an interrupted run had changed."""
    owed = dict(journal.owed) if journal.live else {}
    for target in changed:
        owed = merge_actions(owed, target.units)
    for path in stale:
        owed = merge_actions(owed, record["files"][path].get("units", {}))
    return owed
