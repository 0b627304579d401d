"""What happens around jibri: room on the disk, what a crash has left, and the end of a recorder."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import stat
import threading
import time
import zipfile
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from unittest import mock

from audio_meet.checks.kinds import jitsi
from audio_meet.checks.kinds import recorder as checks_recorder
from audio_meet.network import way_out, xmpp_login
from audio_meet.recorder import browser, drain_recorder, recorder, upload, upload_config
from audio_meet.system import systemd
from audio_meet.system.errors import HostError
from daemon import Daemon, Late
from machine import MachineCase, file, group
from recording_case import CONFIG, NAME, RecordingCase

SHUTDOWN = "/jibri/api/internal/v1.0/gracefulShutdown"


class Guard(RecordingCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.unit("jibri.service")
        self.machine.command("runuser", 'shift 3; exec "$@"')
        self.machine.root.path("/run").mkdir()
        self.jibri = Daemon(self, {SHUTDOWN: {}})
        self.document["jibri"]["internal"] = self.jibri.url
        self.document["disk"] = {"stopBelowPercent": 10, "resumeAbovePercent": 12, "endBelowPercent": 3}
        self.document["receivers"] = {"webhook": "http://127.0.0.1:1/"}

    def guard(self, free: float) -> str:
        self.write()
        with mock.patch.object(upload_config.Config, "free_percent", return_value=free):
            return self.ok("recorder", "guard", CONFIG)

    def told(self) -> list[str]:
        files = sorted((self.folder / "queue").glob("*.notice"))
        return [json.loads(file.read_text())["body"]["event"] for file in files]

    def test_a_disk_with_room_changes_nothing(self) -> None:
        self.assertEqual(self.guard(11), "")
        self.assertEqual(self.jibri.asked, [])
        self.assertEqual(self.machine.orders(), [])

    def test_nearly_full_no_new_recording_begins_and_it_is_said_once(self) -> None:
        self.assertIn("no new recording", self.guard(9.5))
        self.assertEqual(self.jibri.asked, [f"POST {SHUTDOWN}"])
        self.assertEqual(self.machine.orders(), [], "a recording that runs may end by itself")
        self.assertEqual(self.guard(9.4), "")
        self.assertEqual(self.told(), ["recorder.full"])

    def test_fuller_the_recording_ends_before_the_disk_does(self) -> None:
        self.assertIn("queued for upload", self.guard(2.5))
        self.assertEqual(self.machine.orders(), ["stop jibri.service"])

    def test_with_room_again_the_recorder_takes_orders(self) -> None:
        self.guard(2.5)
        self.machine.orders()
        self.assertEqual(self.guard(11), "", "not yet")
        self.assertIn("accepts recordings", self.guard(13))
        self.assertEqual(self.machine.orders(), ["start jibri.service"])
        self.assertEqual(self.told(), ["recorder.full", "recorder.free"])

    def test_a_recording_that_outlives_the_shortage_ends_before_jibri_starts_again(self) -> None:
        self.guard(9.5)
        self.assertEqual(self.guard(13), "", "jibri was told to end with its recording")
        self.assertEqual(self.machine.orders(), [])
        self.machine.unit("jibri.service", active=False)
        self.assertIn("accepts recordings", self.guard(13))
        self.assertEqual(self.machine.orders(), ["start jibri.service"])

    def test_what_jibri_left_behind_reaches_the_uploader_while_the_disk_is_full(self) -> None:
        self.left_behind()
        self.guard(9)
        self.assertEqual(self.here(), [f"recordings/{NAME}/room.ogg"], "jibri may still write")
        self.machine.unit("jibri.service", active=False)
        self.guard(9)
        self.assertEqual(self.here(), [f"handover/{NAME}/room.ogg"])

    def test_on_a_full_disk_jibri_does_not_start(self) -> None:
        self.left_behind()
        self.write()
        with mock.patch.object(upload_config.Config, "free_percent", return_value=9.0):
            self.assertRegex(
                self.refused("recorder", "prepare", CONFIG), "9.0 % of the disk is free.*free disk space"
            )
        self.assertEqual(self.here(), [f"handover/{NAME}/room.ogg"], "what fills the disk is taken away")


class Prepare(RecordingCase):
    def test_what_a_crash_left_is_handed_over_and_empty_folders_go(self) -> None:
        self.left_behind()
        (self.folder / "recordings" / "empty").mkdir()
        self.write()
        self.assertIn(f"queued for upload: {NAME}", self.ok("recorder", "prepare", CONFIG))
        self.assertEqual(self.here(), [f"handover/{NAME}/room.ogg"])
        self.assertEqual(list((self.folder / "recordings").iterdir()), [])


class Driver(RecordingCase):
    def test_jibri_reaches_the_driver_whatever_the_umask_of_its_unit(self) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as content:
            content.writestr("chromedriver-linux64/chromedriver", "#!/bin/sh\necho ChromeDriver 1.2.3.4\n")
        self.machine.command("google-chrome", "echo Google Chrome 1.2.3.4")
        config = self.config()
        before = os.umask(0o027)
        try:
            with mock.patch.object(way_out.WayOut, "opener") as opener:
                opener.return_value.open.return_value.__enter__.return_value.read.return_value = (
                    archive.getvalue()
                )
                self.assertEqual(browser.fetch_driver(self.machine.root, config), "driver 1.2.3.4")
                self.assertEqual(browser.fetch_driver(self.machine.root, config), "", "it fits already")
        finally:
            os.umask(before)
        modes = [
            stat.S_IMODE(path.stat().st_mode) for path in (config.driver, config.driver / "chromedriver")
        ]
        self.assertEqual(modes, [0o755, 0o755])

    def test_a_chrome_that_does_not_say_its_version_is_not_one_without_need_of_a_driver(self) -> None:
        late = self.machine.folder / "late"
        self.machine.command("google-chrome", f"[ -e {late} ] || {{ touch {late}; exit 1; }}; echo 1.2.3.4")
        config = self.config()
        config.driver.mkdir()
        (config.driver / "chromedriver").write_text("#!/bin/sh\necho ChromeDriver 1.2.3.4\n")
        (config.driver / "chromedriver").chmod(0o755)
        self.assertEqual(browser.fetch_driver(self.machine.root, config), "", "it is asked a second time")
        self.machine.command("google-chrome", "exit 1")
        with self.assertRaisesRegex(HostError, "does not print its version"):
            browser.fetch_driver(self.machine.root, config)


class Drain(RecordingCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.unit("jibri.service")
        for name in ("audio-meet-upload.timer", "audio-meet-upload.path", "audio-meet-disk-guard.timer"):
            self.machine.unit(name)

    def drain(self, deliver: bool) -> tuple[int, str, str]:
        def order(root: Any, verb: str, *names: str) -> bool:
            if (verb, names) == ("start", ("audio-meet-upload.service",)) and deliver:
                with mock.patch.object(upload, "_upload_one", return_value={}):
                    upload.upload(root, self.config())
            return bool(root.run(["systemctl", verb, *names]).code == 0)

        manifest = {**self.document, "deadlineMinutes": 0}
        with mock.patch.object(systemd, "try_order", order):
            return self.machine.cli("drain-recorder", manifest=manifest)

    def test_a_recorder_goes_once_everything_has_arrived(self) -> None:
        self.handed_over()
        code, out, err = self.drain(deliver=True)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("every recording is in the bucket", out)
        self.assertEqual(self.machine.state("jibri.service"), "inactive")
        self.assertEqual(self.machine.state("audio-meet-upload.timer"), "inactive")

    def clock(self, monotonic: Callable[[], float], sleep: Callable[[float], None]) -> SimpleNamespace:
        """The module `time` for the drain alone: waiting for a process sleeps as well."""
        words = {"time": time.time, "gmtime": time.gmtime, "strftime": time.strftime}
        return SimpleNamespace(**words, monotonic=monotonic, sleep=sleep)

    def test_meanwhile_it_says_what_waits_why_and_until_when_and_asks_a_dead_storage_less_and_less(
        self,
    ) -> None:
        self.handed_over()
        self.handed_over(f"{NAME}-2")
        clock, naps = [1000.0], []
        asked: list[float] = []

        def order(root: Any, verb: str, *names: str) -> bool:
            if names == ("audio-meet-upload.service",):
                asked.append(clock[0])
                return self.machine.cli("upload", CONFIG)[0] == 0
            return True

        def sleep(seconds: float) -> None:
            naps.append(seconds)
            clock[0] += seconds

        self.write()
        with (
            mock.patch.object(systemd, "try_order", order),
            mock.patch.object(drain_recorder, "time", self.clock(lambda: clock[0], sleep)),
            mock.patch.object(upload, "_upload_one", side_effect=HostError("bucket b", "is down", "mend it")),
        ):
            code, out, err = self.machine.cli(
                "drain-recorder", manifest={**self.document, "deadlineMinutes": 1}
            )
        self.assertEqual(code, 1)
        lines = [line for line in out.splitlines() if line.startswith("draining: ")]
        self.assertRegex(lines[0], r"^draining: 2 recordings are being uploaded, until \d\d:\d\d UTC")
        self.assertRegex(
            lines[1],
            rf"2 recordings are waiting, until \d\d:\d\d UTC at the latest; {NAME}-2: bucket b: is down$",
        )
        self.assertEqual(len(lines), 2, "what is said already is not said again")
        shortest, longest = (n * self.machine.root.poll_seconds for n in (5, 120))
        self.assertEqual(naps[:3], [shortest, 2 * shortest, 4 * shortest])
        self.assertEqual(max(naps), longest)
        self.assertAlmostEqual(asked[-1], 1060, msg="the deadline is the last chance")
        self.assertIn("is down", err)

    def test_while_recordings_arrive_it_does_not_slow_down(self) -> None:
        for number in range(4):
            self.handed_over(f"{NAME}-{number}")
        naps: list[float] = []

        def order(root: Any, verb: str, *names: str) -> bool:
            if names == ("audio-meet-upload.service",):
                drain_recorder.upload_queue.take_over(self.config())
                shutil.rmtree(drain_recorder.upload_queue.waiting(self.config())[0])
                return False
            return True

        with (
            mock.patch.object(systemd, "try_order", order),
            mock.patch.object(drain_recorder, "time", self.clock(time.monotonic, naps.append)),
        ):
            self.ok("drain-recorder", manifest={**self.document, "deadlineMinutes": 60})
        self.assertEqual(naps, [5 * self.machine.root.poll_seconds] * 3)

    def test_a_folder_that_is_missing_is_not_an_empty_one(self) -> None:
        shutil.rmtree(self.folder)
        self.assertEqual(
            self.ok("drain-recorder", manifest={**self.document, "deadlineMinutes": 0}),
            "nothing was ever recorded here",
        )
        self.ok("files", manifest=group("recorder", {"/etc/x": file("1")}))
        said = self.refused("drain-recorder", manifest={**self.document, "deadlineMinutes": 0})
        self.assertRegex(said, "recordings: is missing although .* cannot be checked; mount its disk")
        self.assertEqual(self.machine.state("jibri.service"), "active")

    def test_it_stays_while_a_recording_has_not_and_goes_on_trying(self) -> None:
        self.handed_over()
        code, _, err = self.drain(deliver=False)
        self.assertEqual(code, 1)
        self.assertRegex(
            err, f"1 recordings are not in the bucket \\({NAME}: not tried\\).*correct the storage"
        )
        self.assertEqual(self.machine.state("audio-meet-upload.timer"), "active")
        self.assertEqual(len(self.here()), 2)


class Stop(RecordingCase):
    """What jibri's unit runs when it is stopped; systemd ends jibri hard once it returns."""

    ORDER = "/jibri/api/internal/v1.0/shutdown"

    def setUp(self) -> None:
        super().setUp()
        self.machine.unit("jibri.service", ActiveState="deactivating")
        health = {"status": {"busyStatus": "BUSY", "health": {"healthStatus": "HEALTHY"}}}
        self.jibri = Daemon(self, {self.ORDER: {}, "/jibri/api/v1.0/health": health})
        self.document["jibri"] |= {"health": self.jibri.url, "internal": self.jibri.url}
        self.write()

    def test_it_returns_when_jibri_is_gone(self) -> None:
        self.jibri.answers[self.ORDER] = self.gone
        self.assertIn("has stopped", self.ok("recorder", "stop", CONFIG))

    def gone(self) -> dict[str, Any]:
        self.machine.unit("jibri.service", ActiveState="deactivating", MainPID="0")
        self.jibri.answers.clear()
        return {}

    def test_a_jibri_that_is_late_is_told_again_and_is_not_taken_for_gone(self) -> None:
        self.jibri.answers[self.ORDER] = Late(self, {}, times=1)
        self.jibri.answers["/jibri/api/v1.0/health"] = Late(self, self.gone, times=2)
        self.assertIn("has stopped", self.ok("recorder", "stop", CONFIG))
        self.assertEqual(self.jibri.asked[:2], [f"POST {self.ORDER}"] * 2)
        self.assertGreaterEqual(len(self.jibri.asked), 5)

    def test_one_that_does_not_end_is_said_so(self) -> None:
        with mock.patch.object(recorder, "STOP_SECONDS", 0.1):
            self.assertIn("still runs after 0.1 s", self.refused("recorder", "stop", CONFIG))

    def test_one_that_is_down_has_nothing_to_end(self) -> None:
        self.machine.unit("jibri.service", ActiveState="failed")
        self.document["jibri"]["internal"] = "http://127.0.0.1:1"
        self.write()
        self.assertEqual(self.ok("recorder", "stop", CONFIG), "jibri.service is failed, nothing to end")


