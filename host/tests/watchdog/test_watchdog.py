"""What the watchdog asks, what it does, and who hears of it."""

import time
import unittest
from typing import Any
from unittest import mock

from audio_meet.checks import metrics, verify
from audio_meet.system.errors import HostError
from audio_meet.watchdog import book as books
from audio_meet.watchdog import look as look_module
from audio_meet.watchdog import watchdog
from audio_meet.watchdog.book import Act, Book
from audio_meet.watchdog.look import Known, Session, look
from audio_meet.watchdog.rules import RULES
from daemon import Daemon, Late
from machine import MachineCase

BRIDGES = {"bridges": {"a": {"loggedInSeconds": 60.5, "inBrewery": True, "silentSeconds": 1}}}
DEBUG = {
    "bridge_selector": {
        "bridge": {
            f"brewery@muc/{name}": {
                "operational": True,
                "drain": drain,
                "graceful-shutdown": False,
                "shutting-down": False,
            }
            for name, drain in (("a", False), ("b", True))
        }
    }
}
RULE = {rule.name: rule for rule in RULES}


class Looks(MachineCase):
    def test_both_are_asked_under_the_name_that_they_answer_to(self) -> None:
        jicofo = Daemon(self, {"/debug": DEBUG, "/stats": {"jibri": {"recording_active": 1}}})
        seen = look(jicofo.url, Daemon(self, {"/bridges": BRIDGES}).url, "tech.d")
        self.assertEqual(seen.sessions, {"a": Session(60.5, True, 1)})
        self.assertEqual(seen.known, {"a": Known(True, False), "b": Known(True, True)})
        self.assertEqual((seen.is_recording, seen.jicofo_is_mute, seen.notes), (True, False, []))

    def test_no_bridge_at_all_is_an_answer(self) -> None:
        jicofo = Daemon(self, {"/debug": {"bridge_selector": {"bridge": {}}}, "/stats": {}})
        nobody: list[dict[str, Any] | list[Any]] = [{}, []]
        for none in nobody:
            seen = look(jicofo.url, Daemon(self, {"/bridges": {"bridges": none}}).url, "tech.d")
            self.assertEqual((seen.sessions, seen.known), ({}, {}))

    def test_a_jicofo_that_does_not_answer_is_mute_and_one_that_is_down_is_not(self) -> None:
        bridges = Daemon(self, {"/bridges": BRIDGES}).url
        patience = mock.patch.object(look_module, "ANSWER_SECONDS", 0.3)
        patience.start()
        self.addCleanup(patience.stop)
        seen = look(Daemon(self, {"/debug": Late(self, DEBUG, 9), "/stats": {}}).url, bridges, "tech.d")
        self.assertEqual((seen.known, seen.jicofo_is_mute), (None, True))
        seen = look("http://127.0.0.1:1", bridges, "tech.d")
        self.assertEqual((seen.known, seen.jicofo_is_mute), (None, False))
        seen = look(Daemon(self, {}).url, bridges, "tech.d")
        self.assertEqual((seen.known, seen.jicofo_is_mute), (None, False))

    def test_an_answer_that_cannot_be_read_is_none(self) -> None:
        jicofo = Daemon(self, {"/debug": {"bridge_selector": 1}, "/stats": {}})
        seen = look(jicofo.url, Daemon(self, {"/bridges": {"bridges": {"a": 1}}}).url, "tech.d")
        self.assertEqual((seen.sessions, seen.known, seen.jicofo_is_mute), (None, None, False))


