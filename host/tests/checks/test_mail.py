"""The check of an SMTP server: it would take mail, and a login that it refuses is tried once."""

import json
import os
import socket
from typing import Any
from unittest import mock

from machine import MachineCase
from mail_server import MailServer, certificate

PATH = "/etc/audio-meet/secrets/mail-password"


class Mail(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.trusted = certificate(self.machine.root.path("/mail.pem"))
        self.machine.write(PATH, "correct horse", 0o600)

    def ask(self, address: str, *, trusted: bool = True, seconds: float = 3, **more: str) -> dict[str, Any]:
        check = {"kind": "mail", "server": address, "from": "am@example.org", "to": "ops@example.org", **more}
        known = str(self.trusted) if trusted else "/nonexistent"
        with mock.patch.dict(os.environ, {"SSL_CERT_FILE": known}):
            _, out, _ = self.machine.cli("verify", manifest={"checks": [check], "timeoutSeconds": seconds})
        answer: dict[str, Any] = json.loads(out)["checks"][0]
        self.assertEqual(answer["check"], f"mail {address}")
        self.assertNotIn("horse", out)
        return answer

    def refused_by(self, server: MailServer, *, seconds: float = 3, **more: str) -> str:
        answer = self.ask(server.address, trusted=True, seconds=seconds, **more)
        self.assertFalse(answer["ok"])
        return str(answer["detail"])

    def test_a_server_that_takes_the_login_and_both_addresses_gets_no_mail(self) -> None:
        server = MailServer(self, self.trusted, login=("alerts", "correct horse"))
        answer = self.ask(server.address, user="alerts", passwordFile=PATH)
        login, mail = "accepts the login of alerts", "accepts mail from am@example.org to ops@example.org"
        said = f"{server.address} {login} and {mail}"
        self.assertEqual((answer["ok"], answer["detail"]), (True, said))
        self.assertEqual(server.taken, [])

    def test_a_wrong_password_is_named_and_never_tried_twice(self) -> None:
        server = MailServer(self, self.trusted, login=("alerts", "another"))
        said = self.refused_by(server, user="alerts", passwordFile=PATH)
        self.assertEqual(said, "refuses the login of alerts: 535 5.7.8 bad credentials")
        self.assertEqual(server.tries, [("alerts", "correct horse")])

    def test_a_server_that_is_busy_with_logins_is_asked_again(self) -> None:
        server = MailServer(self, self.trusted, login=("a", "b"), answers={"AUTH": "454 4.7.0 later"})
        self.assertRegex(
            self.refused_by(server, seconds=0.1, user="a", passwordFile=PATH), "454 4.7.0 later$"
        )

    def test_a_server_that_wants_a_login_and_gets_none_says_so(self) -> None:
        server = MailServer(self, self.trusted, login=("alerts", "correct horse"))
        self.assertEqual(
            self.refused_by(server), "refuses mail from am@example.org: 530 5.7.0 authentication required"
        )

    def test_a_recipient_that_is_refused_is_named(self) -> None:
        server = MailServer(self, self.trusted, answers={"RCPT": "554 5.7.1 relay access denied"})
        self.assertEqual(
            self.refused_by(server), "refuses mail to ops@example.org: 554 5.7.1 relay access denied"
        )

    def test_greylisting_is_told_and_no_failure(self) -> None:
        server = MailServer(self, self.trusted, answers={"RCPT": "450 4.2.0 greylisted"})
        answer = self.ask(server.address)
        self.assertTrue(answer["ok"])
        self.assertRegex(answer["detail"], "; the server answered 450 4.2.0 greylisted$")

    def test_a_server_without_a_login_in_its_offer_gets_no_password(self) -> None:
        server = MailServer(self, self.trusted)
        said = self.refused_by(server, user="a", passwordFile=PATH)
        self.assertEqual(said, "the server offers no login; PLAIN or LOGIN is needed")
        strange = MailServer(self, self.trusted, login=("a", "b"), mechanisms="XOAUTH2 CRAM-MD5")
        said = self.refused_by(strange, user="a", passwordFile=PATH)
        self.assertEqual(said, "the server offers XOAUTH2, CRAM-MD5; PLAIN or LOGIN is needed")
        self.assertEqual((server.tries, strange.tries), ([], []))

    def test_a_server_that_knows_login_alone_lets_in(self) -> None:
        login = ("alerts", "correct horse")
        server = MailServer(self, self.trusted, login=login, mechanisms="LOGIN XOAUTH2")
        self.assertTrue(self.ask(server.address, user="alerts", passwordFile=PATH)["ok"])
        self.assertEqual(server.tries, [login])

    def test_the_password_goes_to_nobody_without_verified_tls(self) -> None:
        plain = MailServer(self, None, login=("alerts", "correct horse"))
        self.assertRegex(self.refused_by(plain, user="alerts", passwordFile=PATH), "STARTTLS")
        foreign = MailServer(self, self.trusted, login=("alerts", "correct horse"))
        answer = self.ask(foreign.address, trusted=False, seconds=0.1, user="alerts", passwordFile=PATH)
        self.assertRegex(answer["detail"], "^certificate refused: ")
        self.assertEqual((plain.tries, foreign.tries), ([], []))

    def test_nobody_there_is_told(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            address = f"localhost:{closed.getsockname()[1]}"
        self.assertRegex(str(self.ask(address, seconds=0.1)["detail"]), "refused")