class Retry(RecordingCase):
    def test_by_hand_every_pause_ends_at_once(self) -> None:
        self.machine.unit("audio-meet-upload.service")
        (self.folder / "queue" / NAME).mkdir()
        (self.folder / "queue" / f"{NAME}.json").write_text('{"next": 9e9, "attempts": 3}')
        self.write()
        self.assertEqual(self.ok("recorder", "retry", CONFIG), "1 recordings are waiting")
        self.assertEqual(self.memory(), {"next": 0, "attempts": 3})
        self.assertEqual(self.machine.orders(), ["start audio-meet-upload.service"])

    def refusing(self, then: str = "") -> None:
        """A systemctl whose start fails after `then`, shell; other verbs are as ever."""
        real, own = self.machine.bin / "real-systemctl", self.machine.bin / "systemctl"
        if not real.exists():
            own.rename(real)
        words = "echo 'Job for audio-meet-upload.service failed' >&2; exit 1"
        own.write_text(f'#!/bin/sh\n[ "$1" = start ] || exec {real} "$@"\n{then}\n{words}\n')
        own.chmod(0o755)

    def test_it_quotes_why_a_recording_stays(self) -> None:
        self.machine.unit("audio-meet-upload.service", active=False)
        (self.folder / "queue" / NAME).mkdir()
        memory = self.folder / "queue" / f"{NAME}.json"
        memory.write_text('{"next": 9e9, "reason": "of long ago"}')
        self.write()
        self.refusing()
        self.assertIn("systemctl start failed: Job for", self.refused("recorder", "retry", CONFIG))
        self.machine.unit("audio-meet-upload.service", ActiveState="activating")
        self.assertIn("the uploader is working on them", self.ok("recorder", "retry", CONFIG))
        now = json.dumps({"next": 9e9, "reason": "bucket b: the storage does not answer"})
        self.refusing(f"echo '{now}' >{memory}")
        self.assertRegex(
            self.refused("recorder", "retry", CONFIG),
            f"1 recordings are waiting: {NAME}: bucket b: the storage does not answer; correct that",
        )


