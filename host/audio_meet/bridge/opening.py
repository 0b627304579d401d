"""An opening on a bridge for those who want to know whether they reach it: a participant whom nobody sees.

A bridge answers at its media port only to whom it expects. So it is asked to expect one, for some seconds, in
a conference of its own, which is no room: jicofo does not know of it.
"""

from __future__ import annotations

import contextlib
import json
import select
import sys
import uuid
from collections.abc import Iterator

from ..network import http_local
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root

# facts/ports.ts: videobridgeHttp, on loopback; and there the interface for conferences
CONFERENCES = "/colibri/v2/conferences"
URL = "http://127.0.0.1:8080"
# The longest that a doctor takes.
SECONDS = 30
# What jicofo asks for when somebody with a microphone joins (colibri2, as JSON for this interface).
PARTICIPANT = {
    "id": "a0d10fee",
    "create": True,
    "capabilities": ["source-names"],
    "transport": {"ice-controlling": True},
    "media": [
        {
            "type": "audio",
            "payload-types": [{"id": 111, "name": "opus", "clockrate": 48000, "channels": 2}],
            "rtp-hdrexts": [{"id": 1, "uri": "urn:ietf:params:xml:ns:ssrc-audio-level"}],
        }
    ],
}


def beginning(name: str) -> Json:
    """Asks a bridge for a conference with one participant who does not exist; it wants the name of a room."""
    room = f"{name}@audio-meet.invalid"
    return {"meeting-id": name, "name": room, "create": True, "endpoints": [PARTICIPANT]}


def end(name: str) -> Json:
    """Asks it to forget that conference."""
    return {"meeting-id": name, "expire": True}


@contextlib.contextmanager
def opening(url: str) -> Iterator[Json]:
    """`{fragment, password, candidates}` of an opening, which is closed at the end."""
    name = f"doctor-{uuid.uuid4()}"
    status, text = http_local.request(url, CONFERENCES, beginning(name), seconds=10)
    if status != 200:
        raise HostError("bridge", f"{CONFERENCES} answers {status}", "see /var/log/jitsi/jvb.log")
    try:
        transport = json.loads(text)["endpoints"][0]["transport"]["transport"]
        places = [
            {"address": one["ip"], "port": int(one["port"])}
            for one in transport.get("candidates", [])
            if one.get("protocol") == "udp"
        ]
        yield {"fragment": transport["ufrag"], "password": transport["pwd"], "candidates": places}
    except (LookupError, ValueError, TypeError):
        remedy = "see /var/log/jitsi/jvb.log"
        raise HostError("bridge", f"{CONFERENCES} names no way to it", remedy) from None
    finally:
        # whatever happens: it would end by itself a minute after the last packet
        with contextlib.suppress(http_local.UnreachableError):
            http_local.request(url, CONFERENCES, end(name))


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `opening`: one line of JSON, and the opening stays until stdin ends."""
    try:
        with opening(URL) as found:
            print(json.dumps(found, separators=(",", ":")), flush=True)
            select.select([sys.stdin], [], [], SECONDS)
    except http_local.UnreachableError as error:
        raise HostError("bridge", str(error), "systemctl status jitsi-videobridge2") from None
    return 0
