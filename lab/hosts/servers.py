"""Servers for guests that all labs of this machine share; none outlives the network (network.py)."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass

from process import Identity
from state import SHARED

_RECORDS = SHARED / "servers"


@dataclass(frozen=True)
class Server:
    """A server for guests that all labs share; its `folder` goes with the network if it is `temporary`."""

    process: Identity
    folder: str
    temporary: bool = False


def find(name: str) -> Server | None:
    """The recorded server of that name, if it runs."""
    known = _recorded(name)
    return known if known and known.process.alive() else None


def _recorded(name: str) -> Server | None:
    try:
        values = json.loads((_RECORDS / f"{name}.json").read_text())
        return Server(Identity(**values["process"]), values["folder"], values["temporary"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def record(name: str, running: Server) -> None:
    """Write down a server: it ends with the network at the latest. Hold `shared()`."""
    _RECORDS.mkdir(parents=True, exist_ok=True)
    (_RECORDS / f"{name}.json").write_text(json.dumps(asdict(running)))


def end(name: str) -> None:
    """End the recorded server of that name, if there is one. Hold `shared()`."""
    known = _recorded(name)
    if known:
        known.process.end()
        if known.temporary:
            shutil.rmtree(known.folder, ignore_errors=True)
    (_RECORDS / f"{name}.json").unlink(missing_ok=True)


def pause(name: str) -> None:
    """End the process of a server alone: its folder goes with the network. Hold `shared()`."""
    known = _recorded(name)
    if known:
        known.process.end()


def end_all() -> None:
    """End every server. Hold `shared()`."""
    for file in sorted(_RECORDS.glob("*.json")):
        end(file.stem)
