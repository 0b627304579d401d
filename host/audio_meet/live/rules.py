"""Whether the kernel has the rules of a file: that is loaded beside them, in a network of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from ..system.documents import Json
from ..system.root import Root

TABLE = re.compile(r"^table (inet \S+) \{", re.MULTILINE)
# What differs between two loads of one file.
PASSING = ("handle", "index", "packets", "bytes", "used", "expires")
# Loads the file and lists the table, in a network that ends with the shell.
LOAD = 'nft -f "$1" && exec nft -j list table $2'


def changed(root: Root, path: str) -> Iterator[tuple[str, str]]:
    """Tables of the file that the kernel does not have so, each with words for what is there."""
    try:
        text = root.read(path)
    except OSError:
        return  # the file itself is told
    for table in dict.fromkeys(TABLE.findall(text)):
        live = root.run(["nft", "-j", "list", "table", *table.split()])
        if live.code != 0:
            yield table, "not loaded"
            continue
        loaded = root.run(["unshare", "--net", "sh", "-c", LOAD, "sh", str(root.path(path)), table])
        if loaded.code != 0:
            root.note(f"cannot compare the rules of {table}: {loaded.last_line()}")
            continue
        words = _compared(_items(loaded.out), _items(live.out))
        if words:
            yield table, words


def _items(listed: str) -> list[str]:
    """Chains, sets and rules in their order, each as a text that is the same for the same."""
    items: list[Json] = [item for item in json.loads(listed)["nftables"] if "metainfo" not in item]
    return [json.dumps(_lasting(item), sort_keys=True) for item in items]


def _lasting(value: Json) -> Json:
    """Without what comes and goes by itself: counts, and addresses that a set has seen."""
    if isinstance(value, list):
        return [_lasting(one) for one in value]
    if not isinstance(value, dict):
        return value
    # A set that rules fill has a size (nft before 1.1 does not say that it is dynamic); one for users is
    # filled by its unit as well.
    fills_itself = "size" in value or value.get("type") == "uid"
    gone = {*PASSING, *(["elem"] if fills_itself else [])}
    return {key: _lasting(one) for key, one in value.items() if key not in gone}


def _compared(wanted: list[str], found: list[str]) -> str:
    if wanted == found:
        return ""
    added = len([one for one in found if one not in wanted])
    missing = len([one for one in wanted if one not in found])
    parts = [f"{added} added"] if added else []
    parts += [f"{missing} missing"] if missing else []
    return f"rules and sets: {', '.join(parts) or 'in another order or number'}"
