"""The check of the host firewall: what is loaded, and what other tables do beside it."""

import json

from machine import MachineCase

CHECK = {"kind": "firewall", "table": "audio_meet", "chainPolicy": "drop"}


def listing(*items: dict) -> str:
    return f"echo '{json.dumps({'nftables': list(items)})}'"


def chain(table: str, policy: str, family: str = "inet") -> dict:
    return {"chain": {"family": family, "table": table, "name": "input", "hook": "input", "policy": policy}}


class Firewall(MachineCase):
    def answer(self, ours: str, chains: str = "exit 1") -> dict:
        body = f'case "$*" in *"list table"*) {ours} ;; *) {chains} ;; esac'
        self.machine.command("nft", body)
        manifest = {"checks": [CHECK], "timeoutSeconds": 0}
        _, out, _ = self.machine.cli("verify", manifest=manifest)
        return json.loads(out)["checks"][0]

    def test_the_table_with_its_rules_holds(self) -> None:
        found = self.answer(listing(chain("audio_meet", "drop"), {"rule": {}}, {"rule": {}}))
        self.assertTrue(found["ok"])
        self.assertIn("2 rules", found["detail"])

    def test_a_table_that_is_not_loaded_is_named(self) -> None:
        found = self.answer("echo 'No such file or directory' >&2; exit 1")
        self.assertFalse(found["ok"])
        self.assertIn("not loaded", found["detail"])

    def test_another_policy_or_no_rules_do_not_hold(self) -> None:
        self.assertFalse(self.answer(listing(chain("audio_meet", "accept"), {"rule": {}}))["ok"])
        self.assertFalse(self.answer(listing(chain("audio_meet", "drop")))["ok"])

    def test_a_table_of_somebody_else_that_drops_is_told(self) -> None:
        ours = listing(chain("audio_meet", "drop"), {"rule": {}})
        both = listing(chain("audio_meet", "drop"), chain("filter", "drop", "ip"))
        found = self.answer(ours, both)
        self.assertTrue(found["ok"])
        self.assertIn("ip filter", found["detail"])
        self.assertNotIn("inet audio_meet", found["detail"])
