"""What the preflight asks of one host, and what it found there."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..network.way_out import WayOut
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import State


@dataclass
class Survey:
    """One host: what is asked of it, and the problems that keep a deployment off it."""

    root: Root
    wanted: Json
    problems: list[HostError] = field(default_factory=list)

    def __post_init__(self) -> None:
        state = State(self.root)
        groups = state.groups()
        # What is there because of us: units that our groups run, files that they own, packages that we know.
        self.our_units = {unit for group in groups.values() for unit in group.get("run", [])}
        self.our_units |= {unit for group in state.unfinished() for unit in group.get("owed", {})}
        self.our_files = {path for group in groups.values() for path in group.get("files", {})}
        self.packages = state.packages()
        # Nothing was ever installed here by us.
        self.is_first = "before" not in self.packages
        self.way = WayOut(self.root, self.wanted.get("proxy"))

    def refuse(self, what: str, cause: str, remedy: str) -> None:
        """Add a problem that keeps the deployment off this host."""
        self.problems.append(HostError(what, cause, remedy))
