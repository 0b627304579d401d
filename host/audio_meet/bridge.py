"""The restart of a bridge that carries somebody: jicofo moves them to another one first."""

from __future__ import annotations

import time

from . import answers, drain
from .answers import Down, Known, Unknown
from .root import Root

UNIT = "jitsi-videobridge2.service"
# plan/ports.ts: videobridgeHttp, on loopback
URL = "http://127.0.0.1:8080"
# A bridge shows its statistics in the brewery each 5 s (videobridge.apis.xmpp-client.presence-interval), and
# before the first of them jicofo gives it nobody.
HEARD_SECONDS = 6


def hand_over(root: Root) -> str:
    """Have jicofo move everybody on this bridge to others; returns who was moved, in words.

    It does so by the shutdown that the bridge announces in the brewery: the bridge has ended then. Where
    nobody is there this returns "", and the bridge runs on. A bridge that runs and does not answer is an
    error: who is on it would be cut off.

    Bridges restart one after the other, each once the one before it is in the brewery. Without the pause the
    conferences of the second one would find no bridge at all.
    """
    found = answers.ask(root, UNIT, lambda: drain.occupancy(URL), root.answer_seconds)
    if isinstance(found, Unknown):
        raise drain.not_known(UNIT, found)
    if isinstance(found, Down) or not any(found.value):
        return ""
    time.sleep(HEARD_SECONDS)
    told = drain.shut_down(root, URL, UNIT)
    return "{1} participants of {0} conferences".format(*found.value) if isinstance(told, Known) else ""
