"""What every kind of check has: its name and fields in a document, its title and remedy, and how it asks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from ...system.documents import Json
from ...system.root import Root

# Whether it holds, and what was found: shown in summaries, so never a secret.
Answer = tuple[bool, str]


class Check(ABC):
    """One kind of check. It keeps nothing: what is asked for stands in `check`, an object of the document."""

    kind: ClassVar[str]
    # its keys beside `kind`, and their types
    required: ClassVar[Mapping[str, type]] = {}
    optional: ClassVar[Mapping[str, type]] = {}
    # the key whose value tells it from others of its kind in a summary; empty: there is one of its kind
    subject: ClassVar[str] = ""
    # what to do when it does not hold; {subject} is what its title names
    remedy: ClassVar[str]
    # asked again at every round; another one counts once it has held
    each_round: ClassVar[bool] = False
    # asked once all else holds, or when the time is over: before that it costs much and says nothing new
    asked_last: ClassVar[bool] = False
    # waiting does not mend it
    is_final: ClassVar[bool] = False

    def title(self, check: Json) -> str:
        """The check in a few words, the first of which is its kind."""
        return f"{self.kind} {check[self.subject]}" if self.subject else self.kind

    @abstractmethod
    def run(self, root: Root, check: Json) -> Answer:
        """Ask once; that a daemon of this host does not answer (http_local.UnreachableError) is a finding."""


class UnitCheck(Check):
    """A check of what a unit can do, which that unit is asked itself (as_unit.py)."""

    @abstractmethod
    def within_unit(self, root: Root, check: Json) -> Answer:
        """Ask as whoever runs this: the unit, and after a failure root."""
