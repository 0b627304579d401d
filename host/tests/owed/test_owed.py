"""Restarts that wait on a host: what changes at once, what does not, and when they are paid."""

import json
import os
from typing import Any
from unittest import mock

from audio_meet.network import people
from audio_meet.owed import store
from audio_meet.paying import pay
from audio_meet.system.documents import Json
from daemon import Daemon
from machine import MachineCase, file, group

PROSODY, JVB, NGINX = "prosody.service", "prosody-jvb.service", "nginx.service"
EMPTY: Json = {"units": [PROSODY]}
SUNDAY = {
    **{"days": ["Sun"], "begins": "03:00", "ends": "05:00", "zone": "Europe/Berlin"},
    "text": "Sun 03:00-05:00 Europe/Berlin",
}
PRICE = {"who": "everybody", "what": "has to join again", "count": "core"}
CONFIG = "/etc/prosody/prosody.cfg.lua"


def prosody(text: str, restarts: Json | None = EMPTY, **more: Any) -> Json:
    """The group of the main Prosody."""
    files = {CONFIG: file(text, prosody_service="restart")}
    wanted = group("prosody", files, [PROSODY], prices={PROSODY: PRICE}, **more)
    return wanted if restarts is None else {**wanted, "restarts": restarts}


class Owed(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.stats = {"conferences": 3, "participants": 214}
        self.jicofo = Daemon(self, {"/stats": lambda: self.stats, "/debug": lambda: {}})
        for unit in (PROSODY, JVB, NGINX):
            self.machine.unit(unit)
        self.ok("files", manifest=prosody("1"))
        self.check = {"kind": "jicofo", "url": self.jicofo.url, "bridges": []}
        self.verify()
        self.at = 1_796_212_800.0  # 2026-12-02 12:00 UTC, a Wednesday
        self.machine.root.now = lambda: self.at
        self.machine.calls()

    def verify(self, *checks: Json) -> Json:
        manifest = {"checks": [self.check, *checks], "timeoutSeconds": 0.1}
        code, out, err = self.machine.cli("verify", manifest=manifest)
        return {**json.loads(out), "code": code, "err": err}

    def leave(self) -> None:
        """Everybody goes."""
        self.stats = {"conferences": 0, "participants": 0}

    def looked(self, *, seconds: float = 30) -> str:
        """One run of the timer, so much after the last one."""
        self.at += seconds
        return self.ok("pay-owed")

    def test_a_change_that_throws_people_out_waits_and_nothing_of_it_is_live(self) -> None:
        out = self.ok("files", manifest=prosody("2"))
        self.assertEqual(
            out,
            "owed: restart of prosody (everybody in 3 conferences, 214 people, has to join again), "
            f"until nobody is in a conference; waits with it: {CONFIG}",
        )
        self.assertEqual((self.machine.read(CONFIG), self.machine.orders()), ("1", []))
        self.assertEqual(json.loads(self.ok("drift"))["drift"], [])

    def test_it_is_listed_until_it_is_paid(self) -> None:
        self.assertEqual(self.ok("owed"), "nothing is owed")
        self.ok("files", manifest=prosody("2"))
        since = "since 2026-12-02T12:00:00Z"
        waits = f"prosody restarts for {CONFIG}: waits until nobody is in a conference, {since}"
        self.assertEqual(self.ok("owed"), waits)
        listed = json.loads(self.ok("owed", "--json"))
        self.assertEqual(listed["owed"][0]["restarts"], [PROSODY])
        self.assertEqual(listed["owed"][0]["until"], "until nobody is in a conference")
        self.assertEqual(self.verify()["owed"], [waits])
        self.leave()
        self.looked()
        self.assertIn("restarted: prosody", self.looked())
        self.assertEqual(self.ok("owed"), "nothing is owed")
        self.assertNotIn("owed", self.verify())

    def test_it_is_done_at_the_second_look_that_finds_nobody(self) -> None:
        self.ok("files", manifest=prosody("2"))
        self.assertEqual(self.looked(), "")
        self.leave()
        self.assertEqual(self.looked(), "")
        self.stats = {"conferences": 1, "participants": 1}
        self.assertEqual(self.looked(), "")
        self.leave()
        self.assertEqual(self.looked(), "")
        self.assertEqual(self.machine.read(CONFIG), "1")
        self.looked()
        self.assertEqual((self.machine.read(CONFIG), self.machine.orders()), ("2", [f"restart {PROSODY}"]))

    def test_a_jicofo_that_does_not_answer_is_no_empty_room(self) -> None:
        self.ok("files", manifest=prosody("2"))
        self.jicofo.answers["/stats"] = lambda: {"participants": "many"}
        for _ in range(4):
            self.assertEqual(self.looked(), "")
        self.assertEqual(self.machine.read(CONFIG), "1")

    def test_nobody_there_nothing_waits(self) -> None:
        self.leave()
        self.assertIn("restarted: prosody", self.ok("files", manifest=prosody("2")))

    def test_without_the_key_nothing_waits_and_what_waited_is_paid(self) -> None:
        self.ok("files", manifest=prosody("2"))
        self.assertIn("restarted: prosody", self.ok("files", manifest=prosody("2", None)))
        self.assertEqual(self.ok("owed"), "nothing is owed")

    def test_a_further_change_joins_what_is_owed_and_one_back_owes_nothing(self) -> None:
        self.ok("files", manifest=prosody("2"))
        self.at += 3600
        self.ok("files", manifest=prosody("3"))
        self.assertIn("since 2026-12-02T12:00:00Z", self.ok("owed"))
        self.assertEqual(self.ok("files", manifest=prosody("1")), "nothing to change")
        self.assertEqual(self.ok("owed"), "nothing is owed")

    def test_a_reload_goes_at_once(self) -> None:
        files = {
            CONFIG: file("1", prosody_service="restart"),
            "/etc/note": file("a", prosody_service="reload"),
        }
        wanted = {**group("prosody", files, [PROSODY]), "restarts": EMPTY}
        self.assertIn("reloaded: prosody", self.ok("files", manifest=wanted))

    def test_a_file_that_must_not_wait_does_not_and_says_why(self) -> None:
        at_once = {**EMPTY, "atOnce": {CONFIG: "the key of the authority is known"}}
        out = self.ok("files", manifest=prosody("2", at_once))
        self.assertIn(f"does not wait: {CONFIG}: the key of the authority is known", out)
        self.assertIn("restarted: prosody", out)

    def test_a_daemon_that_is_down_is_started_at_once(self) -> None:
        self.machine.unit(PROSODY, active=False)
        self.assertIn("started: prosody", self.ok("files", manifest=prosody("2")))

    def test_an_interrupted_step_is_finished_whoever_is_there(self) -> None:
        (self.machine.folder / "kill-parent").write_text(PROSODY)
        pid = os.fork()
        if pid == 0:
            self.machine.cli("files", manifest=prosody("2", None))
            os._exit(0)
        os.waitpid(pid, 0)
        self.machine.calls()
        self.assertIn("restarted: prosody", self.ok("files", manifest=prosody("2")))

    def test_in_its_window_it_is_done_whoever_is_there_and_before_it_is_not(self) -> None:
        self.leave()
        out = self.ok("files", manifest=prosody("2", {**EMPTY, "window": SUNDAY}))
        self.assertIn("until Sun 2026-12-06 03:00 CET (Sun 03:00-05:00 Europe/Berlin)", out)
        self.stats = {"conferences": 1, "participants": 9}
        self.assertEqual(self.looked(seconds=3 * 86400 + 13 * 3600), "")
        self.assertIn("restarted: prosody", self.looked(seconds=3600))

    def test_in_its_window_a_step_waits_for_nobody(self) -> None:
        self.at += 3 * 86400 + 14 * 3600 + 60
        wanted = prosody("2", {**EMPTY, "window": SUNDAY})
        self.assertIn("restarted: prosody", self.ok("files", manifest=wanted))

    def test_what_does_not_start_is_put_back_told_and_not_tried_again(self) -> None:
        self.machine.poison(PROSODY, CONFIG, "broken")
        self.ok("files", manifest=prosody("broken"))
        self.leave()
        self.looked()
        self.at += 30
        self.assertIn("prosody.service: does not stay up", self.refused("pay-owed"))
        self.assertEqual((self.machine.read(CONFIG), self.machine.state(PROSODY)), ("1", "active"))
        self.assertIn("prosody went wrong at", self.ok("owed"))
        self.machine.calls()
        self.assertEqual((self.looked(), self.looked(), self.machine.orders()), ("", "", []))
        self.assertIn("restarted: prosody", self.ok("files", manifest=prosody("3")))
        self.assertEqual(self.ok("owed"), "nothing is owed")

    def test_an_operator_pays_at_once(self) -> None:
        self.ok("files", manifest=prosody("2"))
        self.assertIn("restarted: prosody", self.ok("pay-owed", "now"))

    def test_a_check_that_came_with_it_is_not_broken_before_and_is_after(self) -> None:
        self.ok("files", manifest=prosody("2"))
        fresh = {"kind": "unit", "name": "not-there.service"}
        told = self.verify(fresh)
        self.assertEqual((told["code"], told["healthy"]), (0, True))
        self.assertIn("waits for a restart that is owed", told["checks"][1]["detail"])
        self.assertEqual(json.loads(self.ok("health"))["healthy"], True)
        self.leave()
        self.looked()
        self.at += 30
        error = self.refused("pay-owed")
        self.assertIn("not-there.service", error)
        self.assertEqual(self.machine.read(CONFIG), "2")
        self.assertIn("verification went wrong", self.ok("owed"))
        self.assertEqual(self.verify()["healthy"], True)
        self.assertEqual(self.ok("owed"), "nothing is owed")

    def test_a_check_that_held_before_has_to_hold_while_something_is_owed(self) -> None:
        self.verify({"kind": "unit", "name": NGINX})
        self.ok("files", manifest=prosody("2"))
        self.machine.unit(NGINX, active=False)
        self.assertEqual(self.verify({"kind": "unit", "name": NGINX})["healthy"], False)

    def test_a_group_that_goes_takes_what_it_owes_with_it(self) -> None:
        self.ok("files", manifest=prosody("2"))
        self.ok("remove", "prosody")
        self.assertEqual(self.ok("owed"), "nothing is owed")

    def test_somebody_comes_between_the_look_and_the_lock(self) -> None:
        self.ok("files", manifest=prosody("2"))
        self.leave()
        self.looked()
        self.at += 30
        with mock.patch.object(people, "is_empty", side_effect=[True, False]):
            self.assertEqual(pay.pay(self.machine.root), "")
        self.assertEqual(self.machine.read(CONFIG), "1")
        self.assertEqual(len(store.entries(self.machine.root)), 1)

    def test_a_step_at_work_is_not_waited_for(self) -> None:
        self.ok("files", manifest=prosody("2"))
        self.leave()
        self.looked()
        with self.machine.root.lock("files prosody"):
            self.assertEqual(self.looked(), "")
        self.assertIn("restarted: prosody", self.looked())