class Checks(MachineCase):
    def test_recorders_are_counted_whether_they_are_free_or_at_work(self) -> None:
        page = (
            "# TYPE x gauge\njitsi_jicofo_jibri_instances 3.0\n"
            "jitsi_jicofo_jibri_instances_available 1.0\njitsi_jicofo_jibri_recording_active 1.0\n"
        )
        with mock.patch.object(jitsi.http_local, "request", return_value=(200, page)):
            for planned, right in ((2, True), (3, False)):
                check = {"url": "http://127.0.0.1:1", "recorders": planned}
                ok, said = jitsi.JicofoRecorders().run(self.machine.root, check)
                self.assertEqual((ok, said), (right, f"2 of 3 recorders usable, {planned} planned"))

    def test_jibri_must_be_well_and_not_used_up(self) -> None:
        for busy, health, right in (
            ("IDLE", "HEALTHY", True),
            ("BUSY", "HEALTHY", True),
            ("EXPIRED", "HEALTHY", False),
            ("IDLE", "UNHEALTHY", False),
        ):
            status = {"status": {"busyStatus": busy, "health": {"healthStatus": health}}}
            daemon = Daemon(self, {"/jibri/api/v1.0/health": status})
            ok, said = checks_recorder.Recorder().run(self.machine.root, {"url": daemon.url})
            self.assertEqual((ok, said), (right, f"{health}, {busy}"))

    def test_a_refused_login_says_so(self) -> None:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            answer = b"<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>"

            def refuse() -> None:
                theirs.recv(4096)
                theirs.sendall(answer)

            threading.Thread(target=refuse).start()
            with self.assertRaisesRegex(xmpp_login.LoginError, "not-authorized"):
                xmpp_login.log_in(ours, "jibri", "password")
