"""Notices about recordings by mail; the webhook is tried where recordings are uploaded."""

import os
from pathlib import Path
from unittest import mock

from audio_meet.network import mail
from audio_meet.recorder import notices
from mail_server import MailServer, certificate
from recording_case import RecordingCase


class Mail(RecordingCase):
    def certificate(self) -> Path:
        return certificate(self.machine.root.path("/mail.pem"))

    def send(self, server: MailServer, trusted: Path | None = None, **login: str) -> list[str]:
        """What one run of the uploader says of a notice that waits, or of one that it leaves now."""
        receiver = {"server": server.address, "from": "am@example.org", "to": "ops@example.org"}
        self.document["receivers"] = {"mail": {**receiver, **login}}
        folder = self.folder / "queue"
        if not list(folder.glob(f"*{notices.SUFFIX}")):
            notices.leave(
                self.config(), folder, "recording.arrived", recording="r", place="s3://recordings/r"
            )
        with (
            mock.patch.object(notices, "PAUSE_SECONDS", 0.0),
            mock.patch.dict(os.environ, {"SSL_CERT_FILE": str(trusted or "/nonexistent")}),
        ):
            return notices.send(self.machine.root, self.config(), folder)

    def waiting(self) -> int:
        return len(list((self.folder / "queue").glob(f"*{notices.SUFFIX}")))

    def test_a_mail_says_what_arrived_and_where_and_goes_over_tls(self) -> None:
        certificate = self.certificate()
        server = MailServer(self, certificate)
        self.assertEqual(self.send(server, certificate), [])
        [(message, encrypted)] = server.taken
        self.assertTrue(encrypted)
        self.assertEqual(message["Subject"], "meet.example.org: recording.arrived (rec-1)")
        self.assertEqual((message["From"], message["To"]), ("am@example.org", "ops@example.org"))
        self.assertIn("place: s3://recordings/r", message.get_payload())
        self.assertEqual(self.waiting(), 0)

    def test_nothing_is_told_in_clear_and_the_notice_waits_for_a_server_that_can(self) -> None:
        plain = MailServer(self, None)
        self.assertRegex(self.send(plain)[0], "recording.arrived could not be sent to mail: STARTTLS")
        self.assertEqual((plain.taken, self.waiting()), ([], 1))
        certificate = self.certificate()
        server = MailServer(self, certificate)
        self.assertEqual(self.send(server, certificate), [])
        self.assertEqual((len(server.taken), self.waiting()), (1, 0))

    def test_nothing_is_told_to_a_server_that_nobody_vouches_for(self) -> None:
        server = MailServer(self, self.certificate())
        self.assertRegex(self.send(server)[0], "certificate verify failed")
        self.assertEqual((server.taken, self.waiting()), ([], 1))

    def test_at_the_port_for_it_tls_begins_with_the_first_byte(self) -> None:
        certificate = self.certificate()
        server = MailServer(self, certificate, from_the_start=True)
        port = int(server.address.rpartition(":")[2])
        with mock.patch.object(mail, "SUBMISSIONS_PORT", port):
            self.assertRegex(self.send(server)[0], "certificate verify failed")
            self.assertEqual(self.send(server, certificate), [])
        self.assertEqual([encrypted for _, encrypted in server.taken], [True])

    def test_with_a_login_the_password_comes_from_systemd_or_from_roots_file(self) -> None:
        trusted = self.certificate()
        server = MailServer(self, trusted, login=("alerts", "correct horse"))
        path = "/etc/audio-meet/secrets/mail-password"
        self.machine.write(path, "correct horse", 0o600)
        login = {"user": "alerts", "passwordFile": path}
        self.assertEqual(self.send(server, trusted, **login), [])
        with mock.patch.dict(os.environ, {"CREDENTIALS_DIRECTORY": str(self.machine.root.path("/given"))}):
            self.machine.write("/given/mail-password", "another")
            [said] = self.send(server, trusted, **login)
        self.assertRegex(said, "535.*bad credentials")
        self.assertNotIn("another", said)
        self.assertEqual((len(server.taken), self.waiting()), (1, 1))
