"""A bridge that restarts with somebody on it: they are moved first, also for a new version."""

from __future__ import annotations

import json
from typing import Any
from unittest import mock

from audio_meet.bridge import hand_over
from audio_meet.system.documents import Json
from daemon import Daemon, Late
from machine import MachineCase, file, group
from packages.test_packages import wanted

UNIT = hand_over.UNIT
PACKAGE = "jitsi-videobridge2"
SHUTDOWN = 'POST /colibri/shutdown {"graceful-shutdown": "false"}'


class Bridge(MachineCase):
    """A machine with a bridge that runs, as the deployment left it."""

    def setUp(self) -> None:
        super().setUp()
        self.stats = {"conferences": 0, "local_endpoints": 0}
        self.daemon = Daemon(
            self,
            {
                "/colibri/stats": lambda: self.stats,
                "/colibri/shutdown": self.shutdown,
                hand_over.CONFERENCES: {},
            },
        )
        self.machine.unit(UNIT, active=False)
        fast = {"URL": self.daemon.url, "HEARD_SECONDS": 0.01, "START_SECONDS": 0.2}
        for name, value in fast.items():
            patched = mock.patch.object(hand_over, name, value)
            patched.start()
            self.addCleanup(patched.stop)
        self.ok("files", manifest=self.manifest("1"))
        self.machine.calls()

    def shutdown(self) -> dict[str, Any]:
        """jicofo moves everybody, and the bridge ends by itself."""
        self.people(0)
        self.machine.unit(UNIT, active=False)
        return {}

    def people(self, count: int) -> None:
        self.stats.update(conferences=min(count, 1), local_endpoints=count)

    def manifest(self, content: str, version: str = "1.0", **more: Any) -> Json:
        files = {"/etc/jvb.conf": {**file(content), "units": {UNIT: "restart"}}}
        return group("videobridge", files, [UNIT], packages={PACKAGE: version}, handOver=True, **more)

    def orders_to_the_bridge(self) -> list[str]:
        return [line for line in self.daemon.asked if line.startswith("POST /colibri/shutdown")]


class HandOver(Bridge):
    def test_whoever_is_there_is_moved_and_the_bridge_has_ended_before_it_starts_anew(self) -> None:
        self.people(3)
        out = self.ok("files", manifest=self.manifest("2"))
        self.assertIn("moved to other bridges: 3 participants of 1 conferences; changed: /etc/jvb.conf", out)
        self.assertEqual(self.orders_to_the_bridge(), [SHUTDOWN])
        self.assertEqual(self.machine.orders(), [f"restart {UNIT}"])
        self.assertEqual(self.machine.state(UNIT), "active")

    def test_jicofo_has_time_to_hear_of_the_bridge_before_this_one(self) -> None:
        self.people(1)
        with mock.patch.object(hand_over.time, "sleep") as sleep:
            self.ok("files", manifest=self.manifest("2"))
        self.assertIn(mock.call(hand_over.HEARD_SECONDS), sleep.call_args_list)

    def test_an_empty_bridge_restarts_at_once(self) -> None:
        self.assertNotIn("moved", self.ok("files", manifest=self.manifest("2")))
        self.assertEqual(self.orders_to_the_bridge(), [])
        self.assertEqual(self.machine.orders(), [f"restart {UNIT}"])

    def test_the_only_bridge_restarts_at_once(self) -> None:
        self.people(3)
        self.ok("files", manifest={**self.manifest("2"), "handOver": False})
        self.assertEqual(self.orders_to_the_bridge(), [])
        self.assertEqual(self.machine.orders(), [f"restart {UNIT}"])

    def test_a_change_of_another_group_hands_over_as_well(self) -> None:
        self.people(2)
        trust = group("trust", {"/etc/truststore": {**file("x"), "units": {UNIT: "restart"}}})
        self.assertIn("moved to other bridges: 2", self.ok("files", manifest=trust))

    def test_a_late_answer_is_waited_for(self) -> None:
        self.people(2)
        self.daemon.answers["/colibri/stats"] = Late(self, dict(self.stats), times=2)
        self.assertIn("moved to other bridges: 2", self.ok("files", manifest=self.manifest("2")))

    def test_a_bridge_that_does_not_answer_runs_on_with_its_old_files(self) -> None:
        self.machine.root.answer_seconds = 0.1
        self.daemon.answers["/colibri/stats"] = None
        error = self.refused("files", manifest=self.manifest("2"))
        self.assertIn("cannot tell whether anybody is on this bridge", error)
        self.assertEqual(self.machine.orders(), [])
        self.assertEqual(self.machine.read("/etc/jvb.conf"), "1")


class WarmUp(Bridge):
    def asked(self) -> list[dict[str, Any]]:
        start = f"POST {hand_over.CONFERENCES} "
        return [json.loads(line.removeprefix(start)) for line in self.daemon.asked if line.startswith(start)]

    def test_a_bridge_that_started_allocates_once_for_nobody_and_forgets_it(self) -> None:
        self.daemon.asked.clear()
        out = self.ok("files", manifest=self.manifest("2"))
        first, last = self.asked()
        self.assertTrue(first["create"] and first["endpoints"][0]["create"])
        self.assertEqual(last, {"meeting-id": first["meeting-id"], "expire": True})
        self.assertNotIn("note", out)

    def test_one_that_did_not_start_is_left_alone(self) -> None:
        self.daemon.asked.clear()
        self.ok("files", manifest=self.manifest("1"))
        self.assertEqual(self.daemon.asked, [])

    def test_a_bridge_that_cannot_is_told_and_no_failure(self) -> None:
        self.daemon.answers[hand_over.CONFERENCES] = None
        out = self.ok("files", manifest=self.manifest("2"))
        self.assertIn(
            "note: the bridge could not be warmed up, so its first participants wait some seconds", out
        )
        self.assertIn(f"{hand_over.CONFERENCES} answers 404", out)


