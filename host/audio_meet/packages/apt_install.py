"""The installation itself: which version, and a record of what there was before."""

from __future__ import annotations

from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import State
from . import apt, baseline, locks


def bring(
    root: Root, state: State, record: Json, exact: dict[str, str], *, restart: bool = True
) -> list[str]:
    """Install packages at exactly these versions; returns `name version` of each.

    What is needed to undo it, or to go on after an interruption, is in the record, which is saved. `restart`:
    it also says which daemons have to start anew.
    """
    # what somebody else is installing right now did not come with us
    locks.wait(root)
    present = apt.installed(root)
    # an installation that was interrupted started from what its first attempt found
    before = record.get("installing") or sorted(present)
    record["installing"] = before
    if "before" not in record:
        record["surroundings"] = baseline.remember(root)
        baseline.keep_foreign(root, state, record["surroundings"])
    versions = {name: present[name] if name in before and name in present else None for name in exact}
    record["before"] = {**versions, **record.get("before", {})}
    replaced = [name for name in exact if name in before and restart]
    record["restart"] = sorted({*record.get("restart", []), *replaced})
    state.save_packages(record)
    with apt.daemons_stay_down(root):
        apt.repair(root)
        arguments = [f"{name}={version}" for name, version in exact.items()]
        result = apt.get(root, "install", "--no-install-recommends", "--allow-downgrades", *arguments)
        after = apt.installed(root)
    record["added"] = sorted({*record.get("added", []), *(name for name in after if name not in before)})
    baseline.note_changes(root, state, record.get("surroundings", {}))
    if result.code == 0:
        del record["installing"]
    state.save_packages(record)
    if result.code != 0:
        names = " ".join(arguments)
        raise HostError(names, f"apt-get install failed: {apt.error_of(result)}", "see /var/log/apt/term.log")
    return [f"{name} {version}" for name, version in exact.items()]


def fetch(root: Root, exact: dict[str, str]) -> list[str]:
    """Download packages at exactly these versions, with what they need; returns `name version` of each."""
    if exact:
        arguments = [f"{name}={version}" for name, version in exact.items()]
        options = ["--download-only", "--no-install-recommends", "--allow-downgrades"]
        result = apt.get(root, "install", *options, *arguments)
        if result.code != 0:
            cause = f"apt-get install --download-only failed: {apt.error_of(result)}"
            raise HostError(" ".join(arguments), cause, "see /var/log/apt/term.log")
    return [f"{name} {version}" for name, version in exact.items()]


def pick(root: Root, name: str, pattern: str) -> str:
    """The newest version on offer that fits a pattern; HostError where there is none."""
    offered = apt.available(root, name)
    fitting = [version for version in offered if apt.satisfies(version, pattern)]
    if not fitting:
        have = ", ".join(offered) or "none"
        raise HostError(
            f"package {name}", f"version {pattern} is required, available: {have}", "correct jitsi:release"
        )
    return _candidate(root, name, fitting) if pattern == "*" else fitting[0]


def _candidate(root: Root, name: str, fitting: list[str]) -> str:
    """With any version allowed, the one that apt itself would take."""
    for line in root.run(["apt-cache", "policy", name]).out.splitlines():
        label, _, version = line.strip().partition(": ")
        if label == "Candidate" and version in fitting:
            return version
    return fitting[0]
