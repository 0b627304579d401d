"""Networks and security groups of instances as text; the real nft says whether it is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unittest
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cloud
import groups
import seed
from base import LabError
from state import Machine

INSTANCE = Machine(
    name="i-0123",
    address="10.130.0.9",
    suite="trixie",
    mirror=None,
    image="/images/trixie-cloud",
    host_public_key=None,
    authorized_key=None,
    network="10.130.0.0/20",
    gateway="10.130.0.1",
)
PICTURE: dict[str, Any] = {
    "networks": [{"vpc": "10.130.0.0/16", "gateway": "10.130.0.1/20"}],
    "elastic": [{"address": "10.213.0.20", "privateAddress": "10.130.0.9"}],
    "firewalls": {},
}
WORLD = ["0.0.0.0/0"]
RULES: dict[str, Any] = {
    "ingress": [
        {"protocol": "tcp", "fromPort": 443, "toPort": 443, "ends": WORLD},
        {"protocol": "udp", "fromPort": 10000, "toPort": 10010, "ends": ["10.130.0.7/32", "10.130.0.8/32"]},
        {"protocol": "icmp", "fromPort": -1, "toPort": -1, "ends": WORLD},
    ],
    "egress": [{"protocol": "-1", "ends": WORLD}],
}


class Networks(unittest.TestCase):
    """The input and the rules of `lab cloud`."""

    def refused(self, words: str, **change: object) -> None:
        with self.assertRaisesRegex(LabError, words):
            cloud.parse({**PICTURE, **change})

    def test_a_picture_is_checked(self) -> None:
        self.assertEqual(cloud.parse(PICTURE), PICTURE)
        self.refused("not an object of", more=1)
        self.refused("not in its network", networks=[{"vpc": "10.131.0.0/16", "gateway": "10.130.0.1/20"}])
        self.refused("or in the lab's", networks=[{"vpc": "10.213.0.0/16", "gateway": "10.213.9.1/24"}])
        self.refused("guests live in", elastic=[{"address": "192.0.2.1", "privateAddress": "10.130.0.9"}])

    def test_an_elastic_address_is_translated_in_both_directions(self) -> None:
        text = cloud.table(PICTURE)
        self.assertIn(
            "to_private { type ipv4_addr : ipv4_addr; elements = { 10.213.0.20 : 10.130.0.9 }", text
        )
        self.assertIn(
            "to_elastic { type ipv4_addr : ipv4_addr; elements = { 10.130.0.9 : 10.213.0.20 }", text
        )


class SecurityGroups(unittest.TestCase):
    """The rules of one instance."""

    def test_only_what_is_allowed_begins_a_conversation(self) -> None:
        lines = [line.strip() for line in groups.table(RULES).splitlines()]
        self.assertEqual(sum("policy drop" in line for line in lines), 2)
        self.assertIn("ip saddr { 0.0.0.0/0 } tcp dport 443-443 accept", lines)
        self.assertIn("ip saddr { 10.130.0.7/32, 10.130.0.8/32 } udp dport 10000-10010 accept", lines)
        self.assertIn("ip daddr { 0.0.0.0/0 } accept", lines)


class Seeds(unittest.TestCase):
    """What cloud-init finds."""

    def test_the_metadata_names_the_instance_and_who_may_log_in(self) -> None:
        text = seed.meta_data(INSTANCE, "ssh-ed25519 AAAA")
        for words in ('"instance-id": "i-0123"', '"ip-10-130-0-9"', '"ssh-ed25519 AAAA"'):
            self.assertIn(words, text)
        self.assertNotIn("public-keys", seed.meta_data(INSTANCE, None))


@unittest.skipUnless(shutil.which("nft") and os.geteuid() == 0, "needs nft and root")
class Checked(unittest.TestCase):
    """The texts as nft reads them."""

    def check(self, text: str) -> None:
        done = subprocess.run(
            ["nft", "--check", "--file", "-"], input=text, text=True, capture_output=True, check=False
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_nft_takes_networks_with_and_without_elastic_addresses(self) -> None:
        self.check(cloud.table(PICTURE))
        self.check(cloud.table({**PICTURE, "elastic": []}))

    def test_nft_takes_the_groups_of_an_instance(self) -> None:
        self.check(groups.table(RULES))
        self.check(groups.table({"ingress": [], "egress": []}))


if __name__ == "__main__":
    unittest.main()
