"""What a host lacks of the sources, keys and packages of its manifest."""

from __future__ import annotations

from typing import NamedTuple

from ..system.documents import Json
from ..system.files import digest
from ..system.root import Root
from ..system.state import State
from . import apt, holds, repositories, unpack, upgrades


class Due(NamedTuple):
    """What a host lacks of its packages; an empty text or list where nothing is to be done."""

    # path → text of each source and of the pins, as they shall be
    sources: dict[str, str]
    # package sources and pins that are not so, those included that go
    stale: list[str]
    # repositories whose key is fetched
    keys: list[Json]
    # answers for debconf that it has not been given
    answers: str
    # package → version, to be installed here, or downloaded for the step of its daemon
    missing: dict[str, str]
    later: dict[str, str]
    # packages that are unpacked and not installed
    parts: Json
    # packages of ours that somebody holds back
    held: list[str]

    def needs_lists(self) -> bool:
        """Whether apt's lists of packages have to be read anew."""
        new_source = any(path.endswith(".sources") for path in self.stale)
        return bool(self.missing or self.later or self.parts or self.keys or new_source)


def due_of(root: Root, state: State, record: Json, chosen: Json, answers: str, codename: str) -> Due:
    """What the host lacks of `chosen`, the part of the manifest for its release. It changes nothing."""
    sources = {
        repositories.source_path(r["name"]): repositories.source_text(r, codename)
        for r in chosen["repositories"]
    }
    wanted = chosen["packages"]
    present, held = apt.states(root, sorted(wanted))
    sources[repositories.PINS] = repositories.pins_text(pinned(wanted, present, record.get(upgrades.DUE, {})))
    gone = sorted(set(record.get("sources", {})) - set(sources))
    missing = {
        name: version for name, version in wanted.items() if not apt.satisfies(present.get(name), version)
    }
    later = upgrades.waiting(root, state, missing)
    return Due(
        sources=sources,
        stale=[p for p, t in sources.items() if repositories.source_differs(root, p, t)] + gone,
        keys=[r for r in chosen["repositories"] if _key_missing(root, record, r)],
        answers=answers if record.get("preseed") != digest(answers.encode()) else "",
        missing={name: version for name, version in missing.items() if name not in later},
        later=later,
        parts=unpack.missing(root, record, chosen.get("unpack", {})),
        held=holds.of_ours(record, held),
    )


def pinned(wanted: dict[str, str], present: dict[str, str], due: dict[str, str]) -> dict[str, str]:
    """What each package is pinned to: where a pattern is wanted, the version that is there or on its way.

    A pin of the pattern itself would let `apt upgrade` bring the next that fits, whose scripts restart
    the daemon.
    """

    def version(name: str, pattern: str) -> str:
        known = [present.get(name), due.get(name)]
        fitting = [one for one in known if one is not None and apt.satisfies(one, pattern)]
        return pattern if pattern == "*" or not fitting else fitting[0]

    return {name: version(name, pattern) for name, pattern in wanted.items()}


def _key_missing(root: Root, record: Json, repository: Json) -> bool:
    path = repositories.keyring(repository)
    file, fetched = root.path(path), record.get("keyFiles", {}).get(path)
    if not file.is_file() or (fetched is not None and digest(file.read_bytes()) != fetched):
        return True
    return "url" in repository["key"] and record.get("keys", {}).get(path) != repository["key"]["url"]
