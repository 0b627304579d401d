"""The restart of a bridge that carries somebody: jicofo moves them to another one first, which is warm."""

from __future__ import annotations

import time
import uuid

from ..network import answers, http_local
from ..network.answers import Down, Known, Unknown
from ..system.documents import Json
from ..system.root import Root
from . import drain, opening
from .opening import CONFERENCES, URL

UNIT = "jitsi-videobridge2.service"
# A bridge shows its statistics in the brewery each 5 s (videobridge.apis.xmpp-client.presence-interval), and
# before the first of them jicofo gives it nobody.
HEARD_SECONDS = 6
# How long a bridge that starts may take until it answers at its interface for conferences.
START_SECONDS = 60


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


def warm_up(root: Root) -> None:
    """Have a bridge that has just started allocate for a participant who does not exist, and forget them.

    The first allocation of a cold bridge takes seconds (2.2 s, the next one 0.05 s: the real daemon on two
    cores). Whoever is handed over to it would hear nothing for so long. A failure is a note.
    """
    name = f"warm-up-{uuid.uuid4()}"
    deadline = time.monotonic() + START_SECONDS
    trouble = _conference(root, opening.beginning(name), deadline)
    trouble = _conference(root, opening.end(name), deadline) or trouble
    if trouble:
        root.note(
            f"the bridge could not be warmed up, so its first participants wait some seconds: {trouble}"
        )


def _conference(root: Root, body: Json, deadline: float) -> str:
    """Ask for a conference, again and again while nobody listens yet; returns what went wrong."""
    while True:
        left = max(deadline - time.monotonic(), 1)
        try:
            status, _ = http_local.request(URL, CONFERENCES, body, seconds=left)
            return "" if status == 200 else f"{CONFERENCES} answers {status}"
        except http_local.RefusedError as error:
            if time.monotonic() >= deadline:
                return f"{CONFERENCES}: {error}"
        except http_local.UnreachableError as error:
            return f"{CONFERENCES}: {error}"
        time.sleep(root.poll_seconds)
