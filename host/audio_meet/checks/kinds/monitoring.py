"""Checks of the monitoring: the door to a host's metrics, and what Prometheus says of its targets."""

from __future__ import annotations

import json
import socket
import ssl
from urllib.parse import quote

from ...network import http_local
from ...system.documents import Json
from ...system.errors import tls_trouble
from ...system.root import Root
from .check import Answer, Check

TIMEOUT_SECONDS = 10
# A bridge with hundreds of participants shows some 200 kB.
LARGEST_ANSWER_BYTES = 8 << 20


class Metrics(Check):
    """Every module of the door shows its text, with the certificate of the door verified."""

    kind = "metrics"
    required = {"address": str, "port": int, "domain": str, "caFile": str, "modules": dict}
    subject = "domain"
    remedy = "see journalctl -u prometheus-exporter-exporter and -u with the exporter's name"

    def run(self, root: Root, check: Json) -> Answer:
        context = ssl.create_default_context(cafile=str(root.path(check["caFile"])))
        missing = []
        for module, text in sorted(check["modules"].items()):
            try:
                status, body = _ask(context, check, module)
            except OSError as error:
                return False, f"{module}: {tls_trouble(error)}"
            if status != "200":
                missing.append(f"{module} answers {status}")
            elif text not in body:
                missing.append(f"{module} has no {text}")
        return not missing, ", ".join(missing) or "verified, shows " + ", ".join(sorted(check["modules"]))


def _ask(context: ssl.SSLContext, check: Json, module: str) -> tuple[str, str]:
    request = f"GET /proxy?module={quote(module)} HTTP/1.0\r\nHost: {check['domain']}\r\nAccept: */*\r\n\r\n"
    data = b""
    with (
        socket.create_connection((check["address"], check["port"]), timeout=TIMEOUT_SECONDS) as connection,
        context.wrap_socket(connection, server_hostname=check["domain"]) as secure,
    ):
        secure.sendall(request.encode())
        while len(data) < LARGEST_ANSWER_BYTES:
            more = secure.recv(65536)
            if not more:
                break
            data += more
    head, _, body = data.partition(b"\r\n\r\n")
    words = head.split(b"\r\n", 1)[0].decode(errors="replace").split()
    return (words[1] if len(words) > 1 else "nothing"), body.decode(errors="replace")


class Prometheus(Check):
    """Prometheus has exactly so many targets, and read each of them with success the last time."""

    kind = "prometheus"
    required = {"url": str, "targets": int}
    subject = "url"
    remedy = "see the Targets page of Prometheus, and the verification of the host that is down"

    def run(self, root: Root, check: Json) -> Answer:
        try:
            status, text = http_local.request(check["url"], "/api/v1/targets?state=active")
            targets = json.loads(text)["data"]["activeTargets"] if status == 200 else []
        except (http_local.UnreachableError, ValueError, KeyError) as error:
            return False, str(error)
        down = [
            f"{target['labels'].get('instance')} {target['labels'].get('job')}: "
            f"{target['lastError'] or 'not read yet'}"
            for target in targets
            if target["health"] != "up"
        ]
        if down:
            return (
                False,
                f"{len(down)} of {len(targets)} targets are down, the first: {sorted(down)[0][:300]}",
            )
        if len(targets) != check["targets"]:
            return False, f"has {len(targets)} targets, expected {check['targets']}"
        return True, f"reads {len(targets)} targets"
