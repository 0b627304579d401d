"""A small HTTP daemon for tests: answers from a table and remembers what it was asked."""

from __future__ import annotations

import contextlib
import json
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest import mock

from audio_meet.network import http_local
from serving import serve


class Late:
    """An answer that is late: the first `times` questions are given up before it comes; then `value`."""

    def __init__(self, case: unittest.TestCase, value: Any, times: int) -> None:
        self.value = value
        self.left = times
        self.over = threading.Event()
        case.addCleanup(self.over.set)
        patience = mock.patch.object(http_local, "TIMEOUT_SECONDS", 0.3)
        patience.start()
        case.addCleanup(patience.stop)

    def __call__(self) -> Any:
        if self.left > 0:
            self.left -= 1
            self.over.wait(60)
        return self.value() if callable(self.value) else self.value


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
                text = json.dumps(answer() if callable(answer) else answer) if code == 200 else ""
                # whoever asked may have given up
                with contextlib.suppress(OSError):
                    self.send_response(code)
                    self.end_headers()
                    self.wfile.write(text.encode())

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        serve(case, server)
        self.url = f"http://127.0.0.1:{server.server_port}"
