"""The `preflight` verb: whether a host can take a deployment, said before anything is changed there.

It reads and asks; it installs, writes, starts and stops nothing. All problems are reported at once.
"""

from __future__ import annotations

import json
import sys

from ..network import way_out
from ..system import cloud_init, documents
from ..system.documents import Json
from ..system.root import Root
from ..system.size import size_report
from . import nginx, ports, prosody, proxy, system
from .survey import Survey

CHECKS = (
    system.release,
    system.service_manager,
    system.memory,
    system.disk,
    system.folders,
    system.clock,
    proxy.proxy,
    system.package_database,
    system.other_versions,
    system.same_sources,
    prosody.own_prosody,
    nginx.both_families,
    nginx.own_sites,
    ports.taken,
    ports.passed_on,
    ports.strict_firewalls,
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
    documents.fields(value, "preflight", required, {"proxy": dict})
    way_out.parse(value, "preflight")
    place = {"url": str, "purpose": str, "isNeeded": bool}
    for item in value["wayOut"]:
        optional = {"releases": list, "straight": str, "reason": str}
        documents.fields(item, "preflight.wayOut", place, optional)
    port = {"name": str, "protocol": str, "port": int, "lastPort": int, "open": bool}
    for item in value["ports"]:
        documents.fields(item, "preflight.ports", port)
    return value


def inspect(root: Root, wanted: Json) -> Survey:
    """Every reason why this host cannot take the deployment; remarks become notes of `root`.

    A machine that its cloud, or somebody else, is still setting up is waited for: HostError at the deadline.
    """
    cloud_init.wait(root)
    survey = Survey(root, wanted)
    for check in CHECKS:
        check(survey)
    return survey


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `preflight`, for the document on stdin: findings on stderr, cores and memory as JSON."""
    survey = inspect(root, parse(documents.from_stdin()))
    for note in root.notes:
        print(f"note: {note}", file=sys.stderr)
    if not survey.problems:
        print(json.dumps(size_report(root), separators=(",", ":")))
        return 0
    for problem in survey.problems:
        print(problem.line(root.host()), file=sys.stderr)
    return 1
