"""A participant without sound: comes in over the page's websocket, asks jicofo for a room, and is invited."""

from __future__ import annotations

import contextlib
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from .websocket import Websocket
from .xmpp_login import LoginError, authenticate

CLIENT = "jabber:client"
FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
DISCO = "http://jabber.org/protocol/disco#info"
FOCUS = "http://jitsi.org/protocol/focus"
JINGLE = "urn:xmpp:jingle:1"
ICE = "urn:xmpp:jingle:transports:ice-udp:1"
CAPS = "http://jabber.org/protocol/caps"
MUC = "http://jabber.org/protocol/muc"
# What jicofo wants of whom it invites (jicofo, DiscoveryUtil).
FEATURES = (
    JINGLE,
    "urn:xmpp:jingle:apps:rtp:1",
    "urn:xmpp:jingle:apps:rtp:audio",
    ICE,
    "urn:xmpp:jingle:apps:dtls:0",
    "urn:ietf:rfc:5761",
    "urn:ietf:rfc:5888",
)


class RefusedError(OSError):
    """Somebody answers, and says no; `condition` is the name of the error."""

    def __init__(self, who: str, condition: str) -> None:
        super().__init__(f"{who} refuses: {condition}")
        self.condition = condition


@dataclass(frozen=True)
class Invitation:
    """Where a participant is told to send sound: of the bridge that jicofo picked."""

    fragment: str
    password: str = field(repr=False)
    # address and port of each candidate over UDP
    candidates: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Entry:
    """How somebody comes in at the XMPP domain `host`: as a user, or without an account, perhaps by token.

    `node`: at which Prosody of visitors, as the page names it in the address of its websocket.
    """

    host: str
    user: str = ""
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    node: str = ""


