"""The restart of a bridge that carries somebody: jicofo needs another one for them, and has to know of it."""

from __future__ import annotations

import time

from . import drain, http_local

UNIT = "jitsi-videobridge2.service"
# plan/ports.ts: videobridgeHttp, on loopback
URL = "http://127.0.0.1:8080"
# A bridge shows its statistics in the brewery each 5 s (videobridge.apis.xmpp-client.presence-interval), and
# before the first of them jicofo gives it nobody.
HEARD_SECONDS = 6


def let_others_be_heard() -> None:
    """Wait until jicofo has heard of a bridge that is back since just now, if somebody on this one needs it.

    Bridges restart one after the other, each once the one before it is in the brewery. Without this pause the
    conferences of the second one find no bridge at all.
    """
    try:
        conferences, _ = drain.occupancy(URL)
    except http_local.RefusedError:
        return
    except http_local.UnreachableError:
        # it may carry somebody and be late; a pause for nobody costs less than a conference
        conferences = 1
    if conferences:
        time.sleep(HEARD_SECONDS)
