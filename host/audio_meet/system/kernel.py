"""The `kernel` verb: limits of the kernel are raised while its unit is up, and given back after.

A value that is as high already stays, so that nobody's own tuning is lowered; one that the kernel refuses (a
guest shares its host's) stays as well, and the verification says so.
"""

from __future__ import annotations

import json

from .documents import Json
from .errors import HostError
from .root import Root
from .state import read_json
from .summary import say

# Gone after a boot, as the values are.
BEFORE = "/run/audio-meet-kernel.json"


def parse(text: str) -> dict[str, int]:
    """`key = number` lines of sysctl.d(5); comments begin with "#"."""
    values = {}
    for line in text.splitlines():
        key, separator, value = (part.strip() for part in line.partition("="))
        if separator and not key.startswith("#"):
            values[key] = int(value)
    return values


def current(root: Root, key: str) -> int | None:
    """A value as the kernel has it; None where there is no such thing."""
    try:
        return int(root.read("/proc/sys/" + key.replace(".", "/")))
    except (OSError, ValueError):
        return None


def raise_values(root: Root, path: str) -> str:
    """Raise what is below the file at `path`; remembers what was there before."""
    try:
        wanted = parse(root.read(path))
    except (OSError, ValueError) as error:
        raise HostError(path, f"cannot be read: {error}", "apply the group kernel again") from None
    before: Json = {}
    for key, value in wanted.items():
        found = current(root, key)
        if found is not None and found < value and _write(root, key, value):
            before[key] = {"before": found, "raised": value}
    root.path(BEFORE).parent.mkdir(parents=True, exist_ok=True)
    root.path(BEFORE).write_text(json.dumps(before), encoding="utf-8")
    return f"raised: {', '.join(sorted(before)) or 'nothing'}"


def restore(root: Root) -> str:
    """Give back what `raise_values` changed and nobody has changed since."""
    back = []
    for key, values in (read_json(root.path(BEFORE)) or {}).items():
        if current(root, key) == values["raised"] and _write(root, key, values["before"]):
            back.append(key)
    root.path(BEFORE).unlink(missing_ok=True)
    return f"restored: {', '.join(sorted(back)) or 'nothing'}"


def _write(root: Root, key: str, value: int) -> bool:
    try:
        root.path("/proc/sys/" + key.replace(".", "/")).write_text(f"{value}\n", encoding="utf-8")
    except OSError:
        return False
    return current(root, key) == value


def run(root: Root, arguments: list[str]) -> int:
    """The verb `kernel [FILE]`."""
    return say(root, raise_values(root, arguments[1]) if arguments[1:] else restore(root))
