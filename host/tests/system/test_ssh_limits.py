"""Firewalls that limit new SSH connections: understood, kept to, and refused where nobody would wait."""

import ipaddress
from unittest import mock

from audio_meet.system import ssh_limits, ssh_rules
from audio_meet.system.errors import HostError
from audio_meet.system.ssh_rules import Limit, Login
from machine import MachineCase

# A verb of a step, which has nothing to do here.
STEP = "drop-former-accounts"
CLIENT = Login(ipaddress.ip_address("198.51.100.7"), 22)
NEW = "-m conntrack --ctstate NEW"
PORT = "-p tcp -m tcp --dport 22"
LIST = "--name DEFAULT --mask 255.255.255.255 --rsource"
# As `ufw limit 22/tcp` writes them (ufw 0.36.2, iptables-save 1.8.11).
UFW_LIMIT = f"""\
-A ufw-user-input {PORT} {NEW} -m recent --set {LIST}
-A ufw-user-input {PORT} {NEW} -m recent --update --seconds 30 --hitcount 6 {LIST} -j ufw-user-limit
-A ufw-user-input {PORT} -j ufw-user-limit-accept
"""
BUCKET = (
    "-m hashlimit --hashlimit-above 3/min --hashlimit-burst 4 --hashlimit-mode srcip --hashlimit-name ssh"
)
HASHLIMIT = f"-A INPUT {PORT} {NEW} {BUCKET} -j DROP"
NFT = """\
table inet own {
    set ssh_meter { type ipv4_addr; size 65535; flags dynamic,timeout; }
    chain input {
        type filter hook input priority filter; policy accept;
        tcp dport { 22, 2222 } update @ssh_meter { ip saddr limit rate over 6/minute burst 8 packets } drop
        tcp dport 443 ct state new limit rate over 1/hour burst 1 packets drop
    }
}
"""


