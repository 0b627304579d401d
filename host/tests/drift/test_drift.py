"""Drift: every difference is named with the step that repairs it, and that step does."""

import json
import struct
from pathlib import Path

from audio_meet import installation
from audio_meet.live import limits
from audio_meet.system import kernel
from audio_meet.system.documents import Json
from audio_meet.system.state import VERIFIED, State
from machine import MachineCase, file, group

RULES = "/etc/audio-meet/nftables/host.nft"
TABLE = "table inet audio_meet {\n}\n"


def listing(*rules: str, seen: tuple[str, ...] = (), users: tuple[int, ...] = (0,)) -> str:
    """What `nft -j list table` says: a chain, rules, a set that fills itself and one that a unit fills."""
    items: list[Json] = [
        {"metainfo": {"version": "1"}},
        {"table": {"family": "inet", "name": "audio_meet", "handle": 3}},
        {
            "set": {
                "name": "opened4",
                "type": "ipv4_addr",
                "size": 65535,
                "flags": ["timeout"],
                "elem": list(seen),
                "handle": 4,
            }
        },
        {"set": {"name": "metadata_users", "type": "uid", "elem": list(users)}},
        {"chain": {"name": "input", "policy": "drop", "handle": 1}},
        *({"rule": {"chain": "input", "handle": n, "expr": [{"word": one}]}} for n, one in enumerate(rules)),
    ]
    return json.dumps({"nftables": items})


class Drift(MachineCase):
    def found(self) -> list[tuple[str, str, str]]:
        """Kind, name and step of each difference."""
        code, out, err = self.machine.cli("drift")
        self.assertIn(code, (0, 2), err)
        return [(e["kind"], e["name"], e.get("step", "")) for e in json.loads(out)["drift"]]

    def test_a_difference_names_the_step_of_its_group(self) -> None:
        self.machine.unit("a.service")
        self.ok("files", manifest=group("jicofo", {"/etc/a": file("a")}, ["a.service"]))
        peer = group("turn-peer-fra-1-203-0-113-2", {"/etc/b": file("b")}, step="turn-peer-fra-1")
        self.ok("files", manifest=peer)
        self.machine.write("/etc/a", "by hand")
        self.machine.write("/etc/b", "by hand")
        self.machine.unit("a.service", active=False)
        self.assertEqual(
            self.found(),
            [
                ("content", "/etc/a", "jicofo"),
                ("content", "/etc/b", "turn-peer-fra-1"),
                ("active", "a.service", "jicofo"),
            ],
        )

    def test_an_edited_module_of_the_helper_is_told_and_installed_again(self) -> None:
        modules = {"cli.py": "x = 1\n", "live/rules.py": "y = 1\n"}
        installation.install(modules, self.machine.tree)
        self.assertEqual(self.found(), [])
        (folder,) = Path(self.machine.tree, "usr/local/lib/audio-meet").glob("version-*")
        (folder / "live/rules.py").write_text("y = 2\n")
        self.assertEqual(self.found(), [("content", f"/usr/local/lib/audio-meet/{folder.name}", "helper")])
        installation.install(modules, self.machine.tree)
        self.assertEqual(self.found(), [])
        self.machine.write("/usr/local/sbin/audio-meet", "#!/bin/sh\n")
        self.assertEqual(self.found(), [("content", "/usr/local/sbin/audio-meet", "helper")])


class Rules(Drift):
    def setUp(self) -> None:
        super().setUp()
        self.machine.unit("firewall.service")
        self.live, self.fresh = (self.machine.folder / name for name in ("live", "fresh"))
        self.machine.command("nft", f"cat {self.live}")
        self.machine.command("unshare", f"cat {self.fresh}")
        self.fresh.write_text(listing("ssh", "web"))
        self.live.write_text(listing("ssh", "web", seen=("203.0.113.7",), users=(0, 112)))
        self.manifest = group(
            "firewall", {RULES: file(TABLE, firewall_service="reload")}, ["firewall.service"]
        )
        self.ok("files", manifest=self.manifest)
        self.machine.calls()

    def test_what_sets_have_seen_is_no_drift_and_a_rule_by_hand_is(self) -> None:
        self.assertEqual(self.found(), [])
        self.assertEqual(self.ok("files", "repair-1", manifest=self.manifest), "nothing to change")
        self.live.write_text(listing("open", "ssh", "web"))
        self.assertEqual(self.found(), [("rules", "inet audio_meet", "firewall")])
        self.machine.calls()
        self.assertEqual(self.ok("files", "repair-2", manifest=self.manifest), "reloaded: firewall")
        self.assertEqual(self.machine.orders(), ["reload firewall.service"])

    def test_the_order_counts_and_a_table_that_is_gone_is_told(self) -> None:
        self.live.write_text(listing("web", "ssh"))
        self.assertEqual(self.found(), [("rules", "inet audio_meet", "firewall")])
        self.machine.command("nft", "exit 1")
        self.assertEqual(self.found(), [("rules", "inet audio_meet", "firewall")])

    def test_where_no_network_can_be_made_it_is_said_that_nothing_was_compared(self) -> None:
        self.machine.command("unshare", "echo not permitted >&2; exit 1")
        self.assertEqual(self.found(), [])
        self.assertIn("cannot compare the rules of inet audio_meet: not permitted", self.machine.root.notes)


