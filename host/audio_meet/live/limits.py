"""Whether limits of the kernel are still as high as the unit of ours raised them."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ..system import kernel
from ..system.root import Root
from ..system.state import read_json

# What services/kernel.ts writes.
FILE = "/etc/audio-meet/kernel.conf"


def lowered(root: Root) -> Iterator[tuple[str, int, int]]:
    """Each limit that is lower than wanted, with the wanted value and its own.

    Only where it was raised before, or where this kernel takes values at all: a container has its host's.
    """
    try:
        wanted = kernel.parse(root.read(FILE))
    except (OSError, ValueError):
        return  # the file itself is told
    raised = read_json(root.path(kernel.BEFORE)) or {}
    for key, value in sorted(wanted.items()):
        found = kernel.current(root, key)
        if found is not None and found < value and (key in raised or _is_ours(root, key)):
            yield key, value, found


def _is_ours(root: Root, key: str) -> bool:
    if not os.access(root.path("/proc/sys/" + key.replace(".", "/")), os.W_OK):
        return False
    return root.run(["systemd-detect-virt", "--container", "--quiet"]).code != 0
