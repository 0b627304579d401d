"""No answer is not a no: what is known of a daemon that answers, is late, refuses, or is down."""

from __future__ import annotations

import http.server
import time
from typing import Any

from audio_meet.network import answers, http_local
from audio_meet.network.answers import Down, Known, Unknown
from daemon import Daemon, Late
from machine import MachineCase
from serving import serve

NOBODY = "http://127.0.0.1:1"


class Ask(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.unit("a.service")

    def ask(self, url: str, seconds: float) -> answers.Answer[dict[str, Any]]:
        return answers.ask(self.machine.root, "a.service", lambda: http_local.get_json(url, "/who"), seconds)

    def test_a_late_daemon_is_asked_again_until_it_answers(self) -> None:
        daemon = Daemon(self, {"/who": Late(self, {"people": 3}, times=2)})
        self.assertEqual(self.ask(daemon.url, 60), Known({"people": 3}))
        self.assertEqual(len(daemon.asked), 3)

    def test_one_that_stays_silent_is_not_known_and_the_reason_is_told(self) -> None:
        daemon = Daemon(self, {"/who": Late(self, {}, times=99)})
        answer = self.ask(daemon.url, 0.4)
        assert isinstance(answer, Unknown)
        self.assertRegex(answer.reason, "timed out .tried for [0-9]+ s")
        error = answer.error("whether anybody is there", "a.service", "look").line("h")
        self.assertRegex(error, "a.service: cannot tell whether anybody is there: timed out.*; look$")

    def test_an_answer_that_cannot_be_read_is_none(self) -> None:
        for answers_of_it in ({}, {"/who": ["a list"]}):
            answer = self.ask(Daemon(self, answers_of_it).url, 0)
            self.assertIsInstance(answer, Unknown, answers_of_it)

    def test_half_an_answer_is_none(self) -> None:
        class Half(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Length", "100")
                self.end_headers()
                self.wfile.write(b'{"people": 0')
                self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Half)
        serve(self, server)
        self.assertIsInstance(self.ask(f"http://127.0.0.1:{server.server_port}", 0), Unknown)

    def test_refused_once_is_not_down_refused_again_and_again_is(self) -> None:
        turns = iter([True])

        def question() -> str:
            if next(turns, False):
                raise http_local.RefusedError("refused")
            return "back"

        self.machine.root.refused_seconds = 60
        self.assertEqual(answers.ask(self.machine.root, "a.service", question, 0), Known("back"))
        self.machine.root.refused_seconds = 0.2
        began = time.monotonic()
        self.assertEqual(self.ask(NOBODY, 60), Down("nothing has listened there for 0.2 s"))
        self.assertGreater(time.monotonic() - began, 0.2)

    def test_what_systemd_knows_to_be_down_is_down_at_once(self) -> None:
        self.machine.root.refused_seconds = 60
        for state in ("inactive", "failed"):
            self.machine.unit("a.service", ActiveState=state)
            self.assertEqual(self.ask(NOBODY, 60), Down(f"a.service is {state}"))
        self.machine.unit("a.service", ActiveState="deactivating", MainPID="0")
        self.assertEqual(self.ask(NOBODY, 60), Down("a.service is deactivating and has no process"))

    def test_a_systemd_that_does_not_answer_says_nothing_of_a_unit(self) -> None:
        self.machine.command("systemctl", "exit 1")
        daemon = Daemon(self, {"/who": Late(self, {}, times=99)})
        self.assertIsInstance(self.ask(daemon.url, 0), Unknown)