class Limits(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.write("/proc/meminfo", "MemTotal: 8388608 kB\n")

    def rules(self, *, iptables: str = "", ip6tables: str = "", nft: str = "") -> None:
        for program, text in (("iptables-save", iptables), ("ip6tables-save", ip6tables), ("nft", nft)):
            self.machine.command(program, f"cat <<'END'\n{text}\nEND")

    def found(self, login: Login = CLIENT) -> list[Limit]:
        return ssh_rules.limits(self.machine.root, login)

    def test_the_limit_of_ufw_lets_five_in_within_thirty_seconds(self) -> None:
        self.rules(iptables=UFW_LIMIT)
        self.assertEqual(self.found(), [Limit(5, 30.0)])

    def test_limits_of_nft_and_of_hashlimit_are_buckets(self) -> None:
        self.rules(iptables=HASHLIMIT, nft=NFT)
        self.assertEqual(self.found(), [Limit(4, 80.0), Limit(8, 80.0)])

    def test_rules_of_other_ports_and_of_the_other_family_do_not_count(self) -> None:
        self.rules(iptables=UFW_LIMIT.replace("--dport 22", "--dport 25"), ip6tables=UFW_LIMIT)
        self.assertEqual(self.found(), [])
        abroad = Login(ipaddress.ip_address("2001:db8::7"), 22)
        self.assertEqual(self.found(abroad), [Limit(5, 30.0)])

    def test_a_rule_that_lets_the_client_in_before_them_takes_it_out(self) -> None:
        allowed = "-A ufw-user-input -s 198.51.100.0/24 -p tcp -m tcp --dport 22 -j ACCEPT\n"
        self.rules(iptables=allowed + UFW_LIMIT)
        self.assertEqual(self.found(), [])
        self.rules(iptables=allowed.replace("198.51.100.0/24", "203.0.113.1/32") + UFW_LIMIT)
        self.assertEqual(self.found(), [Limit(5, 30.0)])
        before = "\t\tip saddr 198.51.100.7 tcp dport 22 accept\n"
        self.rules(nft=before + NFT)
        self.assertEqual(self.found(), [])

    def test_a_host_without_a_limit_is_asked_and_nothing_waits(self) -> None:
        self.machine.login = CLIENT
        self.rules()
        clock = Clock()
        with mock.patch.object(ssh_limits, "time", clock):
            for _ in range(20):
                self.ok(STEP)
        self.assertEqual(clock.now, 0)

    def test_the_first_waits_for_connections_that_came_before_it(self) -> None:
        self.machine.login = CLIENT
        self.rules(iptables=UFW_LIMIT)
        clock = Clock()
        with mock.patch.object(ssh_limits, "time", clock):
            self.machine.cli(STEP)
            self.assertEqual(clock.now, 31)
            for _ in range(3):
                self.machine.cli(STEP)
            self.assertEqual(clock.now, 31)

    def test_each_connection_after_the_fourth_waits_until_the_firewall_lets_one_more_in(self) -> None:
        self.machine.login = CLIENT
        self.rules(iptables=UFW_LIMIT)
        clock = Clock()
        came, said = [], ""
        with mock.patch.object(ssh_limits, "time", clock):
            for _ in range(12):
                came.append(clock.now)
                code, _, err = self.machine.cli(STEP)
                self.assertEqual(code, 0, err)
                said += err
                clock.now += 1
        self.assertIn("because a firewall of this host limits new SSH connections", said)
        for first, sixth in zip(came, came[5:], strict=False):
            self.assertGreater(sixth - first, 30)
        self.assertLess(came[-1] - came[0], 100)

    def test_what_is_typed_at_the_machine_and_what_units_run_never_waits(self) -> None:
        self.rules(iptables=UFW_LIMIT)
        clock = Clock()
        with mock.patch.object(ssh_limits, "time", clock):
            for _ in range(8):
                self.ok(STEP)
            self.machine.login = CLIENT
            for _ in range(8):
                self.machine.cli("drift")
        self.assertEqual(clock.now, 0)

    def test_a_limit_that_nobody_would_wait_for_is_refused_with_the_line_to_type(self) -> None:
        self.machine.command("ufw")
        self.rules(iptables=UFW_LIMIT.replace("--seconds 30 --hitcount 6", "--seconds 600 --hitcount 3"))
        work = mock.Mock(return_value=0)
        with (
            mock.patch.object(ssh_limits, "login_of", return_value=CLIENT),
            self.assertRaises(HostError) as raised,
        ):
            ssh_limits.within(self.machine.root, work, is_first=True)
        work.assert_not_called()
        line = raised.exception.line("core")
        self.assertIn("port 22/tcp: a firewall of this host allows 2 new connections in 600 s", line)
        self.assertIn("ufw insert 1 allow from 198.51.100.7 to any port 22 proto tcp", line)
        self.rules(iptables=UFW_LIMIT)
        with (
            mock.patch.object(ssh_limits, "login_of", return_value=CLIENT),
            mock.patch.object(ssh_limits, "time", Clock()),
        ):
            self.assertEqual(ssh_limits.within(self.machine.root, lambda: 0, is_first=True), 0)


class Clock:
    """Time that passes only where somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Logins(MachineCase):
    def process(self, number: int, parent: int, environment: str) -> None:
        folder = self.machine.root.path(f"/proc/{number}")
        folder.mkdir(parents=True)
        (folder / "environ").write_text(environment)
        (folder / "stat").write_text(f"{number} (a (b) c) S {parent} 1 1 0")

    def found(self, number: int) -> Login | None:
        return ssh_limits.login_of(number, self.machine.root.path("/proc"))

    def test_the_connection_is_that_of_a_parent_where_sudo_took_the_variable_away(self) -> None:
        self.process(30, 20, "PATH=/bin\0")
        self.process(20, 10, "A=b\0SSH_CONNECTION=198.51.100.7 50000 203.0.113.1 2222\0C=d\0")
        self.assertEqual(self.found(30), Login(ipaddress.ip_address("198.51.100.7"), 2222))

    def test_addresses_in_other_spellings(self) -> None:
        self.process(20, 10, "SSH_CONNECTION=::ffff:198.51.100.7 50000 ::ffff:203.0.113.1 22\0")
        self.process(21, 10, "SSH_CONNECTION=fe80::1%eth0 50000 fe80::2%eth0 22\0")
        self.assertEqual(self.found(20), CLIENT)
        self.assertEqual(self.found(21), Login(ipaddress.ip_address("fe80::1"), 22))

    def test_a_timer_has_none(self) -> None:
        self.process(20, 1, "PATH=/bin\0")
        self.assertIsNone(self.found(20))
        self.assertIsNone(self.found(4000))
