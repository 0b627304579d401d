"""A room as participants ask for it, against a server that speaks as nginx, Prosody and jicofo do."""

import base64
import contextlib
import hashlib
import hmac
import json
import re
import socket
import struct
import threading
import time
from collections.abc import Iterator
from unittest import mock

from audio_meet.checks.kinds import conference, visitors, web
from audio_meet.network.websocket import GUID
from machine import MachineCase

D = "meet.example.org"
CHECK = {"domain": D, "host": D, "focus": f"focus.{D}", "conference": f"conference.{D}"}
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
CANDIDATE = "<candidate ip='192.0.2.7' port='10000' protocol='udp'/>"


class Scram:
    """The server's side of SCRAM-SHA-1 (RFC 5802) for one connection; says nothing to another login."""

    def user_of(self, heard: str) -> str:
        text = base64.b64decode(re.findall(r">(.*)<", heard)[0]).decode() if "SCRAM-SHA-1" in heard else ""
        self.bare = text.removeprefix("n,,")
        return self.bare.partition(",")[0].removeprefix("n=")

    def says(self, heard: str, password: str) -> list[str]:
        if heard.startswith("<auth") and "SCRAM-SHA-1" in heard:
            self.first = f"{self.bare.partition(',')[2]}x,s={base64.b64encode(b'salt').decode()},i=4096"
            return [f"<challenge xmlns='{SASL}'>{base64.b64encode(self.first.encode()).decode()}</challenge>"]
        if not heard.startswith("<response"):
            return []
        closing, _, proof = base64.b64decode(re.findall(r">(.*)<", heard)[0]).decode().rpartition(",p=")
        everything = f"{self.bare},{self.first},{closing}".encode()
        salted = hashlib.pbkdf2_hmac("sha1", password.encode(), b"salt", 4096)
        key = hmac.digest(salted, b"Client Key", "sha1")
        signature = hmac.digest(hashlib.sha1(key).digest(), everything, "sha1")
        if bytes(a ^ b for a, b in zip(key, signature, strict=True)) != base64.b64decode(proof):
            return [f"<failure xmlns='{SASL}'><not-authorized/></failure>"]
        ours = hmac.digest(hmac.digest(salted, b"Server Key", "sha1"), everything, "sha1")
        told = base64.b64encode(f"v={base64.b64encode(ours).decode()}".encode()).decode()
        return [f"<success xmlns='{SASL}'>{told}</success>"]


