"""Units that do not run, or would not after a boot, and those of parked bridges that do."""

from __future__ import annotations

from collections.abc import Iterator

from ..system import systemd
from ..system.documents import Json
from ..system.root import Root
from .entry import Entry


def differences(root: Root, groups: dict[str, Json], step_of: dict[str, str]) -> Iterator[Entry]:
    """Units of the groups; `step_of`: unit → the step that starts it."""
    run = sorted({unit for record in groups.values() for unit in record.get("run", [])})
    shown = systemd.show(root, run)
    for name, unit in shown.items():
        step = step_of.get(name, "")
        if not systemd.is_enabled(unit):
            found = unit.get("UnitFileState") or unit.get("LoadState", "")
            yield Entry("enabled", name, "enabled", found, step)
        if not systemd.is_up(unit) and not _runs_for_a_timer(unit):
            yield Entry("active", name, "active", f"{unit.get('ActiveState')}, {unit.get('SubState')}", step)
    parked = sorted(record["parks"] for record in groups.values() if "parks" in record)
    for name, unit in systemd.show(root, parked).items():
        yield from _parked(name, unit, step_of.get(name, ""))
    started = {name for unit in shown.values() for name in unit.get("Triggers", "").split()}
    yield from _failed(root, sorted(started - set(run)))


def _parked(name: str, unit: systemd.Unit, step: str) -> Iterator[Entry]:
    """The unit of a parked bridge, where somebody has started or enabled it."""
    if systemd.is_enabled(unit):
        yield Entry("enabled", name, "disabled", unit.get("UnitFileState", ""), step)
    if not systemd.is_down(unit):
        yield Entry("active", name, "down", f"{unit.get('ActiveState')}, {unit.get('SubState')}", step)


def _runs_for_a_timer(unit: systemd.Unit) -> bool:
    """A one-shot unit is on its way up for as long as it runs, and a timer lets it run again and again."""
    timers = [name for name in unit.get("TriggeredBy", "").split() if name.endswith(".timer")]
    return unit.get("Type") == "oneshot" and unit.get("ActiveState") == "activating" and bool(timers)


def _failed(root: Root, names: list[str]) -> Iterator[Entry]:
    """Units that others start, such as the uploader, whose last run failed. That they do not run is right."""
    for name, unit in systemd.show(root, names).items():
        if unit.get("ActiveState") == "failed":
            yield Entry("run", name, "success", systemd.last_words(root, name, systemd.started_at(unit)))
