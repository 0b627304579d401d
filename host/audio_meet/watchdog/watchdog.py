"""The `watchdog` verb: looks every two seconds, and acts where a rule says so. Run by a unit on the core."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..network import http_local
from ..system import documents
from ..system.documents import Json
from ..system.root import Root
from . import book as books
from .book import Act, Book
from .look import Look, look
from .rules import RULES, Rule

LOOK_SECONDS = 2.0
# The book is written at each act, and so often in between: its age says whether the watchdog is awake.
WRITE_SECONDS = 20.0


@dataclass(frozen=True)
class Config:
    """Where jicofo and prosody-jvb answer."""

    jicofo: str
    bridges: str
    domain: str


def parse(value: Json) -> Config:
    """The document of the `watchdog` verb."""
    documents.fields(value, "watchdog", {"jicofo": str, "bridges": str, "domain": str})
    return Config(value["jicofo"], value["bridges"], value["domain"])


class Watchdog:
    """Remembers since when each thing is seen, and what was done."""

    def __init__(self, root: Root, book: Book, act: Callable[[Rule, str], str]) -> None:
        self.root = root
        self.book = book
        # does it, and returns what went wrong
        self.act = act
        self.since: dict[tuple[str, str], float] = {}
        self.acted: dict[tuple[str, str], float] = {}

    def recall(self, at: float, wall: float) -> None:
        """What the book says of before: by the steady clock, after a start of the watchdog."""
        for one in self.book.acts:
            key = (one.rule, one.subject)
            # one of the future is of a clock that was set back meanwhile
            acted = at - max(0.0, wall - one.at)
            self.acted[key] = max(acted, self.acted.get(key, acted))

    def think(self, now: Look, at: float, wall: float) -> list[str]:
        """Act on what is seen; returns what there is to say.

        `at` is of a steady clock, by which all is measured: that of the `wall`, for the book, may be set.
        """
        said: list[str] = []
        stuck: dict[str, str] = {}
        seen = {(rule.name, subject) for rule in RULES for subject in rule.find(now)}
        self.since = {key: since for key, since in self.since.items() if key in seen}
        for rule in RULES:
            for subject, found in rule.find(now).items():
                since = self.since.setdefault((rule.name, subject), at)
                if at - since < rule.seconds:
                    continue
                last = self.acted.get((rule.name, subject))
                if last is None or at - last >= rule.pause_seconds:
                    self.acted[(rule.name, subject)] = at
                    said.append(self._act(rule, subject, found, wall))
                elif at - last >= rule.seconds + 2 * LOOK_SECONDS:
                    stuck[f"{rule.name} {subject}"] = (
                        f"{subject}: {found}; it was acted on {at - last:.0f} s ago, and that did not help"
                    )
        said += [words for name, words in stuck.items() if name not in self.book.stuck]
        self.book.stuck, self.book.looked = stuck, wall
        return said

    def _act(self, rule: Rule, subject: str, found: str, wall: float) -> str:
        trouble = self.act(rule, subject)
        words = f"{subject}: {found}; " + (f"nothing was done: {trouble}" if trouble else rule.does)
        self.book.add(Act(rule.name, subject, wall, words))
        # seen anew from here on
        self.since.pop((rule.name, subject), None)
        return words


def carry_out(root: Root, config: Config, rule: Rule, subject: str) -> str:
    """Do what the rule says; returns what went wrong."""
    if rule.restarts_jicofo:
        try:
            root.path(books.RESTART_JICOFO).write_text(f"{rule.name}\n", encoding="utf-8")
        except OSError as error:
            return error.strerror or str(error)
        return ""
    try:
        status, text = http_local.request(
            config.bridges, f"/bridges?bridge={subject}", post=True, host=config.domain
        )
    except http_local.UnreachableError as error:
        return f"prosody-jvb: {error}"
    is_ended = status == 200 and '"ended":0' not in text.replace(" ", "")
    return "" if is_ended else f"prosody-jvb answers {status} {text}"


def run(root: Root, arguments: list[str]) -> int:
    """The verb `watchdog FILE`; it ends when its unit is stopped."""
    config = parse(documents.load(root.read(arguments[1])))
    book = books.read(root) or Book()
    dog = Watchdog(root, book, lambda rule, subject: carry_out(root, config, rule, subject))
    dog.recall(time.monotonic(), time.time())
    written = -WRITE_SECONDS
    while True:
        at = time.monotonic()
        said = dog.think(look(config.jicofo, config.bridges, config.domain), at, time.time())
        for words in said:
            print(words, flush=True)
        if said or at - written >= WRITE_SECONDS:
            books.write(root, book)
            written = at
        time.sleep(max(0.0, LOOK_SECONDS - (time.monotonic() - at)))
