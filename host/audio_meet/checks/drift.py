"""The `drift` verb: the host as it is against what was applied to it. Changes nothing."""

from __future__ import annotations

import json
import time

from ..certificate import certificate
from ..packages import apt
from ..system import files, systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import State


def drift(root: Root) -> Json:
    """`{host, drift: [{kind, name, expected, found}]}`; an empty list when everything is as it was left."""
    state = State(root)
    found: list[Json] = []
    for record in state.groups().values():
        found += _files(root, record.get("files", {}))
    found += _units(root, state)
    found += _packages(root, state.packages())
    found += _certificate(root)
    for journal in sorted((state.folder / "unfinished").glob("*/journal.json")):
        found.append(_entry("apply", journal.parent.name, "finished", "interrupted"))
    return {"host": root.host(), "drift": found}


def _entry(kind: str, name: str, expected: str, found: str) -> Json:
    return {"kind": kind, "name": name, "expected": expected, "found": found}


def _files(root: Root, recorded: Json) -> list[Json]:
    found = []
    for path, spec in sorted(recorded.items()):
        try:
            seen = files.observe(root, path)
        except HostError as error:
            found.append(_entry("file", path, "a file", error.cause))
            continue
        if seen is None or "link" in seen:
            found.append(
                _entry("file", path, "a file", "missing" if seen is None else f"a link to {seen['link']}")
            )
            continue
        # digests of secrets are not shown
        if files.is_edited(seen, spec):
            found.append(_entry("content", path, "as applied", "changed since"))
        for key in ("mode", "owner", "group"):
            if seen[key] != spec[key]:
                found.append(_entry(key, path, spec[key], seen[key]))
    return found


def _certificate(root: Root) -> list[Json]:
    """A certificate that could not be had, or not be renewed."""
    record = certificate.load(root)
    if not record.get("failures"):
        return []
    when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(record["failedAt"]))
    expected = "renewed" if record.get("issued") else "issued"
    return [_entry("certificate", record["manifest"]["names"][0], expected, f"{record['reason']} ({when})")]


def _units(root: Root, state: State) -> list[Json]:
    run = sorted({unit for record in state.groups().values() for unit in record.get("run", [])})
    found = []
    shown = systemd.show(root, run)
    for name, unit in shown.items():
        if not systemd.is_enabled(unit):
            found.append(
                _entry("enabled", name, "enabled", unit.get("UnitFileState") or unit.get("LoadState", ""))
            )
        if not systemd.is_up(unit) and not _runs_for_a_timer(unit):
            found.append(
                _entry("active", name, "active", f"{unit.get('ActiveState')}, {unit.get('SubState')}")
            )
    started = {name for unit in shown.values() for name in unit.get("Triggers", "").split()}
    return found + _failed(root, sorted(started - set(run)))


def _runs_for_a_timer(unit: systemd.Unit) -> bool:
    """A one-shot unit is on its way up for as long as it runs, and a timer lets it run again and again."""
    timers = [name for name in unit.get("TriggeredBy", "").split() if name.endswith(".timer")]
    return unit.get("Type") == "oneshot" and unit.get("ActiveState") == "activating" and bool(timers)


def _failed(root: Root, names: list[str]) -> list[Json]:
    """Units that others start, such as the uploader, whose last run failed. That they do not run is right."""
    return [
        _entry("run", name, "success", systemd.last_words(root, name, systemd.started_at(unit)))
        for name, unit in systemd.show(root, names).items()
        if unit.get("ActiveState") == "failed"
    ]


def _packages(root: Root, record: Json) -> list[Json]:
    found = []
    for path, expected in sorted(record.get("sources", {}).items()):
        file = root.path(path)
        if not file.is_file():
            found.append(_entry("source", path, "as applied", "missing"))
        elif files.digest(file.read_bytes()) != expected:
            found.append(_entry("source", path, "as applied", "changed since"))
    found += [
        _entry("key", p, "a key", "missing")
        for p in sorted(record.get("keys", {}))
        if not root.path(p).is_file()
    ]
    wanted = record.get("wanted", {})
    present = apt.installed(root, sorted(wanted)) if wanted else {}
    for name, version in sorted(wanted.items()):
        if not apt.satisfies(present.get(name), version):
            found.append(_entry("package", name, version, present.get(name, "not installed")))
    if files.content_of(root, apt.POLICY) == apt.POLICY_TEXT:
        found.append(_entry("file", apt.POLICY, "not there", "left by an interrupted installation"))
    return found


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `drift`: its answer as JSON, exit code 2 where there is some."""
    found = drift(root)
    print(json.dumps(found, separators=(",", ":")))
    return 2 if found["drift"] else 0
