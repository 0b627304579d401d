"""The way of a call, link by link as a participant needs them, and where it is broken.

A link is a word, or a word and which of several: `page`, `bridge fra-1`. What several hosts and the
operator's machine found of one link is put together here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ..system.documents import Json


class Family(NamedTuple):
    """What a link is called in words, and the families without which it cannot be judged."""

    words: str
    needs: tuple[str, ...] = ()


FAMILIES: Mapping[str, Family] = {
    "name": Family("name: the domain resolves to the core"),
    "door": Family("door: port 443 of the core is open", ("name",)),
    "certificate": Family("certificate of the page", ("door",)),
    "page": Family("page and its settings", ("certificate",)),
    "websocket": Family("websocket: a participant logs in at Prosody", ("page",)),
    "focus": Family("focus: jicofo answers a request for a room", ("websocket",)),
    "brewery": Family("brewery: where bridges and jicofo meet"),
    "bridge": Family("bridge {}: runs, and is in the brewery", ("brewery",)),
    "invitation": Family("invitation: jicofo picks a bridge for a room", ("focus",)),
    "media": Family("media {}: UDP reaches the bridge", ("bridge {}",)),
    "relay": Family("relay {}: UDP from this bridge reaches the others", ("bridge {}",)),
    "visitors": Family("visitors {}: log in at the node, and the main room reaches them", ("focus",)),
    "turn": Family("TURN {}", ("name",)),
    "recorder": Family("recorder {}", ("websocket",)),
    "bucket": Family("bucket, from recorder {}"),
}
# Facts of the machine, and who is logged in, before what follows from them.
FIRST = ("unit", "listening", "disk", "localAddress", "prosodySessions")
HERE = "here"
# The link that every core names, and nobody else.
CORES_OWN = "brewery"

OK, BROKEN, NOT_REACHED, NOT_SEEN = "ok", "broken", "notReached", "notSeen"
NOT_PART, NOT_KNOWN = "notPart", "notKnown"


@dataclass
class Station:
    """One link: its state, and why where it is broken or not reached."""

    link: str
    state: str
    words: str
    cause: str = ""
    remedy: str = ""
    findings: list[Json] = field(default_factory=list)

    def line(self) -> str:
        """The link as one line for a reader."""
        if self.state == BROKEN:
            return f"{self.words}: BROKEN: {self.cause}; {self.remedy}"
        said = {
            OK: "ok",
            NOT_REACHED: f"not reached, because {self.cause} is broken",
            NOT_SEEN: "not looked at from here",
            NOT_PART: "not part of this deployment",
            NOT_KNOWN: f"not known, because {self.cause} did not answer",
        }
        return f"{self.words}: {said[self.state]}"

    def document(self) -> Json:
        """The link for a program."""
        why = {key: value for key, value in (("cause", self.cause), ("remedy", self.remedy)) if value}
        named = {"link": self.link, "state": self.state, "about": self.words}
        return {**named, **why, "findings": self.findings}


def walk(links: Collection[str], findings: Iterable[Json], unseen: Iterable[str] = ()) -> list[Station]:
    """Every link in order. `links`: the deployment's; `findings`: of whoever looked, each with its `by`.

    `unseen`: hosts that did not answer. The core names the links of a deployment: without it they are not
    known.
    """
    silent = "" if CORES_OWN in links else ", ".join(sorted(unseen))
    by_link: dict[str, list[Json]] = {link: [] for link in links}
    for finding in findings:
        by_link.setdefault(finding["link"], []).append(finding)
    stations: dict[str, Station] = {}
    for family, about in FAMILIES.items():
        names = [link for link in by_link if link.partition(" ")[0] == family]
        for link in names:
            stations[link] = _station(link, about, by_link[link], stations)
        if not names:
            state = NOT_KNOWN if silent else NOT_PART
            stations[family] = Station(family, state, _words(about, family), silent)
    return list(stations.values())


def _words(about: Family, link: str) -> str:
    which = link.partition(" ")[2]
    return about.words.replace(" {}", f" {which}" if which else "")


def _station(link: str, about: Family, found: list[Json], before: Mapping[str, Station]) -> Station:
    words = _words(about, link)
    which = link.partition(" ")[2]
    found = sorted(found, key=lambda finding: _rank(finding, which))
    for need in about.needs:
        earlier = before.get(need.replace("{}", which))
        if earlier is not None and earlier.state in (BROKEN, NOT_REACHED):
            root = earlier.cause if earlier.state == NOT_REACHED else earlier.link
            return Station(link, NOT_REACHED, words, root, findings=found)
    wrong = [finding for finding in found if not finding["ok"]]
    if wrong:
        first = wrong[0]
        cause = f"{first['check']}: {first['detail']}"
        where = "seen from here" if first["by"] == HERE else f"on {first['by']}"
        return Station(link, BROKEN, words, f"{where}: {cause}", first["remedy"], found)
    return Station(link, OK if found else NOT_SEEN, words, findings=found)


def _rank(finding: Json, which: str) -> tuple[int, int]:
    """What a host says of itself explains what others see; facts of its machine come first."""
    kind = finding["check"].partition(" ")[0]
    distance = 2 if finding["by"] == HERE else int(finding["by"] != which)
    return distance, FIRST.index(kind) if kind in FIRST else len(FIRST)


def first_broken(stations: Iterable[Station]) -> Station | None:
    """Where a call ends."""
    return next((one for one in stations if one.state == BROKEN), None)


def verdict(stations: list[Station], unseen: Mapping[str, str]) -> str:
    """The last line: where the call ends, or that it gets through. `unseen`: who did not answer, and why."""
    broken = first_broken(stations)
    if broken is not None:
        return f"first broken link: {broken.link}: {broken.cause}; {broken.remedy}"
    if unseen:
        return f"nothing broken was seen, but not everything was looked at: {', '.join(sorted(unseen))}"
    return "every link holds"
