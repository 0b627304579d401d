"""The check of the host firewall: what is loaded, and what other tables do beside it."""

import json

from audio_meet.network import foreign_firewalls
from audio_meet.system.documents import Json
from machine import MachineCase

CHECK = {"kind": "firewall", "table": "audio_meet", "chainPolicy": "drop"}


def listing(*items: Json) -> str:
    return f"echo '{json.dumps({'nftables': list(items)})}'"


def chain(table: str, policy: str, family: str = "inet") -> Json:
    return {"chain": {"family": family, "table": table, "name": "input", "hook": "input", "policy": policy}}


class Firewall(MachineCase):
    def answer(self, ours: str, chains: str = "exit 1") -> Json:
        body = f'case "$*" in *"list table"*) {ours} ;; *) {chains} ;; esac'
        self.machine.command("nft", body)
        manifest = {"checks": [CHECK], "timeoutSeconds": 0}
        _, out, _ = self.machine.cli("verify", manifest=manifest)
        answer: Json = json.loads(out)["checks"][0]
        return answer

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


class Foreign(MachineCase):
    """Firewalls of others, by whichever program knows them."""

    def strict(self) -> list[str]:
        return foreign_firewalls.strict(self.machine.root, "audio_meet")

    def iptables(self, *lines: str, program: str = "iptables-save", table: str = "filter") -> None:
        text = "\n".join((f"*{table}", *lines, "COMMIT"))
        self.machine.command(program, f"[ $# = 0 ] || exit 1; cat <<'END'\n{text}\nEND")

    def test_nothing_drops_where_nobody_has_a_firewall(self) -> None:
        self.assertEqual(self.strict(), [])

    def test_rules_that_cannot_be_listed_are_not_taken_for_none(self) -> None:
        self.machine.command("nft", "echo 'Operation not permitted' >&2; exit 1")
        self.assertEqual(self.strict(), [])
        (note,) = self.machine.root.notes
        self.assertRegex(note, "other firewalls: nft: Operation not permitted")

    def test_ufw_is_seen_in_its_settings(self) -> None:
        for enabled, policy, expected in (
            ("yes", "DROP", ["ufw"]),
            ("yes", "REJECT", ["ufw"]),
            ("yes", "ACCEPT", []),
            ("no", "DROP", []),
        ):
            with self.subTest(enabled=enabled, policy=policy):
                self.machine.write("/etc/ufw/ufw.conf", f"LOGLEVEL=low\n#ENABLED=no\nENABLED={enabled}\n")
                self.machine.write("/etc/default/ufw", f'DEFAULT_INPUT_POLICY="{policy}"\n')
                self.assertEqual(self.strict(), expected)

    def test_iptables_is_asked_where_there_is_no_nft(self) -> None:
        for line in (
            ":INPUT DROP [0:0]",
            "-A INPUT -j REJECT --reject-with icmp-host-prohibited",
            "-A INPUT -m comment --comment last -j DROP",
        ):
            with self.subTest(line):
                self.iptables(":INPUT ACCEPT [0:0]", "-A INPUT -i lo -j ACCEPT", line)
                self.assertEqual(self.strict(), ["ip filter"])
        self.iptables(
            ":INPUT ACCEPT [0:0]", "-A INPUT -p tcp -m tcp --dport 25 -j DROP", "-A FORWARD -j DROP"
        )
        self.assertEqual(self.strict(), [])
        self.iptables(":INPUT DROP [0:0]", table="raw")
        self.assertEqual(self.strict(), [])

    def test_tables_of_the_old_kind_are_asked_for_where_the_kernel_has_them(self) -> None:
        self.iptables(":INPUT DROP [0:0]", program="ip6tables-legacy-save")
        self.assertEqual(self.strict(), [])
        self.machine.write("/proc/net/ip6_tables_names", "filter\n")
        self.assertEqual(self.strict(), ["ip6 filter"])

    def test_a_last_rule_that_rejects_everything_is_as_good_as_a_policy(self) -> None:
        def rule(*expr: Json) -> Json:
            return {"rule": {"family": "inet", "table": "firewalld", "chain": "input", "expr": list(expr)}}

        match = {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "lo"}}
        for rules, expected in (
            ([rule(match, {"accept": None}), rule({"counter": {}}, {"reject": {}})], ["inet firewalld"]),
            ([rule(match, {"drop": None}), rule({"accept": None})], []),
        ):
            self.machine.command("nft", listing(chain("firewalld", "accept"), *rules))
            self.assertEqual(self.strict(), expected)
