"""The end of a call's way: the media port of a bridge, which answers to a participant's first packet."""

import contextlib
import hmac
import socket
import struct
import threading
from typing import Any
from unittest import mock

from audio_meet.checks.kinds import call
from audio_meet.network import stun
from machine import MachineCase


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
