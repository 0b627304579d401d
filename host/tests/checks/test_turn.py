"""The check of TURN against a server of its own: what that gives and refuses decides."""

import hashlib
import hmac
import socket
import threading
from typing import Any

from audio_meet.checks.kinds import turn
from audio_meet.network import stun
from machine import MachineCase

SECRET = "the secret"
REALM, NONCE = b"meet.example.org", b"a nonce"
BRIDGE, OTHER, STRANGER = "203.0.113.3", "203.0.113.4", "192.0.2.1"


class Turn(MachineCase):
    """A server over datagrams that keeps RFC 8656 as far as the check asks for it."""

    def setUp(self) -> None:
        super().setUp()
        path = self.machine.root.path("/etc/secret")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SECRET)
        trie = self.machine.root.path("/proc/net/fib_trie")
        trie.parent.mkdir(parents=True, exist_ok=True)
        trie.write_text("  |-- 127.0.0.1\n     /32 host LOCAL\n")
        self.relayed = stun.Address("203.0.113.1", 20000)
        self.allowed = {BRIDGE, OTHER}
        self.checks_passwords = True
        self.freed = 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.addCleanup(self.socket.close)
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self) -> None:
        while True:
            try:
                data, sender = self.socket.recvfrom(65535)
                kind, attributes = self.answer(data)
                body = b"".join(stun.attribute(number, value) for number, value in attributes)
                self.socket.sendto(stun.header(kind, len(body), data[8:20]) + body, sender)
            except OSError:
                return

    def answer(self, data: bytes) -> tuple[int, list[tuple[int, bytes]]]:
        message = stun.parse(data)
        if not self.authentic(data, message):
            asks = [(stun.ERROR_CODE, b"\0\0\4\1"), (stun.REALM, REALM), (stun.NONCE, NONCE)]
            return message.type | stun.ERROR, asks
        if message.type == stun.ALLOCATE:
            relayed = stun.xor_address(self.relayed, message.transaction)
            return message.type | stun.SUCCESS, [(stun.XOR_RELAYED_ADDRESS, relayed)]
        peer = message.address(stun.XOR_PEER_ADDRESS)
        if message.type == stun.CREATE_PERMISSION and (peer is None or peer.ip not in self.allowed):
            return message.type | stun.ERROR, [(stun.ERROR_CODE, b"\0\0\4\3")]
        self.freed += message.attributes.get(stun.LIFETIME) == bytes(4)
        return message.type | stun.SUCCESS, []

    def authentic(self, data: bytes, message: stun.Message) -> bool:
        if stun.MESSAGE_INTEGRITY not in message.attributes:
            return False
        name = message.attributes[stun.USERNAME]
        digest = hmac.new(SECRET.encode(), name, hashlib.sha1).digest()
        password = stun.base64.b64encode(digest)
        key = hashlib.md5(b":".join((name, REALM, password)), usedforsecurity=False).digest()
        expected = hmac.new(key, data[:-24], hashlib.sha1).digest()
        return expected == data[-20:] or not self.checks_passwords

    def ask(self, **more: Any) -> tuple[bool, str]:
        check = {
            **{"transport": "udp", "port": self.socket.getsockname()[1], "host": "meet.example.org"},
            **{"addresses": ["203.0.113.1", "127.0.0.1"], "secretFile": "/etc/secret"},
            **{"relayAddress": "203.0.113.1", "firstRelayPort": 16384, "lastRelayPort": 32767},
            **{"peers": [BRIDGE, OTHER], "stranger": STRANGER, **more},
        }
        return turn.Turn().run(self.machine.root, check)

    def test_a_server_that_relays_to_bridges_alone_passes_and_gets_its_allocation_back(self) -> None:
        self.assertEqual(self.ask(), (True, f"relays to {BRIDGE}, {OTHER}, not to {STRANGER}"))
        self.assertEqual(self.freed, 1)

    def test_a_peer_that_is_no_bridge_must_be_refused_and_a_bridge_must_not(self) -> None:
        self.allowed.add(STRANGER)
        self.assertEqual(self.ask(), (False, f"answers success for {STRANGER}, which is not a bridge"))
        self.allowed = {BRIDGE}
        self.assertEqual(self.ask(), (False, f"refuses the bridge at {OTHER}: error 403"))

    def test_the_relay_is_where_participants_and_firewall_expect_it(self) -> None:
        self.relayed = stun.Address("10.0.0.1", 20000)
        self.assertIn("relays from 10.0.0.1", self.ask()[1])
        self.relayed = stun.Address("203.0.113.1", 50000)
        self.assertIn("relays from port 50000", self.ask()[1])

    def test_a_password_of_another_secret_must_be_refused(self) -> None:
        self.checks_passwords = False
        self.assertEqual(self.ask(), (False, "accepts a password that was not derived from its secret"))

    def test_a_secret_that_the_server_does_not_share_is_found(self) -> None:
        self.machine.root.path("/etc/secret").write_text("another")
        self.assertEqual(self.ask(), (False, "refuses an allocation: error 401"))

    def test_a_host_without_any_of_its_addresses(self) -> None:
        self.assertEqual(
            self.ask(addresses=["198.51.100.9"]), (False, "none of 198.51.100.9 is on this host")
        )


class Xor(MachineCase):
    def test_addresses_are_those_of_the_test_vectors(self) -> None:
        # RFC 5769, sections 2.2 and 2.3: 192.0.2.1 and an IPv6 address, both port 32853
        transaction = bytes.fromhex("b7e7a701bc34d686fa87dfae")
        four = stun.xor_address(stun.Address("192.0.2.1", 32853), transaction)
        self.assertEqual(four.hex(), "0001a147e112a643")
        six = stun.Address("2001:db8:1234:5678:11:2233:4455:6677", 32853)
        value = stun.xor_address(six, transaction)
        self.assertEqual(value.hex(), "0002a1470113a9faa5d3f179bc25f4b5bed2b9d9")
        message = stun.Message(0, transaction, {stun.XOR_RELAYED_ADDRESS: value})
        self.assertEqual(message.address(stun.XOR_RELAYED_ADDRESS), six)