class Acts(MachineCase):
    def carry_out(self, answer: object, rule: str, subject: str = "fra-1") -> tuple[str, list[str]]:
        jvb = Daemon(self, {f"/bridges?bridge={subject}": answer})
        config = watchdog.Config("http://127.0.0.1:1", jvb.url, "tech.d")
        return watchdog.carry_out(self.machine.root, config, RULE[rule], subject), jvb.asked

    def test_the_session_of_a_bridge_is_ended_at_prosody(self) -> None:
        for rule in ("silentBridge", "bridgeOutside"):
            trouble, asked = self.carry_out({"ended": 1}, rule)
            self.assertEqual((trouble, asked), ("", ["POST /bridges?bridge=fra-1"]))

    def test_where_it_was_not_ended_that_is_a_trouble(self) -> None:
        trouble, _ = self.carry_out({"ended": 0}, "silentBridge")
        self.assertIn("prosody-jvb answers 200", trouble)

    def test_jicofo_is_restarted_by_a_sign_and_by_nothing_else(self) -> None:
        self.machine.root.path(books.FOLDER).mkdir(parents=True)
        for rule in ("lostBridge", "muteJicofo"):
            trouble, asked = self.carry_out({"ended": 1}, rule, "jicofo")
            self.assertEqual((trouble, asked), ("", []))
            self.assertEqual(self.machine.read(books.RESTART_JICOFO), f"{rule}\n")
        self.assertEqual(self.machine.calls(), [])

    def test_a_sign_that_cannot_be_left_is_a_trouble(self) -> None:
        trouble, _ = self.carry_out({}, "lostBridge", "jicofo")
        self.assertEqual(trouble, "No such file or directory")


class Tells(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.root = self.machine.root
        self.root.path(books.FOLDER).mkdir(parents=True)
        self.book = Book()
        self.book.looked = time.time()
        self.book.add(Act("silentBridge", "a", time.time() - 60, "a: silent; its session was ended"))
        self.book.add(Act("silentBridge", "b", time.time() - 90_000, "b: long ago"))
        self.book.stuck = {"lostBridge jicofo": "jicofo: does not know of c; that did not help"}

    def test_a_watchdog_that_starts_again_remembers_what_it_did(self) -> None:
        books.write(self.root, self.book)
        again = books.read(self.root)
        assert again is not None
        self.assertEqual(vars(again), vars(self.book))
        self.assertEqual(self.root.path(books.BOOK).stat().st_mode & 0o777, 0o644)

    def test_health_says_what_was_done_within_a_day_and_what_is_stuck(self) -> None:
        wanted = verify.VerifyManifest([], 0)
        self.assertEqual(verify.verify(self.root, wanted, [])["watchdog"], [])
        books.write(self.root, self.book)
        first, second = verify.verify(self.root, wanted, [])["watchdog"]
        self.assertRegex(first, r"^\d{4}-\d\d-\d\dT[\d:]{8}Z a: silent; its session was ended$")
        self.assertEqual(second, "jicofo: does not know of c; that did not help")

    def test_metrics_count_by_rule_from_nought(self) -> None:
        wanted: dict[str, Any] = {"certificates": [], "packages": [], "units": [], "gauges": {}}
        names = {name for name, _, _ in metrics.measure(self.root, wanted)}
        self.assertFalse(any("watchdog" in name for name in names))
        books.write(self.root, self.book)
        text = metrics.text_of(metrics.measure(self.root, wanted))
        self.assertIn('\naudio_meet_watchdog_acts{rule="silentBridge"} 2\n', text)
        self.assertIn('\naudio_meet_watchdog_acts{rule="muteJicofo"} 0\n', text)
        self.assertIn('\naudio_meet_watchdog_stuck{rule="lostBridge"} 1\n', text)
        self.assertRegex(text, r"\naudio_meet_watchdog_looked_seconds \d{10}\n")

    def test_the_file_does_not_grow_for_ever(self) -> None:
        for number in range(300):
            self.book.add(Act("silentBridge", "a", number, "again"))
        self.assertEqual((len(self.book.acts), self.book.counts["silentBridge"]), (100, 302))


class Config(unittest.TestCase):
    def test_a_document_without_one_of_its_fields_is_refused(self) -> None:
        told = {"jicofo": "http://127.0.0.1:8888", "bridges": "http://127.0.0.1:15280", "domain": "tech.d"}
        self.assertEqual(watchdog.parse(told), watchdog.Config(**told))
        with self.assertRaises(HostError):
            watchdog.parse({**told, "domain": 1})
