"""Every kind of check, by its name in documents."""

from __future__ import annotations

from .call import Connects, Media, Name
from .check import Check
from .conference import ConferenceRequest, Invitation
from .firewall import Firewall
from .host import Clock, Disk, Down, Kernel, LastRun, Listening, LocalAddress, Unit
from .jitsi import Health, Jicofo, JicofoRecorders, Videobridge
from .logs import Errors
from .mail import Mail
from .monitoring import Metrics, Prometheus
from .prosody import ProsodyModules, ProsodyNoSessions, ProsodySessions, XmppLogin, XmppTls
from .recorder import Browser, Recorder, Sound, Storage
from .renewal import Certificate
from .tokens import TokenKeys
from .turn import Turn
from .visitors import NodeLink, VisitorLogin
from .web import Https, PageCertificate

KINDS: dict[str, Check] = {
    check.kind: check
    for check in (
        Firewall(),
        Unit(),
        Down(),
        LastRun(),
        Listening(),
        LocalAddress(),
        Kernel(),
        Clock(),
        Videobridge(),
        Health(),
        Jicofo(),
        JicofoRecorders(),
        Errors(),
        Mail(),
        Metrics(),
        Prometheus(),
        XmppTls(),
        XmppLogin(),
        ProsodySessions(),
        ProsodyNoSessions(),
        ProsodyModules(),
        Recorder(),
        Sound(),
        Storage(),
        Browser(),
        Certificate(),
        TokenKeys(),
        Turn(),
        Https(),
        PageCertificate(),
        Name(),
        Connects(),
        ConferenceRequest(),
        Invitation(),
        Media(),
        VisitorLogin(),
        NodeLink(),
        Disk(),
    )
}


def remedy(title: str) -> str:
    """What to do about a failed check, by its title."""
    kind, _, subject = title.partition(" ")
    return KINDS[kind].remedy.replace("{subject}", subject)
