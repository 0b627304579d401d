"""A mail server for tests: takes mail by STARTTLS alone if it can do that, from all or from who logs in."""

from __future__ import annotations

import base64
import contextlib
import shlex
import socketserver
import ssl
import subprocess
import unittest
from email import message_from_bytes
from email.message import Message
from pathlib import Path

from serving import serve


def certificate(file: Path) -> Path:
    """Key and certificate of localhost in one file, which is the authority as well."""
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 9 -subj /CN=localhost"
    )
    command += f" -addext subjectAltName=DNS:localhost -keyout {file} -out {file}.crt"
    subprocess.run(shlex.split(command), check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


class MailServer(socketserver.ThreadingTCPServer):
    """`taken`: each mail, and whether it came encrypted. Without a certificate it offers no STARTTLS.

    `from_the_start`: TLS begins with the first byte. `login`: user and password that it asks for;
    `tries`: each login, by one of the `mechanisms`. `answers`: what it says to a verb in place of 250.
    """

    daemon_threads = True

    def __init__(
        self,
        case: unittest.TestCase,
        certificate: Path | None,
        *,
        from_the_start: bool = False,
        login: tuple[str, str] | None = None,
        mechanisms: str = "PLAIN LOGIN",
        answers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.certificate = certificate
        self.from_the_start = from_the_start
        self.login = login
        self.mechanisms = mechanisms
        self.answers = answers or {}
        self.taken: list[tuple[Message, bool]] = []
        self.tries: list[tuple[str, str]] = []
        serve(case, self)
        self.address = f"localhost:{self.server_address[1]}"


class Conversation(socketserver.StreamRequestHandler):
    """One connection to the server; `on_VERB` answers a verb of SMTP."""

    server: MailServer

    def handle(self) -> None:
        self.encrypted = False
        self.known = self.server.login is None
        # a client that does not believe the certificate goes in the middle of the handshake
        with contextlib.suppress(OSError):
            if self.server.from_the_start:
                self.begin_tls()
            self.converse()

    def finish(self) -> None:
        super().finish()
        self.connection.close()

    def converse(self) -> None:
        self.say("220 mail.example.org")
        while line := self.rfile.readline():
            self.words = line.decode().split()
            verb = self.words[0].upper()
            if verb == "QUIT":
                self.say("221 bye")
                return
            if verb in self.server.answers:
                self.say(self.server.answers[verb])
            elif verb in ("MAIL", "RCPT", "DATA") and not self.known:
                self.say("530 5.7.0 authentication required")
            else:
                getattr(self, f"on_{verb.lower()}", self.agree)()

    def say(self, *lines: str) -> None:
        self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())
        self.wfile.flush()

    def agree(self) -> None:
        self.say("250 so be it")

    def on_ehlo(self) -> None:
        offered = ["250-STARTTLS"] if self.server.certificate and not self.encrypted else []
        if self.server.login and self.encrypted:
            offered.append(f"250-AUTH {self.server.mechanisms}")
        self.say("250-mail.example.org", *offered, "250 8BITMIME")

    def on_starttls(self) -> None:
        self.say("220 go on")
        self.begin_tls()

    def on_auth(self) -> None:
        user, password = self.login_words() if self.words[1] == "LOGIN" else self.plain_words()
        self.server.tries.append((user, password))
        self.known = self.encrypted and (user, password) == self.server.login
        self.say("235 2.7.0 welcome" if self.known else "535 5.7.8 bad credentials")

    def plain_words(self) -> tuple[str, str]:
        _, user, password = base64.b64decode(self.words[2]).decode().split("\0")
        return user, password

    def login_words(self) -> tuple[str, str]:
        self.say("334 UGFzc3dvcmQ6")
        password = self.rfile.readline()
        return base64.b64decode(self.words[2]).decode(), base64.b64decode(password).decode()

    def begin_tls(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(self.server.certificate))
        self.connection = context.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb")
        self.encrypted = True

    def on_data(self) -> None:
        self.say("354 tell")
        lines = iter(self.rfile.readline, b".\r\n")
        self.server.taken.append((message_from_bytes(b"".join(lines)), self.encrypted))
        self.agree()
