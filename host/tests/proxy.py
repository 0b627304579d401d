"""An HTTP proxy of a test, a real one: it passes on what it is asked, and remembers what that was."""

from __future__ import annotations

import contextlib
import select
import socket
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from unittest import TestCase
from urllib.parse import urlsplit

from serving import serve

# Whatever a test asks for, the same server answers: names of the Internet lead nowhere here.
WHERE = ("127.0.0.1", 0)


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def do_CONNECT(self) -> None:
        if self._refused():
            return
        with socket.create_connection(self.server.leads_to(self.path)) as there:
            self.send_response_only(200)
            self.end_headers()
            _pump(self.connection, there)
        self.close_connection = True

    def _pass_on(self) -> None:
        if self._refused():
            return
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        there = HTTPConnection(*self.server.leads_to(parts.netloc))
        with contextlib.closing(there):
            there.request(self.command, parts.path or "/", body, dict(self.headers))
            answer = there.getresponse()
            content = answer.read()
        self.send_response_only(answer.status)
        self.send_header("Content-Length", str(len(content)))
        if "Date" in answer.headers:
            self.send_header("Date", answer.headers["Date"])
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _pass_on

    def _refused(self) -> bool:
        self.server.log.append(f"{self.command} {self.path}")
        self.server.logins.append(self.headers.get("Proxy-Authorization"))
        if self.server.refuses:
            self.send_error(*self.server.refuses)
        return bool(self.server.refuses)

    def log_message(self, *_: object) -> None:
        pass


class Proxy(ThreadingHTTPServer):
    """`log`: what was asked. `refuses`: status and reason of each answer. `routes`: where a host is."""

    daemon_threads = True

    def __init__(self, case: TestCase, routes: dict[str, tuple[str, int]] | None = None) -> None:
        super().__init__(WHERE, _Handler)
        self.log: list[str] = []
        self.logins: list[str | None] = []
        self.refuses: tuple[int, str] | None = None
        self.routes = routes or {}
        serve(case, self)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"

    def leads_to(self, place: str) -> tuple[str, int]:
        """Where a host of the Internet is in this test."""
        host, _, port = place.partition(":")
        return self.routes.get(host, (host, int(port or 80)))


def _pump(here: socket.socket, there: socket.socket) -> None:
    other = {here: there, there: here}
    while True:
        for ready in select.select([here, there], [], [], 10)[0]:
            data = ready.recv(65536)
            if not data:
                return
            other[ready].sendall(data)
