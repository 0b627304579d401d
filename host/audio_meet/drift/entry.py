"""One difference between a host and what was applied to it."""

from __future__ import annotations

from typing import NamedTuple

from ..system.documents import Json


class Entry(NamedTuple):
    """`step` is the name of the step that repairs it (services/repair.ts); "": none does."""

    kind: str
    name: str
    expected: str
    found: str
    step: str = ""

    def document(self) -> Json:
        """As the verb prints it; without a step that is not there."""
        return {key: value for key, value in self._asdict().items() if key != "step" or value}
