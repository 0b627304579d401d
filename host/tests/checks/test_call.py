"""A call's way as a participant goes it, against a server that speaks as nginx, Prosody and jicofo do."""

import base64
import contextlib
import hashlib
import hmac
import re
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any
from unittest import mock

from audio_meet.checks.kinds import call, web
from audio_meet.network import stun
from audio_meet.network.websocket import GUID
from machine import MachineCase

D = "meet.example.org"
CHECK = {"domain": D, "host": D, "focus": f"focus.{D}", "conference": f"conference.{D}"}
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
CANDIDATE = "<candidate ip='192.0.2.7' port='10000' protocol='udp'/>"


class Server:
    """One participant's connection each; `answers` says what is said to whom asks jicofo."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.mechanism = "ANONYMOUS"
        self.status = "101 Switching Protocols"
        self.answer = "<conference xmlns='http://jitsi.org/protocol/focus' ready='true'/>"
        self.invites = True
        self.candidates = CANDIDATE
        self.asked_who: list[str] = []
        self.rooms: list[str] = []
        self.left = 0
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError):
            head = connection.recv(4096)
            key = re.search(rb"Sec-WebSocket-Key: (\S+)", head)
            assert key and f"Origin: https://{D}".encode() in head
            proof = base64.b64encode(hashlib.sha1(key.group(1) + GUID).digest()).decode()
            connection.sendall(f"HTTP/1.1 {self.status}\r\nSec-WebSocket-Accept: {proof}\r\n\r\n".encode())
            while True:
                for text in self.says(self.frame(connection)):
                    data = text.encode()
                    connection.sendall(
                        b"\x81"
                        + (bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack("!H", len(data)))
                        + data
                    )

    def frame(self, connection: socket.socket) -> str:
        _, size = connection.recv(2)
        size &= 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", connection.recv(2))
        mask = connection.recv(4)
        data = b""
        while len(data) < size:
            data += connection.recv(size - len(data))
        return bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)).decode()

    def says(self, heard: str) -> list[str]:
        number = next(iter(re.findall(r" id='(\w+)'", heard)), "")
        if heard.startswith("<open"):
            offer = f"<mechanisms xmlns='{SASL}'><mechanism>{self.mechanism}</mechanism></mechanisms>"
            return [f"<f:features xmlns:f='http://etherx.jabber.org/streams'>{offer}</f:features>"]
        if heard.startswith("<auth"):
            return [f"<success xmlns='{SASL}'/>"]
        if "http://jitsi.org/protocol/focus" in heard:
            kind = "error" if "<error" in self.answer else "result"
            return [f"<iq xmlns='jabber:client' type='{kind}' id='{number}'>{self.answer}</iq>"]
        if "xmpp-bind" in heard:
            return [f"<iq xmlns='jabber:client' type='result' id='{number}'/>"]
        if 'type="unavailable"' in heard or "type='unavailable'" in heard:
            self.left += 1
            return []
        if heard.startswith("<presence"):
            to = re.findall(r'to="([^"]+)"', heard)[0]
            self.rooms.append(to.split("/")[0])
            ask = "<iq xmlns='jabber:client' type='get' id='who' from='r/focus'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"
            return [f"<presence xmlns='jabber:client' from='{to}'/>", *([ask] if self.invites else [])]
        if 'id="who"' in heard:
            self.asked_who.append(heard)
            ice = "urn:xmpp:jingle:transports:ice-udp:1"
            transport = f"<transport xmlns='{ice}' ufrag='u' pwd='p'>{self.candidates}</transport>"
            content = f"<content xmlns='urn:xmpp:jingle:1' name='audio'>{transport}</content>"
            offer = f"<jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s'>{content}</jingle>"
            return [f"<iq xmlns='jabber:client' type='set' id='offer' from='r/focus'>{offer}</iq>"]
        return []


class Call(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.server = Server()
        self.addCleanup(self.server.listener.close)

        @contextlib.contextmanager
        def in_clear(_root: object, _check: object) -> Iterator[socket.socket]:
            with socket.create_connection(self.server.listener.getsockname(), timeout=5) as connection:
                yield connection

        for patch in (
            mock.patch.object(web, "secure", in_clear),
            mock.patch.object(call, "INVITATION_SECONDS", 0.5),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def invitation(self) -> tuple[bool, str]:
        return call.Invitation().run(self.machine.root, CHECK)

    def request(self, **more: object) -> tuple[bool, str]:
        return call.ConferenceRequest().run(self.machine.root, {**CHECK, **more})

    def test_two_are_invited_to_the_address_of_a_bridge_say_what_they_can_and_leave(self) -> None:
        self.assertEqual(self.invitation(), (True, "invited to 192.0.2.7:10000"))
        self.assertEqual(len(self.server.asked_who), 2)
        self.assertIn("urn:xmpp:jingle:apps:rtp:audio", self.server.asked_who[0])
        self.assertEqual(len(set(self.server.rooms)), 1)
        self.assertRegex(self.server.rooms[0], rf"^audio-meet-doctor-[0-9a-f]{{16}}@conference\.{D}$")
        self.invitation()
        self.assertEqual(len(set(self.server.rooms)), 2, "a room of its own each time")

    def test_no_invitation_says_whose_fault_it_can_be(self) -> None:
        self.server.invites = False
        ok, detail = self.invitation()
        self.assertFalse(ok)
        self.assertIn("nothing within 0.5 s; jicofo has no bridge", detail)

    def test_an_invitation_without_an_address_leaves_everybody_without_sound(self) -> None:
        self.server.candidates = ""
        self.assertEqual(self.invitation()[0], False)
        self.assertIn("static-mappings", self.invitation()[1])

    def test_jicofo_answers_or_refuses_or_is_not_in_the_room(self) -> None:
        self.assertEqual(self.request(), (True, "answers, and is in the room"))
        self.server.answer = "<conference xmlns='http://jitsi.org/protocol/focus' ready='false'/>"
        self.assertEqual(self.request(), (False, "answers, but does not enter the room"))
        stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas"
        self.server.answer = f"<error type='auth'><not-authorized xmlns='{stanzas}'/></error>"
        self.assertEqual(self.request(), (False, f"focus.{D} refuses: not-authorized"))
        ok, detail = self.request(mayRefuse=True)
        self.assertTrue(ok)
        self.assertIn("guests have to wait for a moderator", detail)
        # what says that nobody is there is no answer, whoever may refuse
        self.server.answer = f"<error type='cancel'><service-unavailable xmlns='{stanzas}'/></error>"
        self.assertFalse(self.request(mayRefuse=True)[0])

    def test_a_closed_login_and_a_websocket_that_does_not_open_are_told_apart(self) -> None:
        self.server.mechanism = "SCRAM-SHA-1"
        self.assertIn("nobody logs in here without an account", self.request()[1])
        self.server.status = "502 Bad Gateway"
        self.assertEqual(self.request(), (False, "the websocket answers 502, expected 101"))


class Media(MachineCase):
    """A bridge's port, which answers only to a fragment of its own, signed with its password."""

    def setUp(self) -> None:
        super().setUp()
        self.port = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.port.bind(("127.0.0.1", 0))
        self.addCleanup(self.port.close)
        self.lost = 0
        threading.Thread(target=self.serve, daemon=True).start()
        patch = mock.patch.object(call, "MEDIA_SECONDS", 0.8)
        patch.start()
        self.addCleanup(patch.stop)

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                packet, sender = self.port.recvfrom(2048)
                name = stun.parse(packet).attributes.get(stun.USERNAME, b"")
                at = packet.index(struct.pack("!HH", stun.MESSAGE_INTEGRITY, 20))
                signed = packet[:2] + struct.pack("!H", at + 24 - stun.HEADER_BYTES) + packet[4:at]
                right = hmac.digest(b"password", signed, "sha1") == packet[at + 4 : at + 24]
                if not name.startswith(b"fragment:") or not right:
                    continue
                self.lost -= 1
                if self.lost < 0:
                    self.port.sendto(stun.header(0x101, 0, packet[8:20]), sender)

    def ask(self, **more: Any) -> tuple[bool, str]:
        address, port = self.port.getsockname()
        check = {"address": address, "port": port, "fragment": "fragment", "password": "password", **more}
        return call.Media().run(self.machine.root, check)

    def test_a_bridge_that_expects_us_answers_and_a_lost_packet_is_none(self) -> None:
        self.assertEqual(self.ask(), (True, "answers"))
        self.lost = 2
        self.assertEqual(self.ask(), (True, "answers"))

    def test_silence_is_said_of_the_way_and_not_of_the_bridge(self) -> None:
        self.assertEqual(self.ask(fragment="another")[0], False)
        self.assertIn("UDP does not get there, or not back", self.ask(password="another")[1])
