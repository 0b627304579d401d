"""What a recorder is owed while it records waits for the end of the recording, and comes then."""

from __future__ import annotations

import time
from typing import Any
from unittest import mock

from audio_meet.checks.kinds import recorder
from audio_meet.recorder import drain_recorder, postponed, upload_config
from audio_meet.system.documents import Json
from daemon import Daemon, Late
from machine import file, group
from recording_case import CONFIG, RecordingCase

HEALTH = "/jibri/api/v1.0/health"
SHUTDOWN = "/jibri/api/internal/v1.0/gracefulShutdown"
SOUND, SCREEN, WINDOWS, JIBRI = postponed.UNITS


def wanted(conf: str = "1", sound: str = "1", timer: str = "1", version: str = "8.0") -> Json:
    """A recorder's group: one file for jibri, one for its sound, one for what is no part of a recording."""
    files = {
        "/etc/jitsi/jibri/jibri.conf": {**file(conf), "units": {JIBRI: "restart"}},
        "/etc/audio-meet/recorder/sound.pa": {**file(sound), "units": {SOUND: "restart"}},
        "/etc/audio-meet/recorder/timer": {**file(timer), "units": {"audio-meet-upload.timer": "restart"}},
    }
    run = [SOUND, SCREEN, WINDOWS, JIBRI, "audio-meet-upload.timer"]
    return {**group("recorder", files, run), "packages": {"jibri": version}}


