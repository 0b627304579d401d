"""The `drift` verb: the host as it is against what was applied to it. Changes nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

from .. import installation
from ..certificate import certificate
from ..live import stale
from ..system.documents import Json
from ..system.root import Root
from ..system.state import State
from . import applied, installed, logins, units
from .entry import Entry

PAGE_CERTIFICATE = "page-certificate"


def drift(root: Root, *, of_unit: bool = False) -> Json:
    """`{host, drift: [{kind, name, expected, found, step?}]}`; an empty list when all is as it was left.

    `of_unit`: without what the kernel has, which a unit with a network of its own does not see.
    """
    found = [*_stored(root), *([] if of_unit else _running(root))]
    return {"host": root.host(), "drift": [entry.document() for entry in found]}


def _stored(root: Root) -> Iterator[Entry]:
    """What lies on the disk, and what systemd says."""
    state = State(root)
    groups = state.groups()
    steps = _steps(groups)
    for path in installation.edited(root.prefix):
        yield Entry("content", path, "as applied", "changed since", "helper")
    for group, record in groups.items():
        yield from applied.differences(root, record.get("files", {}), steps[group])
    yield from units.differences(root, groups, _starters(groups, steps))
    yield from installed.differences(root, state.packages())
    yield from logins.differences(root, groups, steps)
    yield from _certificate(root)
    for journal in sorted((state.folder / "unfinished").glob("*/journal.json")):
        group = journal.parent.name
        yield Entry("apply", group, "finished", "interrupted", steps.get(group, group))


def _running(root: Root) -> Iterator[Entry]:
    """What runs otherwise than its files say."""
    groups = State(root).groups()
    steps = _steps(groups)
    starters = _starters(groups, steps)
    for group, record in groups.items():
        owners = {path: spec.get("units", {}) for path, spec in record.get("files", {}).items()}
        for one in stale.of_files(root, owners):
            yield Entry(one.kind, one.name, one.expected, one.found, steps[group])
    for one in stale.of_sockets(root):
        yield Entry(one.kind, one.name, one.expected, one.found, starters.get(one.unit, ""))


def _steps(groups: dict[str, Json]) -> dict[str, str]:
    """Group → the step that brings it."""
    return {name: record.get("step") or name for name, record in groups.items()}


def _starters(groups: dict[str, Json], steps: dict[str, str]) -> dict[str, str]:
    """Unit → the step that starts it, or stops it for good."""
    return {
        unit: steps[name]
        for name, record in groups.items()
        for unit in [*record.get("run", []), *([record["parks"]] if "parks" in record else [])]
    }


def _certificate(root: Root) -> Iterator[Entry]:
    """A certificate that could not be had, or not be renewed, or was replaced by hand."""
    record = certificate.load(root)
    if record.get("failures"):
        when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(record["failedAt"]))
        expected = "renewed" if record.get("issued") else "issued"
        name, found = record["manifest"]["names"][0], f"{record['reason']} ({when})"
        yield Entry("certificate", name, expected, found, PAGE_CERTIFICATE)
    yield from applied.differences(root, certificate.published(root, record), PAGE_CERTIFICATE)


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `drift`: its answer as JSON, exit code 2 where there is some."""
    found = drift(root)
    print(json.dumps(found, separators=(",", ":")))
    return 2 if found["drift"] else 0
