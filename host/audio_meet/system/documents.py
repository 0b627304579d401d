"""JSON documents: those on stdin, those that are kept on the host, and what each must hold."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from .errors import HostError

# A JSON object. Which keys it has, and of which types, `fields` says where it is read.
Json = dict[str, Any]


def broken(where: str, cause: str) -> HostError:
    """A manifest that does not keep the contract."""
    return HostError(f"manifest {where}", cause, "this is a bug of Audio Meet; report it")


def load(text: str) -> Json:
    """The JSON object on stdin."""
    try:
        value = json.loads(text)
    except ValueError:
        raise broken("stdin", "is not JSON") from None
    if not isinstance(value, dict):
        raise broken("stdin", "is not a JSON object")
    return value


def from_stdin() -> Json:
    """The JSON object that this verb was sent."""
    return load(sys.stdin.read())


def dump(value: Json) -> bytes:
    """A JSON object as it is stored."""
    return (json.dumps(value, indent=1, sort_keys=True) + "\n").encode()


def fields(
    value: Any, where: str, required: Mapping[str, type], optional: Mapping[str, type] | None = None
) -> Json:
    """`value` with exactly these keys and types; anything else is an error that names the key."""
    if not isinstance(value, dict):
        raise broken(where, "must be an object")
    allowed = {**required, **(optional or {})}
    for key in value:
        if key not in allowed:
            raise broken(f"{where}.{key}", "is unknown to this helper")
    for key in required:
        if key not in value:
            raise broken(f"{where}.{key}", "is missing")
    for key, item in value.items():
        wanted: Any = (int, float) if allowed[key] is float else allowed[key]
        if not isinstance(item, wanted) or (isinstance(item, bool) and wanted is not bool):
            raise broken(f"{where}.{key}", f"must be of type {allowed[key].__name__}")
    return value