class Upgrade(Bridge):
    def setUp(self) -> None:
        super().setUp()
        self.machine.write("/etc/os-release", 'ID=debian\nVERSION_ID="13"\n')
        self.database = self.machine.folder / "installed"
        self.database.write_text(f"{PACKAGE}\tinstalled\t1.0\n")
        self.machine.command(
            "dpkg-query",
            f"shift 2; [ $# = 0 ] && cat {self.database}\n"
            f'for n in "$@"; do grep "^$n\t" {self.database}; done; exit 0',
        )
        self.machine.command("apt-cache", f'printf "{PACKAGE} | 2.0 | x\\n{PACKAGE} | 1.0 | x\\n"')
        self.machine.command("dpkg", '[ "$1" = --compare-versions ] || exit 0; [ "$2" \\> "$4" ]')
        self.apt()

    def apt(self, ending: str = "exit 0") -> None:
        """The package's own scripts rewrite a file of ours while they are at it."""
        self.machine.command(
            "apt-get",
            f'case "$*" in *--download-only*) exit 0;; *" install "*)\n'
            f"grep -q ActiveState=active {self.machine.folder}/units/{UNIT} && exit 9\n"
            f"printf '{PACKAGE}\\tinstalled\\t2.0\\n' > {self.database}\n"
            f"echo of the package > {self.machine.tree}/etc/jvb.conf; {ending};; esac",
        )

    def packages(self, version: str) -> str:
        return self.ok("packages", manifest=wanted({PACKAGE: version}))

    def test_the_packages_step_only_downloads_what_a_running_bridge_would_be_stopped_for(self) -> None:
        out = self.packages("2.0")
        self.assertIn(f"downloaded {PACKAGE} 2.0", out)
        self.assertIn("1.0", self.database.read_text())
        self.assertEqual(self.machine.orders(), [])
        self.assertEqual(self.machine.state(UNIT), "active")

    def test_the_bridges_own_step_moves_everybody_installs_and_starts(self) -> None:
        self.packages("2.0")
        self.people(4)
        out = self.ok("files", manifest=self.manifest("1", "2.0"))
        self.assertIn("moved to other bridges: 4 participants", out)
        self.assertIn(f"installed: {PACKAGE} 2.0", out)
        self.assertIn("2.0", self.database.read_text())
        self.assertEqual(self.machine.read("/etc/jvb.conf"), "1")
        self.assertEqual(self.machine.orders(), [f"stop {UNIT}", f"start {UNIT}"])
        self.assertEqual(self.machine.state(UNIT), "active")
        self.assertEqual(self.packages("2.0"), "nothing to change")
        self.assertEqual(self.ok("files", manifest=self.manifest("1", "2.0")), "nothing to change")

    def test_a_first_installation_and_one_of_a_stopped_bridge_wait_for_nothing(self) -> None:
        self.machine.unit(UNIT, active=False)
        self.assertIn(f"installed: {PACKAGE} 2.0", self.packages("2.0"))
        self.machine.unit(UNIT)
        self.ok("remove", "videobridge")
        self.database.write_text("another\tinstalled\t1.0\n")
        self.assertIn(f"installed: {PACKAGE} 2.0", self.packages("2.0"))

    def test_a_failed_installation_leaves_the_bridge_running_and_the_next_run_finishes(self) -> None:
        self.packages("2.0")
        self.apt("echo 'E: no space left' >&2; exit 100")
        error = self.refused("files", manifest=self.manifest("1", "2.0"))
        self.assertIn("E: no space left", error)
        self.assertEqual(self.machine.state(UNIT), "active")
        self.apt()
        self.assertIn("installed", self.ok("files", manifest=self.manifest("1", "2.0")))
        self.assertEqual(self.machine.read("/etc/jvb.conf"), "1")

    def test_a_bridge_that_does_not_start_with_it_is_told_and_runs_where_it_can(self) -> None:
        self.packages("2.0")
        self.machine.poison(UNIT, "/etc/jvb.conf", "broken")
        self.refused("files", manifest=self.manifest("broken", "2.0"))
        self.assertEqual(self.machine.read("/etc/jvb.conf").strip(), "of the package")
        self.assertEqual(self.machine.state(UNIT), "active")

    def test_a_version_that_is_taken_back_is_not_due_any_more(self) -> None:
        self.packages("2.0")
        self.packages("1.0")
        self.assertEqual(self.ok("files", manifest=self.manifest("1")), "nothing to change")
        self.assertIn("1.0", self.database.read_text())
        self.assertEqual(self.packages("1.0"), "nothing to change")

    def test_a_download_that_fails_says_so_and_stops_nothing(self) -> None:
        self.machine.command("apt-get", 'case "$*" in *download-only*) echo "E: gone" >&2; exit 100;; esac')
        error = self.refused("packages", manifest=wanted({PACKAGE: "2.0"}))
        self.assertIn(f"{PACKAGE}=2.0: apt-get install --download-only failed: E: gone", error)
        self.assertEqual(self.machine.orders(), [])
