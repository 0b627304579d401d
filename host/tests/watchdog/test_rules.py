"""When the watchdog acts, and when it must not; the clock is the test's."""

import unittest

from audio_meet.watchdog import watchdog
from audio_meet.watchdog.book import Act, Book
from audio_meet.watchdog.look import Known, Look, Session
from audio_meet.watchdog.rules import RULES, Rule
from machine import MachineCase


def here(silent: float = 2, logged_in: float = 600) -> Session:
    return Session(logged_in, True, silent)


def outside(logged_in: float = 600) -> Session:
    return Session(logged_in, False, 2)


GOOD, DRAINING, DOWN = Known(True, False), Known(True, True), Known(False, False)
WELL = Look({"a": here(), "b": here()}, {"a": GOOD, "b": GOOD})


class Clock(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.done: list[tuple[str, str]] = []
        self.trouble = ""
        self.book = Book()
        self.dog = watchdog.Watchdog(self.machine.root, self.book, self.act)
        self.at = 1000.0
        self.ahead = 0.0  # of the wall's clock

    def act(self, rule: Rule, subject: str) -> str:
        self.done.append((rule.name, subject))
        return self.trouble

    def sees(self, look: Look, seconds: float = 0) -> list[str]:
        """The same for so long, at a look each two seconds; returns what was said."""
        end, said = self.at + seconds, []
        while self.at <= end:
            said += self.dog.think(look, self.at, self.at + self.ahead)
            self.at += 2
        return said


class SilentBridge(Clock):
    LOOK = Look({"a": here(silent=12), "b": here()}, {"a": GOOD, "b": GOOD})

    def test_it_loses_its_session_once_while_another_one_is_of_use(self) -> None:
        said = self.sees(self.LOOK, 10)
        self.assertEqual(self.done, [("silentBridge", "a")])
        self.assertEqual(
            said[0],
            "a: silent for 12 s; its session was ended, so that jicofo moves everybody to other bridges",
        )

    def test_two_missing_presences_are_not_enough(self) -> None:
        self.sees(Look({"a": here(silent=11.9), "b": here()}, {"a": GOOD, "b": GOOD}), 60)
        self.assertEqual(self.done, [])

    def test_a_loaded_jicofo_that_still_calls_it_operational_changes_nothing(self) -> None:
        self.sees(Look({"a": here(silent=12), "b": here()}, {"a": GOOD, "b": GOOD}))
        self.assertEqual(self.done, [("silentBridge", "a")])

    def test_where_nobody_could_be_moved_anywhere_nothing_is_done(self) -> None:
        silent = here(silent=40)
        for name, sessions, known in (
            ("the only one", {"a": silent}, {"a": GOOD}),
            ("all silent: prosody-jvb hung", {"a": silent, "b": here(silent=40)}, {"a": GOOD, "b": GOOD}),
            ("the other is late", {"a": silent, "b": here(silent=9)}, {"a": GOOD, "b": GOOD}),
            ("the other drains", {"a": silent, "b": here()}, {"a": GOOD, "b": DRAINING}),
            ("the other is down for jicofo", {"a": silent, "b": here()}, {"a": GOOD, "b": DOWN}),
            ("the other is unknown to jicofo", {"a": silent, "b": here()}, {"a": GOOD}),
            ("the other is outside", {"a": silent, "b": outside(10)}, {"a": GOOD, "b": GOOD}),
        ):
            with self.subTest(name):
                self.sees(Look(sessions, known), 20)
                self.assertEqual(self.done, [])

    def test_without_an_answer_of_jicofo_or_prosody_nothing_is_done(self) -> None:
        self.sees(Look({"a": here(silent=40), "b": here()}, None), 120)
        self.sees(Look(None, {"a": GOOD}), 120)
        self.assertEqual(self.done, [])

    def test_one_that_freezes_again_and_again_is_ended_each_two_minutes_at_most(self) -> None:
        look = Look({"a": here(silent=12), "b": here()}, {"a": GOOD, "b": GOOD})
        self.sees(look, 239)
        self.assertEqual(len(self.done), 2)


class BridgeOutside(Clock):
    LOOK = Look({"a": outside(), "b": here()}, {"b": GOOD})

    def test_it_logs_in_again_after_half_a_minute(self) -> None:
        self.sees(self.LOOK, 28)
        self.assertEqual(self.done, [])
        self.sees(self.LOOK, 4)
        self.assertEqual(self.done, [("bridgeOutside", "a")])

    def test_one_that_has_just_logged_in_has_time(self) -> None:
        self.sees(Look({"a": outside(29)}, {}), 60)
        self.assertEqual(self.done, [])

    def test_one_that_came_in_between_is_seen_anew(self) -> None:
        for look in (self.LOOK, WELL, self.LOOK):
            self.sees(look, 20)
        self.assertEqual(self.done, [])

    def test_where_it_did_not_help_that_is_said_once_and_nothing_more_is_done(self) -> None:
        self.sees(self.LOOK, 32)
        said = self.sees(self.LOOK, 120)
        self.assertEqual(self.done, [("bridgeOutside", "a")])
        self.assertEqual(len(said), 1)
        self.assertIn("that did not help", said[0])
        self.assertIn("bridgeOutside a", self.book.stuck)
        self.sees(WELL)
        self.assertEqual(self.book.stuck, {})

    def test_it_is_tried_again_after_the_pause(self) -> None:
        self.sees(self.LOOK, 32 + 640)
        self.assertEqual(self.done, [("bridgeOutside", "a")] * 2)


class LostBridge(Clock):
    LOOK = Look({"a": here(), "b": here()}, {"b": GOOD})

    def test_jicofo_is_restarted_after_a_minute_once(self) -> None:
        self.sees(self.LOOK, 58)
        self.assertEqual(self.done, [])
        said = self.sees(self.LOOK, 600)
        self.assertEqual(self.done, [("lostBridge", "jicofo")])
        self.assertIn("jicofo: does not know of a, in the brewery; jicofo was restarted", said)

    def test_a_recording_goes_on_while_jicofo_has_a_bridge(self) -> None:
        recorded = Look(self.LOOK.sessions, self.LOOK.known, is_recording=True)
        self.sees(recorded, 600)
        self.assertEqual(self.done, [])
        self.sees(Look(recorded.sessions, {}, is_recording=True), 64)
        self.assertEqual(self.done, [("lostBridge", "jicofo")])

    def test_a_jicofo_that_is_down_is_not_restarted(self) -> None:
        self.sees(Look(self.LOOK.sessions, None), 600)
        self.assertEqual(self.done, [])

    def test_a_silent_bridge_that_jicofo_has_dropped_is_nothing_it_lost(self) -> None:
        self.sees(Look({"a": here(silent=9), "b": here()}, {"b": GOOD}), 600)
        self.assertEqual(self.done, [])


class MuteJicofo(Clock):
    LOOK = Look(WELL.sessions, None, jicofo_is_mute=True)

    def test_it_is_restarted_after_half_a_minute_once_an_hour(self) -> None:
        self.sees(self.LOOK, 28)
        self.assertEqual(self.done, [])
        self.sees(self.LOOK, 3590)
        self.assertEqual(self.done, [("muteJicofo", "jicofo")])
        self.sees(self.LOOK, 60)
        self.assertEqual(self.done, [("muteJicofo", "jicofo")] * 2)

    def test_an_answer_in_between_begins_anew(self) -> None:
        for look in (self.LOOK, WELL, self.LOOK):
            self.sees(look, 24)
        self.assertEqual(self.done, [])


class All(Clock):
    def test_a_deployment_that_is_well_is_left_alone(self) -> None:
        self.assertEqual(self.sees(WELL, 3600), [])
        self.assertEqual((self.done, self.book.acts, self.book.looked), ([], [], 4600.0))

    def test_what_could_not_be_done_is_said_and_not_tried_at_each_look(self) -> None:
        self.trouble = "prosody-jvb: Connection refused"
        said = self.sees(MuteJicofo.LOOK, 60)
        self.assertEqual(len(self.done), 1)
        self.assertIn("nothing was done: prosody-jvb: Connection refused", said[0])

    def test_every_rule_has_a_name_of_its_own_and_a_pause_longer_than_its_patience(self) -> None:
        self.assertEqual(len({rule.name for rule in RULES}), len(RULES))
        for rule in RULES:
            self.assertGreater(rule.pause_seconds, rule.seconds, rule.name)


if __name__ == "__main__":
    unittest.main()


class ClockOfTheWall(Clock):
    """It is set while the watchdog runs: nothing is early, nothing is late, and nothing is done twice."""

    def test_what_is_seen_before_and_after_was_not_seen_for_an_hour(self) -> None:
        self.sees(MuteJicofo.LOOK, 10)
        self.ahead = 3600
        self.sees(MuteJicofo.LOOK, 10)
        self.assertEqual(self.done, [])

    def test_set_back_it_does_not_keep_a_rule_from_acting(self) -> None:
        for ahead in (0, -3600):
            self.ahead = ahead
            self.sees(SilentBridge.LOOK, 130)
        self.assertEqual(self.done, [("silentBridge", "a")] * 3)

    def test_a_start_anew_knows_what_was_done_before_also_by_a_clock_that_was_ahead(self) -> None:
        for ahead in (0, 3600):
            self.book.acts = [Act("silentBridge", "a", self.at + ahead, "done")]
            self.dog = watchdog.Watchdog(self.machine.root, self.book, self.act)
            self.dog.recall(self.at, self.at)
            self.sees(SilentBridge.LOOK, 100)
            self.assertEqual(self.done, [])
        self.sees(SilentBridge.LOOK, 100)
        self.assertEqual(self.done, [("silentBridge", "a")])
