"""The check of the clock: certificates and TURN's credentials are only as good as the time."""

from __future__ import annotations

from ...system import systemd
from ...system.documents import Json
from ...system.root import Root

# Whatever the release or the operator chose (Debian and Ubuntu: unit names of these packages).
KEEPERS = ("systemd-timesyncd.service", "chrony.service", "ntpsec.service", "ntp.service", "openntpd.service")


def clock(root: Root, _check: Json) -> tuple[bool, str]:
    """Something keeps the time right; in a container that is its host's part. Said, and never a failure."""
    if root.run(["systemd-detect-virt", "--container", "--quiet"]).code == 0:
        return True, "a container: its host keeps the time"
    running = [name for name, unit in systemd.show(root, KEEPERS).items() if systemd.is_up(unit)]
    if running:
        return True, f"kept by {', '.join(running)}"
    return True, "nothing keeps the time of this host: install systemd-timesyncd or chrony"
