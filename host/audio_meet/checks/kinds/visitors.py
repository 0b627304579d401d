"""Checks of a visitor node: a Prosody at which those log in who listen to a large room."""

from __future__ import annotations

import re

from ...network.participant import Entry, RefusedError, participants
from ...prosody import shell
from ...system.documents import Json
from ...system.errors import tls_trouble
from ...system.root import Root
from . import web
from .check import Answer, Check

# "OK: pong from meet.example.org on s2sout… in 0.01s"
PONG = re.compile(r"pong from (\S+) on \S+ in ([\d.e-]+)s")
LINK_SECONDS = 5


class VisitorLogin(Check):
    """A visitor logs in at the node, over the page's websocket as the page names it."""

    kind = "visitorLogin"
    required = {"domain": str, "node": str, "host": str}
    optional = {"address": str, "caFile": str, "trial": bool}
    subject = "node"
    remedy = "see journalctl -u prosody-{subject}, and whether nginx names its port (map $arg_vnode)"

    def run(self, root: Root, check: Json) -> Answer:
        entry = Entry(check["host"], node=check["node"])
        try:
            with web.secure(root, check) as door, participants([(door, entry)], check["domain"]):
                return True, f"logs in at {check['host']}"
        except RefusedError as error:
            return False, str(error)
        except OSError as error:
            return False, tls_trouble(error)


class NodeLink(Check):
    """The Prosody with that configuration asks the other one over their verified link, and is answered."""

    kind = "nodeLink"
    required = {"config": str, "host": str, "to": str}
    remedy = (
        "compare node_links, ports and certificates of both Prosodys, and see the journal of both for s2s"
    )

    def title(self, check: Json) -> str:
        return f"nodeLink {check['host']} to {check['to']}"

    def run(self, root: Root, check: Json) -> Answer:
        asked = f"xmpp:ping({_lua(check['host'])}, {_lua(check['to'])}, {LINK_SECONDS})"
        result = shell.ask(root, check["config"], asked)
        pong = PONG.search(result.out)
        if result.code != 0 or not pong:
            return False, f"no answer from {check['to']}: {result.last_line()}"
        return True, f"{pong[1]} answers after {float(pong[2]):.3f} s"


def _lua(host: str) -> str:
    return '"' + host.replace("\\", "\\\\").replace('"', '\\"') + '"'
