"""A certificate from an authority: names first, a test run first, failures remembered."""

import re
import socket
import struct
import threading
import time
from typing import Any
from unittest import mock

from audio_meet.certificate import certbot, certificate, expiry
from audio_meet.checks.kinds import renewal
from audio_meet.drift import drift
from audio_meet.network import dns
from audio_meet.system.errors import HostError
from machine import MachineCase, file, group
from twin import runs

NAME = "meet.example.org"
ADDRESS = "198.51.100.2"
CERTIFICATE = "/etc/audio-meet/web/certificate.pem"
KEY = "/etc/audio-meet/secrets/web.key"
SERVER = "https://ca.example.org/dir"
UNIT = "audio-meet-certificate.service"
# In the unit, the authority answers.
REACHED = "from audio_meet.checks.kinds import renewal; renewal.get = lambda *_: (200, b'', '')"
# Writes a lineage as certbot does, of so many days; with a file `refuse` it fails as certbot does.
CERTBOT = """
echo "$*" > {folder}/arguments
[ -e {folder}/refuse ] && {{ echo "  Detail: no such thing"; exit 1; }}
case "$*" in *--dry-run*|*unregister*|*update_account*) exit 0;; esac
live={tree}{lineage}; mkdir -p "$live"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days $(cat {folder}/days) -subj /CN=x \\
  -addext subjectAltName=DNS:{name} -keyout "$live/privkey.pem" -out "$live/fullchain.pem" 2>/dev/null
"""


