"""A parked bridge: emptied and stopped before its files change, so that nobody meets them half."""

from __future__ import annotations

from ..bridge import drain
from ..system import systemd
from ..system.manifest import FileGroup
from ..system.root import Root


def park(root: Root, group: FileGroup) -> str:
    """Empty and stop the bridge of a group that is parked; returns what was done, "" where it was down.

    One that only would start with the machine is disabled. HostError where nobody can say who is on it.
    """
    if group.parks is None:
        return ""
    wanted = drain.parse(group.parks)
    unit = systemd.show(root, [wanted.unit])[wanted.unit]
    if systemd.is_down(unit) and not systemd.is_enabled(unit):
        return ""
    done = drain.drain(root, wanted)
    # one that was killed at its end is down as well, and nobody has to look at it
    systemd.try_order(root, "reset-failed", "--", wanted.unit)
    return done
