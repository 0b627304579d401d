"""A small HTTP daemon for tests: answers from a table and remembers what it was asked."""

from __future__ import annotations

import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Daemon:
    """`answers` maps a path to a JSON value, or to a function that returns one; other paths get 404."""

    def __init__(self, case: unittest.TestCase, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        daemon = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.reply()

            def do_POST(self) -> None:
                self.reply()

            def reply(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                daemon.asked.append(f"{self.command} {self.path} {body}".strip())
                answer = daemon.answers.get(self.path)
                # as a real bridge does: no Accept header, no answer
                code = 500 if not self.headers.get("Accept") else 404 if answer is None else 200
                self.send_response(code)
                self.end_headers()
                if code == 200:
                    self.wfile.write(json.dumps(answer() if callable(answer) else answer).encode())

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        case.addCleanup(server.server_close)
        case.addCleanup(server.shutdown)
        self.url = f"http://127.0.0.1:{server.server_port}"