class Limits(Drift):
    def test_a_limit_that_was_raised_and_lowered_by_hand_is_raised_again(self) -> None:
        self.machine.unit("kernel.service")
        self.machine.write("/proc/sys/net/core/rmem_max", "100\n")
        manifest = group(
            "kernel",
            {limits.FILE: file("net.core.rmem_max = 300\n", kernel_service="restart")},
            ["kernel.service"],
        )
        self.ok("files", manifest=manifest)
        kernel.raise_values(self.machine.root, limits.FILE)
        self.assertEqual(self.found(), [])
        self.machine.write("/proc/sys/net/core/rmem_max", "200\n")
        self.assertEqual(self.found(), [("kernel", "net.core.rmem_max", "kernel")])
        self.assertEqual(self.ok("files", manifest=manifest), "restarted: kernel")

    def test_a_container_has_the_limits_of_its_host(self) -> None:
        self.machine.unit("kernel.service")
        self.machine.write("/proc/sys/net/core/rmem_max", "200\n")
        files = {limits.FILE: file("net.core.rmem_max = 300\n", kernel_service="restart")}
        self.ok("files", manifest=group("kernel", files, ["kernel.service"]))
        self.machine.command("systemd-detect-virt", "exit 0")
        self.assertEqual(self.found(), [])
        self.machine.command("systemd-detect-virt", "exit 1")
        self.assertEqual(self.found(), [("kernel", "net.core.rmem_max", "kernel")])


class Sockets(Drift):
    def listen(self, *addresses: str) -> None:
        """Somebody, in the unit jvb.service, listens at port 8080 of these addresses."""
        lines = [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode"
        ]
        for number, address in enumerate(addresses):
            packed = "".join(
                f"{word:08X}" for word in struct.unpack("=I", bytes(map(int, address.split("."))))
            )
            lines.append(f" {number}: {packed}:1F90 00000000:0000 0A 0:0 0:0 0 0 0 {77 + number} 1")
        self.machine.write("/proc/net/tcp", "\n".join(lines) + "\n")
        folder = self.machine.root.path("/proc/42/fd")
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(len(addresses)):
            link = folder / str(number)
            link.unlink(missing_ok=True)
            link.symlink_to(f"socket:[{77 + number}]")
        self.machine.write("/proc/42/comm", "java\n")
        self.machine.write("/proc/42/cgroup", "0::/system.slice/jvb.service\n")

    def test_a_daemon_that_listens_wider_than_the_table_is_told_and_restarted(self) -> None:
        self.machine.unit("jvb.service")
        manifest = group("videobridge", {"/etc/jvb": file("a", jvb_service="restart")}, ["jvb.service"])
        self.ok("files", manifest=manifest)
        check = {"kind": "listening", "protocol": "tcp", "port": 8080, "addresses": ["127.0.0.1"]}
        self.machine.write(VERIFIED, json.dumps({"checks": [check], "timeoutSeconds": 0}))
        self.listen("127.0.0.1")
        self.assertEqual(self.found(), [])
        self.listen("127.0.0.1", "0.0.0.0")  # noqa: S104 - in a file
        self.assertEqual(self.found(), [("port", "tcp 8080", "videobridge")])
        self.assertIn("* (java (jvb.service))", self.machine.cli("drift")[1])
        self.assertEqual(self.ok("files", manifest=manifest), "restarted: jvb")


class Installed(Drift):
    def setUp(self) -> None:
        super().setUp()
        self.want, self.policy = "install", "13.0.3"
        self.machine.write("/etc/os-release", 'ID=debian\nVERSION_ID="13"\n')
        self.tell()
        State(self.machine.root).save_packages(
            {"wanted": {"prosody": "13.0.*", "own": "*"}, "before": {"prosody": None, "own": "1"}}
        )

    def tell(self) -> None:
        rows = f"prosody\\tinstalled\\t13.0.3\\t{self.want}\\nown\\tinstalled\\t1\\thold\\n"
        self.machine.command("dpkg-query", f"printf '{rows}'")
        self.machine.command("apt-cache", f"printf 'prosody:\\n  Candidate: {self.policy}\\n'")

    def test_a_hold_on_a_package_of_ours_is_told_and_one_that_is_the_owners_is_not(self) -> None:
        self.assertEqual(self.found(), [])
        self.want = "hold"
        self.tell()
        self.assertEqual(self.found(), [("hold", "prosody", "packages")])

    def test_a_pin_of_somebody_else_that_wins_is_told_and_no_step_undoes_it(self) -> None:
        self.policy = "12.0"
        self.tell()
        self.assertEqual(self.found(), [("pin", "prosody", "")])
