"""The `preflight` verb: whether a host can take a deployment, said before anything is changed there.

It reads and asks; it installs, writes, starts and stops nothing. All findings are reported at once.
"""

from __future__ import annotations

from typing import Any

from . import (
    cloud_init,
    manifest,
    preflight_nginx,
    preflight_ports,
    preflight_prosody,
    preflight_system,
    preflight_way_out,
    way_out,
)
from .findings import Survey
from .root import Root

Json = dict[str, Any]
CHECKS = (
    preflight_system.release,
    preflight_system.service_manager,
    preflight_system.memory,
    preflight_system.disk,
    preflight_system.folders,
    preflight_system.clock,
    preflight_way_out.proxy,
    preflight_system.package_database,
    preflight_system.other_versions,
    preflight_prosody.own_prosody,
    preflight_nginx.both_families,
    preflight_nginx.own_sites,
    preflight_ports.taken,
    preflight_ports.passed_on,
    preflight_ports.strict_firewalls,
)


def parse(value: Json) -> Json:
    """The manifest of the `preflight` step."""
    required = {
        "releases": list,
        "memoryMegabytes": int,
        "diskMegabytes": dict,
        "clockUrls": list,
        "wayOut": list,
        "packages": list,
        "ports": list,
        "names": list,
        "xmppHosts": list,
        "sharesHttps": bool,
        "table": str,
    }
    manifest.fields(value, "preflight", required, {"proxy": dict})
    way_out.parse(value, "preflight")
    place = {"url": str, "purpose": str, "isNeeded": bool}
    for item in value["wayOut"]:
        optional = {"releases": list, "straight": str, "reason": str}
        manifest.fields(item, "preflight.wayOut", place, optional)
    port = {"name": str, "protocol": str, "port": int, "lastPort": int, "open": bool}
    for item in value["ports"]:
        manifest.fields(item, "preflight.ports", port)
    return value


def survey(root: Root, wanted: Json) -> Survey:
    """Everything that speaks against a deployment on this host; remarks become notes of `root`.

    A machine that its cloud, or somebody else, is still setting up is waited for: HostError at the deadline.
    """
    cloud_init.wait(root)
    look = Survey(root, wanted)
    for check in CHECKS:
        check(look)
    return look