class CertificateCase(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        text = CERTBOT.format(
            folder=self.machine.folder, tree=self.machine.tree, lineage=certbot.LINEAGE, name=NAME
        )
        self.machine.command("certbot", text)
        self.days(90)
        self.machine.unit("nginx.service")
        self.found: dict[str, list[str]] = {NAME: [ADDRESS]}
        patch = mock.patch.object(dns, "addresses", lambda _root, name: self.found[name])
        patch.start()
        self.addCleanup(patch.stop)
        own = mock.patch.object(certificate.sockets, "local_addresses", lambda _root: ["127.0.0.1"])
        own.start()
        self.addCleanup(own.stop)
        placeholder = {**file("OLD", nginx_service="reload"), "seed": True}
        self.ok("files", manifest=group("trust", {CERTIFICATE: placeholder}))
        self.ok("secrets", manifest=group("secrets", {KEY: {**file("OLD KEY", "0600"), "seed": True}}))

    def days(self, number: int) -> None:
        (self.machine.folder / "days").write_text(str(number))

    def refuse(self, *, yes: bool) -> None:
        flag = self.machine.folder / "refuse"
        flag.touch() if yes else flag.unlink()

    def manifest(self, **more: Any) -> dict[str, Any]:
        base = {"names": [NAME], "contact": "ops@example.org", "server": SERVER, "addresses": [ADDRESS]}
        return {**base, "certificate": CERTIFICATE, "key": KEY, "units": ["nginx.service"], **more}

    def text(self, path: str) -> str:
        return self.machine.root.path(path).read_text()

    def certbot_calls(self) -> list[str]:
        """What certbot was asked since the last look."""
        return self.machine.calls("certbot")


class Issue(CertificateCase):
    def test_issued_in_place_reloaded_and_nothing_the_second_time(self) -> None:
        said = self.ok("certificate", manifest=self.manifest())
        self.assertIn(f"issued for {NAME} by {SERVER}; reloaded: nginx; 8", said)
        self.assertIn("BEGIN CERTIFICATE", self.text(CERTIFICATE))
        self.assertIn("PRIVATE KEY", self.text(KEY))
        self.assertEqual(self.machine.root.path(KEY).stat().st_mode & 0o777, 0o600)
        self.assertEqual(len(self.certbot_calls()), 1)
        self.assertEqual(self.ok("certificate", manifest=self.manifest()), "nothing to change")
        self.assertEqual(self.certbot_calls(), [])

    def test_the_files_steps_leave_an_issued_certificate_alone_and_drift_does_not_mind_it(self) -> None:
        self.ok("certificate", manifest=self.manifest())
        issued = self.text(CERTIFICATE)
        self.ok("files", manifest=group("trust", {CERTIFICATE: {**file("NEWER"), "seed": True}}))
        self.assertEqual(self.text(CERTIFICATE), issued)
        self.assertEqual(drift.drift(self.machine.root)["drift"], [])

    def test_without_the_seed_the_program_has_its_file_back(self) -> None:
        self.ok("certificate", manifest=self.manifest())
        self.ok("files", manifest=group("trust", {CERTIFICATE: file("OWN")}))
        self.assertEqual(self.text(CERTIFICATE), "OWN")

    def test_a_name_that_leads_elsewhere_is_said_before_certbot_runs(self) -> None:
        self.found[NAME] = ["203.0.113.9"]
        refused = self.refused("certificate", manifest=self.manifest())
        self.assertIn(
            f"{NAME} resolves to 203.0.113.9; no certificate was requested; set {NAME}. A {ADDRESS}", refused
        )
        self.assertEqual(self.certbot_calls(), [])
        self.assertEqual(self.text(CERTIFICATE), "OLD")

    def test_a_second_address_elsewhere_is_wrong_as_well(self) -> None:
        self.found[NAME] = [ADDRESS, "2001:db8::9"]
        self.assertIn("resolves to 2001:db8::9", self.refused("certificate", manifest=self.manifest()))

    def test_the_test_server_is_asked_first_once_and_a_refusal_there_is_the_end(self) -> None:
        manifest = self.manifest(rehearsalServer="https://test.example.org/dir")
        self.refuse(yes=True)
        said = self.refused("certificate", manifest=manifest)
        self.assertIn("https://test.example.org/dir issued none", said)
        self.assertIn("no such thing", said)
        self.assertEqual([SERVER in call for call in self.certbot_calls()], [False])
        self.refuse(yes=False)
        self.ok("certificate", manifest=manifest)
        self.assertEqual(["--dry-run" in call for call in self.certbot_calls()], [True, False])

    def test_another_server_or_another_name_is_another_certificate(self) -> None:
        self.ok("certificate", manifest=self.manifest())
        self.found["turn.example.org"] = [ADDRESS]
        more = self.manifest(names=[NAME, "turn.example.org"])
        self.assertIn("issued", self.ok("certificate", manifest=more))
        self.assertIn("-d turn.example.org", self.certbot_calls()[-1])
        other = self.manifest(server="https://other.example.org/dir")
        self.assertIn("by https://other", self.ok("certificate", manifest=other))

    def test_the_hmac_key_stays_out_of_the_command_line(self) -> None:
        account = {"keyId": "kid", "keyFile": "/etc/audio-meet/secrets/acme-eab.ini"}
        self.machine.write(account["keyFile"], "eab-kid = kid\neab-hmac-key = SECRET\n", 0o600)
        self.ok("certificate", manifest=self.manifest(externalAccount=account))
        self.assertIn("/etc/audio-meet/secrets/acme-eab.ini", self.certbot_calls()[-1])
        self.assertNotIn("SECRET", "".join(self.certbot_calls()))

    def test_a_reload_that_an_interruption_swallowed_is_made_up_for(self) -> None:
        self.ok("certificate", manifest=self.manifest())
        record = certificate.load(self.machine.root)
        certificate.save(self.machine.root, {**record, "reload": ["nginx.service"]})
        self.assertIn("reloaded: nginx", self.ok("certificate", manifest=self.manifest()))


class Renewal(CertificateCase):
    failed = False

    def state(
        self,
        before: str = REACHED,
        as_root: tuple[int, bytes, str] = (200, b"", ""),
        names: list[str] | None = None,
    ) -> tuple[bool, str]:
        """What the check says: `before` happens in the unit, `as_root` is the authority's answer to root."""
        runs(self.machine, UNIT, "[Service]\nExecStart=x\n", f"{REACHED}\n{before}")
        if self.failed:
            self.machine.unit(UNIT, active=False, ActiveState="failed")
        check = {"path": CERTIFICATE, "names": names or [NAME], "unit": UNIT, "kind": "certificate"}
        with mock.patch.object(renewal, "get", lambda *_: as_root):
            return renewal.Certificate().run(self.machine.root, check)

    def test_only_in_the_last_third_or_when_told(self) -> None:
        self.ok("certificate", manifest=self.manifest())
        first = self.text(CERTIFICATE)
        self.assertEqual(self.ok("renew-certificate"), "nothing to change")
        self.assertIn("issued", self.ok("renew-certificate", "now"))
        self.assertNotEqual(self.text(CERTIFICATE), first)
        late = time.time() + 61 * 86400
        with mock.patch.object(expiry.time, "time", lambda: late):
            self.assertTrue(expiry.is_due(self.machine.root))

    def test_a_certificate_that_somebody_put_in_its_place_is_kept_and_the_place_is_said(self) -> None:
        self.ok("certificate", manifest=self.manifest())
        self.assertNotIn("somebody", self.ok("renew-certificate", "now"))
        self.machine.write(CERTIFICATE, "of another authority")
        self.machine.write(KEY, "another secret", 0o600)
        out = self.ok("renew-certificate", "now")
        (kept,) = re.findall(rf"{CERTIFICATE} was changed by hand; the changed content is in ([^;\s]+)", out)
        self.assertEqual(self.machine.read(kept), "of another authority")
        self.assertIn(f"{KEY} was changed by hand; that change was not kept", out)

    def test_nothing_was_asked_for(self) -> None:
        self.assertEqual(self.ok("renew-certificate"), "this host requests no certificate")

    def test_failures_wait_longer_each_time_show_in_the_drift_and_end_with_success(self) -> None:
        self.ok("certificate", manifest=self.manifest())
        before = self.text(CERTIFICATE)
        self.refuse(yes=True)
        self.refused("renew-certificate", "now")
        self.refused("renew-certificate", "now")
        self.assertIn("2 attempts failed, the next one is in 11.5 h", self.ok("renew-certificate"))
        [entry] = drift.drift(self.machine.root)["drift"]
        self.assertEqual((entry["kind"], entry["expected"]), ("certificate", "renewed"))
        self.assertIn("no such thing", entry["found"])
        self.assertEqual(self.text(CERTIFICATE), before)
        ok, detail = self.state()
        self.assertTrue(ok)
        self.assertIn("the last attempt failed", detail)
        self.refuse(yes=False)
        self.ok("renew-certificate", "now")
        self.assertEqual(drift.drift(self.machine.root)["drift"], [])

    def test_a_renewal_that_is_long_overdue_fails_the_verification(self) -> None:
        self.ok("certificate", manifest=self.manifest())
        late = time.time() + 80 * 86400
        with mock.patch.object(renewal.time, "time", lambda: late):
            ok, detail = self.state()
        self.assertFalse(ok)
        self.assertIn("overdue for its renewal", detail)
        self.assertIn("does not cover x", self.state(names=["x"])[1])

    def test_a_unit_that_cannot_renew_where_root_can_fails_the_verification_months_before(self) -> None:
        self.ok("certificate", manifest=self.manifest())
        ok, detail = self.state(before="os.access = lambda path, mode: 'secrets' not in str(path)")
        self.assertFalse(ok)
        self.assertRegex(
            detail,
            f"{UNIT}: /etc/audio-meet/secrets is not writable, and a renewal writes there; the same check",
        )
        ok, detail = self.state(before=REACHED.replace("200, b'', ''", "0, b'', 'no route to host'"))
        self.assertFalse(ok)
        self.assertIn(f"{SERVER} cannot be reached: no route to host; the same check works as root", detail)

    def test_an_authority_that_answers_nobody_is_told_and_may_pass(self) -> None:
        self.ok("certificate", manifest=self.manifest())
        down = (503, b"", "")
        ok, detail = self.state(REACHED.replace("200, b'', ''", "503, b'', ''"), down)
        self.assertTrue(ok, detail)
        self.assertIn(f"{SERVER} cannot be reached: it answers 503", detail)

    def test_a_run_of_the_timer_that_failed_without_a_word_of_the_authority_fails_the_verification(
        self,
    ) -> None:
        self.ok("certificate", manifest=self.manifest())
        self.failed = True
        ok, detail = self.state()
        self.assertFalse(ok)
        self.assertIn(f"the last run of {UNIT} failed: a line of the journal", detail)

    def test_removal_closes_the_account_and_leaves_what_daemons_read(self) -> None:
        self.ok("certificate", manifest=self.manifest())
        self.machine.write(f"{certbot.FOLDER}/config/accounts/ca/dir/1/regr.json", "{}")
        self.ok("remove-certificate")
        self.assertIn("unregister", self.certbot_calls()[-1])
        self.assertFalse(self.machine.root.path(certbot.FOLDER).exists())
        self.assertIn("BEGIN CERTIFICATE", self.text(CERTIFICATE))
        self.assertEqual(self.ok("remove-certificate"), "nothing to remove")


class Names(MachineCase):
    """The questions themselves, against a server on loopback that answers with an alias and an address."""

    def setUp(self) -> None:
        super().setUp()
        port = self.server("127.0.0.1", ADDRESS)
        patch = mock.patch.object(dns, "PORT", port)
        patch.start()
        self.addCleanup(patch.stop)
        self.machine.write("/etc/resolv.conf", "# here\nnameserver 127.0.0.1\nsearch example.org\n")
        self.code = 0

    def server(self, at: str, answer: str, port: int = 0) -> int:
        """A server at an address of loopback, with its one answer; returns its port."""
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.bind((at, port))
        self.addCleanup(link.close)
        threading.Thread(target=self.serve, args=[link, answer], daemon=True).start()
        bound: int = link.getsockname()[1]
        return bound

    def serve(self, link: socket.socket, answer: str) -> None:
        while True:
            try:
                question, client = link.recvfrom(512)
            except OSError:
                return
            (kind,) = struct.unpack(">H", question[-4:-2])
            alias = b"\xc0\x0c" + struct.pack(">HHIH", 5, 1, 60, 6) + b"\x03www\xc0\x0c"
            address = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(answer)
            answers = [alias, address] if kind == dns.RECORDS["A"] else [alias]
            count = 0 if self.code else len(answers)
            head = question[:2] + struct.pack(">HHHHH", 0x8180 | self.code, 1, count, 0, 0)
            link.sendto(head + question[12:] + (b"" if self.code else b"".join(answers)), client)

    def test_addresses_behind_an_alias_are_found(self) -> None:
        self.assertEqual(dns.addresses(self.machine.root, NAME), [ADDRESS])

    def test_what_a_server_of_the_host_itself_has_from_its_hosts_file_does_not_count(self) -> None:
        self.server("127.0.0.53", "127.0.1.1", dns.PORT)
        self.machine.write("/etc/resolv.conf", "nameserver 127.0.0.53\n")
        with self.assertRaisesRegex(HostError, r"127.0.0.53: 127.0.1.1, from /etc/hosts.*remove the name"):
            dns.addresses(self.machine.root, NAME)
        self.machine.write(dns.UPLINKS, "nameserver 127.0.0.1\n")
        self.assertEqual(dns.addresses(self.machine.root, NAME), [ADDRESS])
        self.machine.write("/etc/resolv.conf", "nameserver 192.0.2.53\n")
        self.assertEqual(dns.servers(self.machine.root), ["192.0.2.53"])

    def test_a_name_that_does_not_exist_has_none(self) -> None:
        self.code = dns.NO_SUCH_NAME
        self.assertEqual(dns.addresses(self.machine.root, NAME), [])

    def test_a_server_that_refuses_or_none_at_all_is_an_error(self) -> None:
        self.code = 5
        with self.assertRaisesRegex(HostError, "answers with error 5"):
            dns.addresses(self.machine.root, NAME)
        self.machine.write("/etc/resolv.conf", "")
        with self.assertRaisesRegex(HostError, "names none"):
            dns.addresses(self.machine.root, NAME)
