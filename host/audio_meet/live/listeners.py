"""Ports that are open at more addresses than they should be, by what the last verification asked."""

from __future__ import annotations

from collections.abc import Iterator

from ..network import sockets
from ..system.root import Root
from ..system.state import VERIFIED, read_json


def wide(root: Root) -> Iterator[tuple[str, list[str], list[str], sockets.Owner | None]]:
    """Each port with its addresses, those at which it is open besides, and who listens there."""
    for check in (read_json(root.path(VERIFIED)) or {}).get("checks", []):
        if check.get("kind") != "listening":
            continue
        wanted = ["*" if a in ("0.0.0.0", "::") else a for a in check["addresses"]]  # noqa: S104 - comparing
        here = [one for one in sockets.listeners(root, check["protocol"]) if one.port == check["port"]]
        more = [one for one in here if one.address not in wanted and "*" not in wanted]
        if more:
            found = sorted({one.address for one in more})
            name = f"{check['protocol']} {check['port']}"
            yield name, wanted, found, sockets.owner_of(root, more[0].inode)
