"""A parked bridge: emptied and stopped, its files kept up to date, and started by the group that wakes it."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

from audio_meet.bridge import drain
from audio_meet.system.documents import Json
from daemon import Late

from bridge.test_hand_over import UNIT, Bridge


class Parking(Bridge):
    def setUp(self) -> None:
        super().setUp()
        self.daemon.answers[drain.ENABLE] = {}
        for name in ("STATISTICS_SECONDS", "EXIT_SECONDS"):
            patched = mock.patch.object(drain, name, 0.1)
            patched.start()
            self.addCleanup(patched.stop)

    def parked(self, content: str = "1", minutes: float = 1, **more: Any) -> Json:
        drained = {"url": self.daemon.url, "unit": UNIT, "deadlineMinutes": minutes}
        return {**self.manifest(content, **more), "run": [], "parks": drained}

    def down(self) -> list[str]:
        return [self.machine.state(UNIT), self.machine.state(UNIT, "UnitFileState")]

    def test_it_takes_nobody_new_and_is_stopped_for_good_when_it_is_empty(self) -> None:
        turns = iter([3, 1])
        count = lambda: {"conferences": min(1, n := next(turns, 0)), "local_endpoints": n}  # noqa: E731
        self.daemon.answers["/colibri/stats"] = count
        out = self.ok("files", manifest=self.parked())
        self.assertIn("draining: 3 participants in 1 conferences", out)
        self.assertIn(f"parked: empty; stopped: {UNIT}", out)
        self.assertEqual(self.daemon.asked[-1], "GET /colibri/stats")
        self.assertIn(f"POST {drain.ENABLE}", self.daemon.asked)
        self.assertEqual(self.down(), ["inactive", "disabled"])

    def test_who_is_there_at_the_deadline_is_moved(self) -> None:
        self.people(2)
        out = self.ok("files", manifest=self.parked(minutes=0.002))
        self.assertIn("parked: 2 participants were moved after 0.002 min", out)
        self.assertEqual(self.down(), ["inactive", "disabled"])

    def test_twice_changes_nothing(self) -> None:
        self.ok("files", manifest=self.parked())
        self.machine.calls()
        self.daemon.asked.clear()
        self.assertEqual(self.ok("files", manifest=self.parked()), "nothing to change")
        self.assertEqual((self.machine.calls(), self.daemon.asked), ([], []))

    def test_its_files_follow_and_nothing_starts_by_them(self) -> None:
        self.ok("files", manifest=self.parked())
        self.machine.calls()
        self.assertEqual(self.ok("files", manifest=self.parked("2")), "changed: /etc/jvb.conf")
        self.assertEqual((self.machine.read("/etc/jvb.conf"), self.machine.orders()), ("2", []))

    def test_it_is_back_with_what_came_meanwhile(self) -> None:
        self.ok("files", manifest=self.parked())
        self.ok("files", manifest=self.parked("2"))
        self.machine.calls()
        self.assertEqual(self.ok("files", manifest=self.manifest("2")), "started: jitsi-videobridge2")
        self.assertEqual(self.down(), ["active", "enabled"])

    def test_one_that_only_would_start_with_the_machine_is_disabled(self) -> None:
        self.machine.unit(UNIT, active=False)
        self.ok("files", manifest=self.parked())
        self.assertEqual(self.down(), ["inactive", "disabled"])

    def test_one_that_does_not_answer_is_left_with_whoever_is_on_it_and_its_files(self) -> None:
        self.machine.root.answer_seconds = 0.1
        self.daemon.answers[drain.ENABLE] = Late(self, {}, times=99)
        code, _, err = self.machine.cli("files", manifest=self.parked("2", minutes=0.002))
        self.assertEqual(code, 1)
        self.assertIn("cannot tell whether anybody is on this bridge", err)
        self.assertEqual(self.down(), ["active", "enabled"])
        self.assertEqual(self.machine.read("/etc/jvb.conf"), "1")

    def test_drift_finds_one_that_was_started_by_hand_or_would_start_and_its_step_puts_it_right(self) -> None:
        self.ok("files", manifest=self.parked())
        self.assertEqual(self.drift(), [])
        self.machine.unit(UNIT, active=True, enabled=True)
        self.assertEqual(
            self.drift(),
            [("enabled", UNIT, "disabled", "enabled"), ("active", UNIT, "down", "active, running")],
        )
        self.ok("files", manifest=self.parked())
        self.assertEqual((self.down(), self.drift()), (["inactive", "disabled"], []))
        self.ok("files", manifest=self.manifest("1"))
        self.assertEqual(self.drift(), [])

    def drift(self) -> list[tuple[str, str, str, str]]:
        code, out, err = self.machine.cli("drift")
        self.assertIn(code, (0, 2), err)
        found = json.loads(out)["drift"]
        self.assertEqual({entry["step"] for entry in found} - {self.manifest("1")["group"]}, set())
        return [(entry["kind"], entry["name"], entry["expected"], entry["found"]) for entry in found]

    def test_a_verification_says_whether_it_is_down_and_stays_so(self) -> None:
        check = {"checks": [{"kind": "down", "name": UNIT}], "timeoutSeconds": 0.05}
        for active, enabled, found in (
            (False, False, (True, "is down")),
            (False, True, (False, "starts with the machine")),
            (True, False, (False, "active, running")),
        ):
            self.machine.unit(UNIT, active=active, enabled=enabled)
            code, out, _ = self.machine.cli("verify", manifest=check)
            [answer] = json.loads(out)["checks"] if code == 0 else [None]
            if answer is not None:
                self.assertEqual((answer["ok"], answer["detail"]), found)
            self.assertEqual(code == 0, found[0])