@dataclass
class Participant:
    """One of them, to log in by its entry."""

    socket: Websocket
    entry: Entry
    patience_seconds: float = 5.0
    heard: list[ElementTree.Element] = field(default_factory=list)

    @property
    def host(self) -> str:
        """The XMPP domain of the login."""
        return self.entry.host

    def log_in(self) -> None:
        """Raises RefusedError where the entry does not lead in."""
        self._open()
        if self.entry.user:
            self._log_in_as_user()
        elif self._offers("ANONYMOUS"):
            self._say(f"<auth xmlns='{SASL}' mechanism='ANONYMOUS'/>", "success")
        else:
            raise RefusedError(self.host, "nobody logs in here without an account")
        self._open()
        bind = f"<bind xmlns='{BIND}'/>"
        self.query("set", None, bind)

    def _log_in_as_user(self) -> None:
        try:
            authenticate(self.entry.user, self.entry.password, self._say)
        except LoginError as error:
            raise RefusedError(self.host, str(error)) from None

    def _say(self, stanza: str, wanted: str) -> str:
        """Send a step of a login; returns the text of the answer."""
        self.socket.send(stanza)
        names = (f"{{{SASL}}}{wanted}", f"{{{SASL}}}failure")
        answer = self.wait(lambda one: one.tag in names, "a login")
        if answer.tag.endswith("failure"):
            raise RefusedError(self.host, _first_name(answer))
        return answer.text or ""

    def _open(self) -> list[str]:
        """Open a stream; returns what it offers."""
        self.socket.send(f"<open xmlns='{FRAMING}' to={quoteattr(self.host)} version='1.0'/>")
        self.features = self.wait(lambda one: one.tag.endswith("}features"), "an XMPP stream")
        return [child.tag for child in self.features]

    def _offers(self, mechanism: str) -> bool:
        return any(one.text == mechanism for one in self.features.iter(f"{{{SASL}}}mechanism"))

    def query(self, kind: str, to: str | None, inside: str) -> ElementTree.Element:
        """Ask a question of XMPP; raises RefusedError for an error."""
        number = secrets.token_hex(6)
        target = f" to={quoteattr(to)}" if to else ""
        self.socket.send(f"<iq xmlns='{CLIENT}' type='{kind}' id='{number}'{target}>{inside}</iq>")
        answer = self.wait(lambda one: one.get("id") == number, f"an answer of {to or self.host}")
        if answer.get("type") == "error":
            error = answer.find(f"{{{CLIENT}}}error")
            raise RefusedError(to or self.host, _first_name(error) if error is not None else "error")
        return answer

    def ask_for_room(self, focus: str, room: str) -> bool:
        """Ask jicofo for a room, as the page does; whether it is in there."""
        machine = secrets.token_hex(8)
        words = f"<conference xmlns='{FOCUS}' room={quoteattr(room)} machine-uid='{machine}'/>"
        answer = self.query("set", focus, words)
        conference = answer.find(f"{{{FOCUS}}}conference")
        return conference is not None and conference.get("ready") == "true"

    def enter(self, room: str, region: str = "") -> None:
        """Enter a room under a random name, as of a region; raises RefusedError where it does not let in."""
        self.place = f"{room}/{secrets.token_hex(4)}"
        caps = f"<c xmlns='{CAPS}' hash='sha-1' node='audio-meet' ver='{self.place[-8:]}'/>"
        inside = f"<x xmlns='{MUC}'/>{caps}"
        if region:
            # both, as the page says it (lib-jitsi-meet)
            inside += f"<jitsi_participant_region>{escape(region)}</jitsi_participant_region>"
            inside += f"<region xmlns='http://jitsi.org/jitsi-meet' id={quoteattr(region)}/>"
        self.socket.send(f"<presence xmlns='{CLIENT}' to={quoteattr(self.place)}>{inside}</presence>")
        mine = self.wait(lambda one: one.get("from") == self.place, f"entering {room}")
        if mine.get("type") == "error":
            error = mine.find(f"{{{CLIENT}}}error")
            raise RefusedError(room, _first_name(error) if error is not None else "error")

    def invitation(self) -> Invitation:
        """Wait until jicofo invites; raises TimeoutError where it does not."""
        initiate = self.wait(lambda one: _action(one) == "session-initiate", "an invitation")
        found = next((one for one in initiate.iter(f"{{{ICE}}}transport") if one.get("ufrag")), None)
        if found is None:
            raise OSError("the invitation names no address of a bridge")
        candidates = tuple(
            (str(one.get("ip")), int(one.get("port") or 0))
            for one in found.iter(f"{{{ICE}}}candidate")
            if one.get("protocol") == "udp"
        )
        return Invitation(str(found.get("ufrag")), str(found.get("pwd")), candidates)

    def leave(self) -> None:
        """Leave the room and go; nobody is told who was here."""
        with contextlib.suppress(OSError):
            if hasattr(self, "place"):
                to = quoteattr(self.place)
                self.socket.send(f"<presence xmlns='{CLIENT}' type='unavailable' to={to}/>")
            self.socket.send(f"<close xmlns='{FRAMING}'/>")

    def wait(self, wanted: Callable[[ElementTree.Element], bool], what: str) -> ElementTree.Element:
        """The next stanza that is wanted, those included that have come already; questions are answered."""
        deadline = time.monotonic() + self.patience_seconds
        while True:
            for one in self.heard:
                if wanted(one):
                    self.heard.remove(one)
                    return one
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"{what}: nothing within {self.patience_seconds:g} s")
            self.socket.connection.settimeout(left)
            try:
                text = self.socket.receive()
            except TimeoutError:
                raise TimeoutError(f"{what}: nothing within {self.patience_seconds:g} s") from None
            one = ElementTree.fromstring(text)  # noqa: S314 - what our own Prosody says
            self._answer(one)
            self.heard.append(one)

    def _answer(self, one: ElementTree.Element) -> None:
        """jicofo asks who can what, and waits for an answer to each order."""
        if one.tag != f"{{{CLIENT}}}iq" or one.get("type") not in ("get", "set"):
            return
        question = one.find(f"{{{DISCO}}}query")
        inside = ""
        if question is not None:
            node = f" node={quoteattr(str(question.get('node')))}" if question.get("node") else ""
            features = "".join(f"<feature var='{name}'/>" for name in FEATURES)
            who = "<identity category='client' type='web' name='Audio Meet'/>"
            inside = f"<query xmlns='{DISCO}'{node}>{who}{features}</query>"
        to, number = quoteattr(one.get("from") or self.host), quoteattr(one.get("id") or "")
        self.socket.send(f"<iq xmlns='{CLIENT}' type='result' id={number} to={to}>{inside}</iq>")


def _action(one: ElementTree.Element) -> str | None:
    jingle = one.find(f"{{{JINGLE}}}jingle")
    return None if jingle is None else jingle.get("action")


def _first_name(one: ElementTree.Element) -> str:
    """The condition of an error, which is its first child's name."""
    first = next(iter(one), None)
    return "error" if first is None else first.tag.rpartition("}")[2]


@contextlib.contextmanager
def participants(doors: Sequence[tuple[socket.socket, Entry]], domain: str) -> Iterator[list[Participant]]:
    """Participants over secure connections, logged in; at the end they leave."""
    people: list[Participant] = []
    try:
        for connection, entry in doors:
            named = {name: said for name, said in (("token", entry.token), ("vnode", entry.node)) if said}
            query = f"?{urlencode(named)}" if named else ""
            one = Participant(Websocket(connection, domain, f"/xmpp-websocket{query}"), entry)
            people.append(one)
            one.log_in()
        yield people
    finally:
        for one in people:
            one.leave()
