"""The daemons of the operator's own Jitsi: how each ran, its stop, and its start as before."""

from __future__ import annotations

import time

from ..system import systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root

NGINX = "nginx.service"


def state_of(name: str, unit: systemd.Unit) -> Json:
    """What is noted of a unit."""
    return {"name": name, "active": systemd.is_up(unit)}


def is_nginx_up(root: Root) -> bool:
    """Whether an nginx serves here, perhaps others as well."""
    return systemd.is_up(systemd.show(root, [NGINX])[NGINX])


def stop(root: Root, units: list[Json]) -> None:
    """Stop them, Prosody last. What starts them with the machine is among what goes aside."""
    present = systemd.show(root, [was["name"] for was in units])
    for was in reversed(units):
        name = was["name"]
        if not systemd.is_down(present[name]):
            systemd.order(root, "stop", name)


def reload_nginx(root: Root, noted: Json) -> None:
    """nginx goes on without their site, or with it again."""
    if not noted["nginx"]:
        return
    checked = root.run(["nginx", "-t"])
    if checked.code != 0:
        cause = f"its configuration is broken now: {checked.last_line()}"
        raise HostError("nginx", cause, "correct it (nginx -t), then run this again, or audio-meet give-back")
    systemd.order(root, "reload-or-restart", NGINX)


def start(root: Root, noted: Json) -> list[str]:
    """Start what ran; returns the names. HostError where one does not stay up."""
    systemd.order(root, "daemon-reload")
    active = [was["name"] for was in noted["units"] if was["active"]]
    for name in active:
        systemd.order(root, "restart", name)
    reload_nginx(root, noted)
    time.sleep(root.stay_up_seconds)
    units = systemd.show(root, active)
    down = [name for name in active if not systemd.is_up(units[name])]
    if down:
        cause = "did not come up again; all files are as they were"
        raise HostError(" ".join(down), cause, "see its journal, then run audio-meet give-back again")
    return active
