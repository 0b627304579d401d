"""The document of `files` and `secrets`, checked: `services/manifest/` has the other side of the contract."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from typing import Any

from .documents import Json, broken, fields

CHECKERS = ("prosody", "nft", "unit", "sysctl", "nginx", "prometheus", "rules", "alertmanager")
# the longest so far: "turn-peer-", an id of 32 characters and an address of IPv6
GROUP_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,95}")
UNIT_NAME = re.compile(r"[A-Za-z0-9:_.@\\-]+\.(service|socket|timer|target|path|mount)")


@dataclass(frozen=True)
class FileSpec:
    """One file as it shall be. `mode` is a number, `units` maps a unit to "restart" or "reload"."""

    path: str
    content: bytes
    mode: int
    owner: str
    group: str
    units: dict[str, str]
    check: str | None = None
    # only the first content: once the file is there, another program writes it
    seed: bool = False
    # key of the configuration whose own settings stand in the file
    origin: str | None = None


@dataclass(frozen=True)
class HeapSpec:
    """A file with one line `variable=<megabytes>m`, computed from the host's memory."""

    path: str
    variable: str
    share: float
    minimum_megabytes: int
    maximum_megabytes: int
    units: dict[str, str]


@dataclass(frozen=True)
class FileGroup:
    """What one `files` or `secrets` step sends."""

    name: str
    files: list[FileSpec]
    heaps: list[HeapSpec]
    run: list[str]
    packages: dict[str, str] = field(default_factory=dict)
    accounts: list[Json] = field(default_factory=list)
    # the one of them that has to be logged in before those that the group had before may go; "": none
    successor: str = ""
    subscriptions: list[Json] = field(default_factory=list)
    keep_reachable: list[int] = field(default_factory=list)
    # groups of an earlier program whose files are this group's now
    former_groups: list[str] = field(default_factory=list)
    # another bridge can take who is on this one, before it restarts
    hand_over: bool = False
    # how the bridge of the group is emptied, which is to be down (bridge/drain.py); None: it is not parked
    parks: Json | None = None
    # unit → what its restart costs people: {who, what, count?}
    prices: dict[str, Json] = field(default_factory=dict)
    # its name in jitsi:repair, where that is another one
    step: str = ""
    # {units, window?, atOnce?}: restarts that wait; None: none does
    restarts: Json | None = None


def file_group(value: Json) -> FileGroup:
    """The manifest of the `files` and `secrets` steps."""
    optional: dict[str, type] = {"heaps": dict, "packages": dict, "accounts": list, "subscriptions": list}
    optional |= {"successor": str, "keepReachable": list, "handOver": bool, "whoNotices": dict}
    # the sentences of `whoNotices` are for previews alone
    optional |= {"formerGroups": list, "prices": dict, "restarts": dict, "step": str, "parks": dict}
    fields(value, "group", {"group": str, "files": dict, "run": list}, optional)
    if not GROUP_NAME.fullmatch(value["group"]):
        raise broken("group.group", f"{value['group']!r} is not a name")
    former = value.get("formerGroups", [])
    if value["group"] in former or not all(
        isinstance(name, str) and GROUP_NAME.fullmatch(name) for name in former
    ):
        raise broken("group.formerGroups", f"{former!r} are not names of other groups")
    account = {"config": str, "dataPath": str, "jid": str, "passwordFile": str}
    subscription = {"config": str, "dataPath": str, "account": str, "component": str}
    return FileGroup(
        name=value["group"],
        files=[_file(path, spec) for path, spec in sorted(value["files"].items())],
        heaps=[_heap(path, spec) for path, spec in sorted(value.get("heaps", {}).items())],
        run=[_unit(name, "run") for name in value["run"]],
        packages=value.get("packages", {}),
        accounts=[fields(a, "accounts", account, {"endSessions": bool}) for a in value.get("accounts", [])],
        successor=value.get("successor", ""),
        subscriptions=[fields(s, "subscriptions", subscription) for s in value.get("subscriptions", [])],
        hand_over=value.get("handOver", False),
        parks=value.get("parks"),
        prices={_unit(unit, "prices"): price_of(price) for unit, price in value.get("prices", {}).items()},
        step=value.get("step", ""),
        restarts=value.get("restarts"),
        keep_reachable=[_port(port) for port in value.get("keepReachable", [])],
        former_groups=former,
    )


def price_of(value: Json) -> Json:
    """What a restart costs people."""
    return fields(value, "prices", {"who": str, "what": str}, {"count": str})


def _path(path: str, where: str) -> str:
    if (
        not path.startswith("/")
        or path.endswith("/")
        or any(p in ("", ".", "..") for p in path.split("/")[1:])
    ):
        raise broken(where, f"{path!r} is not an absolute, normal path")
    return path


def _unit(name: Any, where: str) -> str:
    if not isinstance(name, str) or not UNIT_NAME.fullmatch(name):
        raise broken(where, f"{name!r} is not the full name of a unit")
    return name


def _port(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
        raise broken("keepReachable", f"{value!r} is not a port")
    return value


def _units(value: Json, where: str) -> dict[str, str]:
    for name, action in value.items():
        _unit(name, where)
        if action not in ("restart", "reload"):
            raise broken(f"{where}.{name}", f"{action!r} is neither restart nor reload")
    return dict(value)


def _file(path: str, value: Any) -> FileSpec:
    where = f"files[{_path(path, 'files')}]"
    required = {"mode": str, "owner": str, "group": str, "content": str, "units": dict}
    fields(value, where, required, {"encoding": str, "check": str, "seed": bool, "origin": str})
    if not re.fullmatch(r"0[0-7]{3}", value["mode"]):
        raise broken(f"{where}.mode", f"{value['mode']!r} is not four octal digits")
    if value.get("check") not in (None, *CHECKERS):
        raise broken(f"{where}.check", f"{value['check']!r} is not one of {', '.join(CHECKERS)}")
    return FileSpec(
        path=path,
        content=_content(value, where),
        mode=int(value["mode"], 8),
        owner=value["owner"],
        group=value["group"],
        units=_units(value["units"], f"{where}.units"),
        check=value.get("check"),
        seed=value.get("seed", False),
        origin=value.get("origin"),
    )


def _content(value: Json, where: str) -> bytes:
    if "encoding" not in value:
        return str(value["content"]).encode()
    if value["encoding"] != "base64":
        raise broken(f"{where}.encoding", f"{value['encoding']!r} is not base64")
    try:
        return base64.b64decode(value["content"], validate=True)
    except (binascii.Error, ValueError):
        raise broken(f"{where}.content", "is not base64") from None


def _heap(path: str, value: Any) -> HeapSpec:
    where = f"heaps[{_path(path, 'heaps')}]"
    required = {
        "variable": str,
        "share": float,
        "minimumMegabytes": int,
        "maximumMegabytes": int,
        "units": dict,
    }
    fields(value, where, required)
    if not 0 < value["share"] <= 1:
        raise broken(f"{where}.share", "must be above 0 and at most 1")
    return HeapSpec(
        path=path,
        variable=value["variable"],
        share=value["share"],
        minimum_megabytes=value["minimumMegabytes"],
        maximum_megabytes=value["maximumMegabytes"],
        units=_units(value["units"], f"{where}.units"),
    )
