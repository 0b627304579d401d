"""What a look at a host found before anything is changed there."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..network.way_out import WayOut
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import State


@dataclass
class Survey:
    """One look at one host: what was asked, what speaks against going on, and what is only worth knowing."""

    root: Root
    wanted: Json
    findings: list[HostError] = field(default_factory=list)

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
        """Remember a reason not to go on."""
        self.findings.append(HostError(what, cause, remedy))