class Server:
    """One participant's connection each; `answers` says what is said to whom asks jicofo."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.mechanism = "ANONYMOUS"
        self.password = "the password"
        self.status = "101 Switching Protocols"
        self.answer = "<conference xmlns='http://jitsi.org/protocol/focus' ready='true'/>"
        self.invites = True
        self.candidates = CANDIDATE
        self.asked_who: list[str] = []
        self.logins: list[tuple[str, str]] = []
        self.presences: list[str] = []
        self.tokens: list[str] = []
        self.paths: list[str] = []
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
            if not head:
                return  # gone before it asked for anything
            key = re.search(rb"Sec-WebSocket-Key: (\S+)", head)
            assert key and f"Origin: https://{D}".encode() in head
            self.paths += re.findall(r"^GET (\S+) ", head.decode())
            self.tokens += re.findall(r"^GET /xmpp-websocket\?token=(\S+) ", head.decode())
            domain, scram = "", Scram()
            proof = base64.b64encode(hashlib.sha1(key.group(1) + GUID).digest()).decode()
            connection.sendall(f"HTTP/1.1 {self.status}\r\nSec-WebSocket-Accept: {proof}\r\n\r\n".encode())
            while True:
                heard = self.frame(connection)
                if heard.startswith("<open"):
                    domain = re.findall(r'to="([^"]+)"', heard)[0]
                elif heard.startswith("<auth"):
                    self.logins.append((domain, scram.user_of(heard)))
                for text in scram.says(heard, self.password) or self.says(heard):
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
            self.presences.append(heard)
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


class Conference(MachineCase):
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
            mock.patch.object(conference, "INVITATION_SECONDS", 0.5),
        ):
            patch.start()
            self.addCleanup(patch.stop)

    def invitation(self, **more: object) -> tuple[bool, str]:
        return conference.Invitation().run(self.machine.root, {**CHECK, **more})

    def request(self, **more: object) -> tuple[bool, str]:
        return conference.ConferenceRequest().run(self.machine.root, {**CHECK, **more})

    def test_two_are_invited_to_the_address_of_a_bridge_say_what_they_can_and_leave(self) -> None:
        self.assertEqual(self.invitation(), (True, "invited to 192.0.2.7:10000"))
        self.assertEqual(len(self.server.asked_who), 2)
        self.assertIn("urn:xmpp:jingle:apps:rtp:audio", self.server.asked_who[0])
        self.assertEqual(len(set(self.server.rooms)), 1)
        self.assertRegex(self.server.rooms[0], rf"^audio-meet-doctor-[0-9a-f]{{16}}@conference\.{D}$")
        self.invitation()
        self.assertEqual(len(set(self.server.rooms)), 2, "a room of its own each time")

    def test_a_moderator_opens_the_room_and_a_guest_is_invited_with_her(self) -> None:
        self.machine.write("/secrets/anna", "the password\n")
        moderator = {"user": "anna", "passwordFile": "/secrets/anna"}
        guests = f"guest.{D}"
        ok, detail = self.invitation(host=guests, moderator=moderator)
        self.assertTrue(ok, detail)
        self.assertEqual(self.server.logins, [(D, "anna"), (guests, "")])
        self.server.password = "another"
        ok, detail = self.invitation(host=guests, moderator=moderator)
        self.assertEqual((ok, detail), (False, f"{D} refuses: not-authorized"))

    def test_each_brings_a_token_for_this_room_alone_signed_with_the_secret(self) -> None:
        self.machine.write("/secrets/token", "s" * 40 + "\n")
        of = {"secretFile": "/secrets/token", "issuer": "hall", "audience": "hall", "subject": D}
        self.assertEqual(self.invitation(token=of)[0], True)
        self.assertEqual(len(self.server.tokens), 2)
        content, _, signature = self.server.tokens[0].rpartition(".")
        head, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in content.split("."))
        digest = hmac.digest(b"s" * 40, content.encode(), "sha256")
        self.assertEqual(base64.urlsafe_b64decode(signature + "="), digest)
        self.assertEqual(head, {"alg": "HS256", "typ": "JWT"})
        expiry = claims.pop("exp")
        self.assertEqual(
            claims, {"iss": "hall", "aud": "hall", "sub": D, "room": self.server.rooms[0].split("@")[0]}
        )
        self.assertLess(abs(expiry - time.time() - 60), 5)
        self.assertTrue(self.request(token=of)[0])

    def test_each_region_has_a_room_whose_people_say_that_they_are_there(self) -> None:
        self.assertEqual(
            self.invitation(regions=["eu", "us"]),
            (True, "eu: invited to 192.0.2.7:10000; us: invited to 192.0.2.7:10000"),
        )
        said = sorted(re.findall(r"<region xmlns='[^']+' id=\"(\w+)\"", "".join(self.server.presences)))
        self.assertEqual((said, len(set(self.server.rooms))), (["eu", "eu", "us", "us"], 2))
        self.server.invites = False
        ok, detail = self.invitation(regions=["eu", "us"])
        self.assertFalse(ok)
        self.assertRegex(detail, r"eu: an invitation: nothing .*; us: an invitation: nothing")

    def test_no_invitation_says_whose_fault_it_can_be(self) -> None:
        self.server.invites = False
        ok, detail = self.invitation()
        self.assertFalse(ok)
        self.assertIn("nothing within 0.5 s; jicofo has no bridge", detail)

    def test_who_has_little_time_is_told_of_no_invitation_before_it_is_over(self) -> None:
        self.server.invites = False
        with mock.patch.object(conference, "INVITATION_SECONDS", 10):
            began = time.monotonic()
            ok, detail = self.invitation(seconds=1.6)
        self.assertFalse(ok)
        self.assertRegex(detail, r"nothing within 1\.\d s; jicofo has no bridge")
        self.assertLess(time.monotonic() - began, 3)

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

    def test_a_visitor_logs_in_at_the_node_that_the_page_names(self) -> None:
        check = {"domain": D, "node": "v1", "host": "v1.meet.jitsi"}

        def login() -> tuple[bool, str]:
            return visitors.VisitorLogin().run(self.machine.root, check)

        self.assertEqual(login(), (True, "logs in at v1.meet.jitsi"))
        self.assertEqual(self.server.paths, ["/xmpp-websocket?vnode=v1"])
        self.assertEqual(self.server.logins, [("v1.meet.jitsi", "")])
        self.server.status = "502 Bad Gateway"
        self.assertEqual(login(), (False, "the websocket answers 502, expected 101"))

    def test_a_closed_login_and_a_websocket_that_does_not_open_are_told_apart(self) -> None:
        self.server.mechanism = "SCRAM-SHA-1"
        self.assertIn("nobody logs in here without an account", self.request()[1])
        self.server.status = "502 Bad Gateway"
        self.assertEqual(self.request(), (False, "the websocket answers 502, expected 101"))
