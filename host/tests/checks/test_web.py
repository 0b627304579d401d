"""The https check: only a verified answer with the right status and text counts."""

import shutil
import socket
import ssl
import subprocess
import threading
from typing import Any
from unittest import mock

from audio_meet.checks.kinds import web
from machine import MachineCase

DOMAIN = "meet.example.org"


class Https(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.folder = self.machine.folder
        self.make_certificate()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.folder / "cert", self.folder / "key")
        self.answer = b"HTTP/1.1 200 OK\r\n\r\nvar config = {};"
        self.asked = b""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        threading.Thread(target=self.serve, args=(listener,), daemon=True).start()
        patch = mock.patch.object(web, "ADDRESS", listener.getsockname())
        patch.start()
        self.addCleanup(patch.stop)

    def make_certificate(self) -> None:
        ca = self.machine.root.path("/etc/ca.pem")
        ca.parent.mkdir(parents=True, exist_ok=True)
        command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 9"
        options = ["-subj", "/CN=x", "-addext", f"subjectAltName=DNS:{DOMAIN}"]
        files = ["-keyout", str(self.folder / "key"), "-out", str(self.folder / "cert")]
        subprocess.run([*command.split(), *options, *files], check=True, capture_output=True)
        shutil.copyfile(self.folder / "cert", ca)

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
                with self.context.wrap_socket(connection, server_side=True) as secure:
                    self.asked = secure.recv(65536)
                    secure.sendall(self.answer)
                    if b"Upgrade" in self.asked:
                        secure.recv(1)  # a websocket stays open until the client goes
            except ssl.SSLError:
                continue
            except OSError:
                return

    def ask(self, **more: Any) -> tuple[bool, str]:
        check = {"domain": DOMAIN, "path": "/config.js", "status": 200, "caFile": "/etc/ca.pem", **more}
        return web.Https().run(self.machine.root, check)

    def test_a_verified_answer_tells_how_long_the_certificate_lasts(self) -> None:
        ok, detail = self.ask(contains="var config")
        self.assertEqual((ok, detail), (True, "200, verified, TLSv1.3, 8 days left"))
        self.assertIn(b"GET /config.js HTTP/1.1\r\nHost: meet.example.org\r\n", self.asked)

    def test_a_certificate_of_another_name_or_of_nobody_we_trust_is_refused(self) -> None:
        self.assertIn("certificate refused: Hostname mismatch", self.ask(domain="other.example.org")[1])
        check = {"domain": DOMAIN, "path": "/", "status": 200}
        self.assertIn("certificate refused", web.Https().run(self.machine.root, check)[1])

    def test_status_and_text_count(self) -> None:
        self.assertEqual(self.ask(contains="let config"), (False, "answers without 'let config'"))
        self.answer = b"HTTP/1.1 502 Bad Gateway\r\n\r\n"
        self.assertEqual(self.ask(), (False, "answers 502, expected 200"))
        self.answer = b""
        self.assertEqual(self.ask(), (False, "answers nothing, expected 200"))

    def test_a_websocket_is_asked_for_as_a_browser_does_and_not_waited_out(self) -> None:
        self.answer = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
        self.assertTrue(self.ask(status=101, websocket=True)[0])
        self.assertIn(b"Sec-WebSocket-Protocol: xmpp\r\n", self.asked)

    def test_nobody_there(self) -> None:
        with mock.patch.object(web, "ADDRESS", ("127.0.0.1", 1)):
            self.assertIn("refused", self.ask()[1].lower())
