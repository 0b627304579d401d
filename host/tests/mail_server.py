"""A mail server for tests: takes mail for anybody, by STARTTLS alone if it can do that."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import unittest
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from serving import serve


class MailServer:
    """`taken`: each mail, and whether it came encrypted. Without a certificate it offers no STARTTLS.

    `from_the_start`: TLS begins with the first byte.
    """

    def __init__(
        self, case: unittest.TestCase, certificate: Path | None, *, from_the_start: bool = False
    ) -> None:
        self.taken: list[tuple[Message, bool]] = []
        mails = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.encrypted = False
                # a client that does not believe the certificate goes in the middle of the handshake
                with contextlib.suppress(OSError):
                    if from_the_start:
                        self.begin_tls()
                    self.converse()

            def finish(self) -> None:
                super().finish()
                self.connection.close()

            def converse(self) -> None:
                self.say("220 mail.example.org")
                while line := self.rfile.readline():
                    verb = line.split()[0].upper().decode()
                    if verb == "QUIT":
                        self.say("221 bye")
                        return
                    getattr(self, f"on_{verb.lower()}", self.agree)()

            def say(self, *lines: str) -> None:
                self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
                self.wfile.flush()

            def agree(self) -> None:
                self.say("250 so be it")

            def on_ehlo(self) -> None:
                offered = ["250-STARTTLS"] if certificate and not self.encrypted else []
                self.say("250-mail.example.org", *offered, "250 8BITMIME")

            def on_starttls(self) -> None:
                self.say("220 go on")
                self.begin_tls()

            def begin_tls(self) -> None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(str(certificate))
                self.connection = context.wrap_socket(self.connection, server_side=True)
                self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
                self.encrypted = True

            def on_data(self) -> None:
                self.say("354 tell")
                lines = iter(self.rfile.readline, b".\r\n")
                mails.taken.append((message_from_bytes(b"".join(lines)), self.encrypted))
                self.agree()

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Conversation)
        server.daemon_threads = True
        serve(case, server)
        self.address = f"localhost:{server.server_address[1]}"