class Postponed(RecordingCase):
    def setUp(self) -> None:
        super().setUp()
        for name in (*postponed.UNITS, "audio-meet-upload.timer"):
            self.machine.unit(name)
        self.machine.command("runuser", 'shift 3; exec "$@"')
        self.busy = "IDLE"
        health: Any = lambda: {"status": {"busyStatus": self.busy, "health": {"healthStatus": "HEALTHY"}}}  # noqa: E731
        self.jibri = Daemon(self, {HEALTH: health, SHUTDOWN: {}})
        self.document["jibri"] |= {"health": self.jibri.url, "internal": self.jibri.url}
        self.document["disk"] = {"stopBelowPercent": 10, "resumeAbovePercent": 12, "endBelowPercent": 3}
        self.write()
        self.ok("files", manifest=wanted())
        self.machine.orders()
        self.jibri.asked.clear()

    def guard(self, free: float = 50) -> str:
        with mock.patch.object(upload_config.Config, "free_percent", return_value=free):
            return self.ok("recorder", "guard", CONFIG)

    def end_recording(self) -> None:
        """jibri was told to end once it is idle."""
        self.busy = "IDLE"
        self.machine.unit(JIBRI, active=False)

    def test_without_a_recording_it_restarts_at_once(self) -> None:
        self.assertIn("restarted: jibri", self.ok("files", manifest=wanted(conf="2")))
        self.assertEqual(self.machine.orders(), [f"restart {JIBRI}"])
        self.assertNotIn(f"POST {SHUTDOWN}", self.jibri.asked)

    def test_a_recording_is_not_cut_and_the_summary_says_so(self) -> None:
        self.busy = "BUSY"
        summary = self.ok("files", manifest=wanted(conf="2", timer="2"))
        self.assertIn("jibri restarts when the recording ends", summary)
        self.assertEqual(self.machine.orders(), ["restart audio-meet-upload.timer"], "the rest goes on")
        self.assertEqual(self.jibri.asked[-1], f"POST {SHUTDOWN}", "no other recording comes before")
        self.assertEqual(self.machine.read("/etc/jitsi/jibri/jibri.conf"), "2")
        self.assertEqual(self.ok("files", manifest=wanted(conf="2", timer="2")), "nothing to change")

    def test_a_jibri_that_is_late_is_asked_again_and_keeps_its_recording(self) -> None:
        self.busy = "BUSY"
        self.jibri.answers[HEALTH] = Late(self, self.jibri.answers[HEALTH], times=2)
        self.assertIn("jibri restarts when", self.ok("files", manifest=wanted(conf="2")))
        self.assertEqual(self.machine.orders(), [])

    def test_while_it_is_not_known_whether_it_records_nothing_restarts_and_the_step_fails(self) -> None:
        self.machine.root.answer_seconds = 0.1
        for answer in (Late(self, {}, times=99), {"status": {"busyStatus": "NEW"}}, {"status": "?"}):
            self.jibri.answers[HEALTH] = answer
            said = self.refused("files", manifest=wanted(conf="2", timer="2"))
            self.assertRegex(
                said, "jibri.service: cannot tell whether a recording runs: .*nothing was restarted"
            )
            self.assertEqual(self.machine.orders(), [])
            self.assertEqual(self.machine.read("/etc/jitsi/jibri/jibri.conf"), "1", "as before")

    def test_a_jibri_that_is_down_has_nothing_to_spare(self) -> None:
        self.machine.unit(JIBRI, active=False)
        self.document["jibri"] |= {"health": "http://127.0.0.1:1", "internal": "http://127.0.0.1:1"}
        self.write()
        self.assertIn("restarted: audio-meet-sound", self.ok("files", manifest=wanted(sound="2")))

    def test_when_it_has_ended_the_guard_starts_jibri_again(self) -> None:
        self.busy = "BUSY"
        self.ok("files", manifest=wanted(conf="2"))
        self.assertEqual(self.guard(), "")
        self.assertEqual(self.machine.orders(), [])
        self.end_recording()
        self.assertEqual(self.guard(), "the recording has ended, restarted with the new settings: jibri")
        self.assertEqual(self.machine.orders(), [f"start {JIBRI}"])
        self.assertEqual((self.guard(), self.machine.orders()), ("", []))

    def test_sound_and_screen_wait_as_well_and_come_before_jibri(self) -> None:
        self.busy = "BUSY"
        self.assertIn(
            "audio-meet-sound restarts when the recording ends", self.ok("files", manifest=wanted(sound="2"))
        )
        self.ok("files", manifest=wanted(conf="2", sound="2"))
        self.end_recording()
        self.guard()
        self.assertEqual(self.machine.orders(), [f"restart {SOUND}", f"start {JIBRI}"])

    def test_a_new_version_waits_with_every_unit_of_the_recorder(self) -> None:
        self.busy = "BUSY"
        summary = self.ok("files", manifest=wanted(version="8.1"))
        names = "audio-meet-sound, jibri-xorg, jibri-icewm, jibri"
        self.assertIn(f"{names} restart when the recording ends", summary)
        self.assertEqual(self.machine.orders(), ["restart audio-meet-upload.timer"])

    def test_what_other_groups_change_waits_too(self) -> None:
        self.busy = "BUSY"
        secret = {"/etc/audio-meet/secrets/recorder.env": {**file("A=1"), "units": {JIBRI: "restart"}}}
        self.assertIn(
            "jibri restarts when the recording ends", self.ok("secrets", manifest=group("secrets", secret))
        )
        self.assertEqual(self.machine.orders(), [])

    def test_a_unit_that_is_down_starts_although_a_recording_runs(self) -> None:
        self.busy = "BUSY"
        self.machine.unit(SOUND, active=False)
        self.ok("files", manifest=wanted(sound="2"))
        self.assertEqual(self.machine.orders(), [f"start {SOUND}"])

    def test_a_jibri_that_somebody_restarted_meanwhile_is_told_again(self) -> None:
        self.busy = "BUSY"
        self.ok("files", manifest=wanted(sound="2"))
        self.jibri.asked.clear()
        self.guard()
        self.assertEqual(self.jibri.asked, [f"POST {SHUTDOWN}"])

    def test_while_the_disk_is_full_it_goes_on_waiting(self) -> None:
        self.busy = "BUSY"
        self.ok("files", manifest=wanted(sound="2"))
        self.guard(free=9)
        self.end_recording()
        for free in (9, 11):
            self.guard(free)
            self.assertEqual(self.machine.orders(), [])
        self.assertIn("accepts recordings", self.guard(free=13))
        self.assertEqual(self.machine.orders()[:2], [f"restart {SOUND}", f"start {JIBRI}"])

    def test_while_a_step_is_at_work_on_the_host_the_guard_leaves_it_to_the_next_time(self) -> None:
        self.busy = "BUSY"
        self.ok("files", manifest=wanted(conf="2"))
        self.end_recording()
        with self.machine.root.lock("files recorder"):
            self.assertEqual((self.guard(), self.machine.orders()), ("", []))
        self.guard()
        self.assertEqual(self.machine.orders(), [f"start {JIBRI}"])

    def test_the_verification_tells_what_is_still_to_come_and_does_not_fail_for_it(self) -> None:
        self.busy = "BUSY"
        self.ok("files", manifest=wanted(conf="2"))
        said = recorder.Recorder().run(self.machine.root, {"url": self.jibri.url})
        self.assertEqual(said, (True, "HEALTHY, BUSY; restarts when the recording ends: jibri"))

    def test_a_recorder_that_goes_owes_nothing_any_more(self) -> None:
        self.busy = "BUSY"
        self.ok("files", manifest=wanted(conf="2"))
        self.end_recording()
        self.ok("drain-recorder", manifest={**self.document, "deadlineMinutes": 0})
        self.machine.orders()
        self.assertEqual((self.guard(), self.machine.orders()), ("", []))

    def test_a_recorder_that_goes_says_that_it_waited_for_a_recording(self) -> None:
        self.busy = "BUSY"
        clock = mock.Mock(wraps=time, sleep=lambda _: self.end_recording())
        with mock.patch.object(drain_recorder, "time", clock):
            said = self.ok("drain-recorder", manifest={**self.document, "deadlineMinutes": 1})
        self.assertRegex(
            said, "draining: a recording is running[^\n]*\nthe running recording has ended; every "
        )

    def test_a_recorder_that_goes_waits_for_a_jibri_that_is_late(self) -> None:
        self.busy = "BUSY"
        self.jibri.answers[HEALTH] = Late(self, self.jibri.answers[HEALTH], times=2)
        clock = mock.Mock(wraps=time, sleep=lambda _: self.end_recording())
        with mock.patch.object(drain_recorder, "time", clock):
            said = self.ok("drain-recorder", manifest={**self.document, "deadlineMinutes": 1})
        self.assertIn("the running recording has ended", said)

    def test_a_recorder_that_does_not_say_whether_it_records_stays(self) -> None:
        self.machine.root.answer_seconds = 0.1
        self.jibri.answers[HEALTH] = Late(self, {}, times=99)
        said = self.refused("drain-recorder", manifest={**self.document, "deadlineMinutes": 0})
        self.assertIn("cannot tell whether a recording runs", said)
        self.assertEqual(self.machine.state(JIBRI), "active")
        self.assertEqual(self.machine.state(JIBRI, "UnitFileState"), "enabled")
        self.assertEqual(self.machine.state("audio-meet-upload.timer"), "active", "goes on trying")

    def test_an_order_to_end_that_was_not_taken_is_given_again(self) -> None:
        self.jibri.answers[SHUTDOWN] = Late(self, {}, times=1)
        clock = mock.Mock(wraps=time, sleep=lambda _: self.end_recording() if len(self.told()) > 1 else None)
        with mock.patch.object(drain_recorder, "time", clock):
            self.ok("drain-recorder", manifest={**self.document, "deadlineMinutes": 1})
        self.assertEqual(len(self.told()), 2)

    def told(self) -> list[str]:
        return [asked for asked in self.jibri.asked if asked == f"POST {SHUTDOWN}"]

    def test_a_host_without_recordings_asks_nobody(self) -> None:
        self.machine.root.path(CONFIG).unlink()
        self.busy = "BUSY"
        self.ok("files", manifest=wanted(conf="2"))
        self.assertEqual(self.jibri.asked, [])
        self.assertEqual(self.machine.orders(), [f"restart {JIBRI}"])
