"""Units that a group runs no more: they end before their file goes, and come back if the rest fails."""

import json
import os
from typing import Any

from machine import MachineCase, file, group

UNIT_FILE = "/etc/systemd/system/b.service"
CONFIG = "/etc/a.conf"


def both(config: str = "1") -> dict[str, Any]:
    """A group that runs a packaged unit and one of its own."""
    files = {CONFIG: file(config, a_service="restart"), UNIT_FILE: file("[Service]", b_service="restart")}
    return group("pair", files, ["a.service", "b.service"])


def alone(config: str = "1") -> dict[str, Any]:
    """The same group without its own unit."""
    return group("pair", {CONFIG: file(config, a_service="restart")}, ["a.service"])


class Retire(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        for name in ("a.service", "b.service"):
            self.machine.unit(name, active=False, enabled=False)

    def applied(self) -> None:
        self.ok("files", manifest=both())
        self.machine.calls()

    def watch(self) -> None:
        """From now on systemd notes that it is told to stop or disable the unit while its file is there."""
        script = self.machine.bin / "systemctl"
        present = f'[ -e {self.machine.tree}{UNIT_FILE} ] && [ "$names" = " b.service" ]'
        for verb in ("stop", "disable"):
            noted = f"\n{verb}) {present} && echo {verb} >> {self.machine.folder}/seen; "
            script.write_text(script.read_text().replace(f"\n{verb}) ", noted))

    def seen(self) -> list[str]:
        return (self.machine.folder / "seen").read_text().split()

    def of_b(self) -> tuple[str, str]:
        return self.machine.state("b.service"), self.machine.state("b.service", "UnitFileState")

    def killed(self, manifest: Any, when: str) -> None:
        """Apply in a process that is killed when systemd is to start `when`."""
        (self.machine.folder / "kill-parent").write_text(when)
        pid = os.fork()
        if pid == 0:
            self.machine.cli("files", manifest=manifest)
            os._exit(1)  # not reached
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), -9)
        self.machine.calls()

    def test_it_stops_and_is_disabled_while_its_file_is_still_there(self) -> None:
        self.applied()
        self.watch()
        self.assertEqual(self.ok("files", manifest=alone()), f"removed: {UNIT_FILE}; stopped: b")
        self.assertEqual(self.seen(), ["stop", "disable"])
        self.assertEqual(self.of_b(), ("inactive", "disabled"))
        self.assertFalse(self.machine.root.path(UNIT_FILE).exists())
        self.assertEqual(self.ok("files", manifest=alone()), "nothing to change")

    def test_a_unit_of_a_package_ends_without_any_file_that_changes(self) -> None:
        self.ok("files", manifest={**alone(), "run": ["a.service", "b.service"]})
        self.machine.calls()
        self.assertEqual(self.ok("files", manifest=alone()), "stopped: b")
        self.assertEqual(self.machine.orders(), ["stop b.service"])
        self.assertEqual(self.of_b(), ("inactive", "disabled"))
        self.assertEqual(self.machine.state("a.service"), "active")
        self.assertEqual(self.ok("files", manifest=alone()), "nothing to change")

    def test_one_whose_unit_file_is_gone_already_still_ends(self) -> None:
        self.applied()
        self.machine.root.path(UNIT_FILE).unlink()
        self.machine.unit("b.service", LoadState="not-found")
        self.assertIn("stopped: b", self.ok("files", manifest=alone()))
        self.assertEqual(self.machine.state("b.service"), "inactive")

    def test_one_that_another_group_runs_goes_on(self) -> None:
        self.applied()
        self.ok("files", manifest=group("other", {"/etc/o": file("1")}, ["b.service"]))
        self.ok("files", manifest=alone())
        self.assertEqual(self.of_b(), ("active", "enabled"))
        self.ok("files", manifest=group("other", {"/etc/o": file("1")}))
        self.assertEqual(self.of_b(), ("inactive", "disabled"))

    def test_one_that_ran_before_us_goes_on(self) -> None:
        self.machine.unit("b.service", active=True, enabled=True)
        self.ok("files", manifest={**alone(), "run": ["a.service", "b.service"]})
        self.machine.calls()
        self.assertEqual(self.ok("files", manifest=alone()), "nothing to change")
        self.assertEqual(self.of_b(), ("active", "enabled"))

    def test_it_runs_on_when_a_checker_refuses_the_rest(self) -> None:
        self.applied()
        self.machine.command("systemd-analyze", "echo 'x.service: bad' >&2; exit 1")
        bad = {"/etc/systemd/system/x.service": file("bad", check="unit")}
        self.refused("files", manifest={**alone(), "files": {**alone()["files"], **bad}})
        self.assertEqual(self.machine.orders(), [])
        self.assertEqual(self.of_b(), ("active", "enabled"))
        self.assertTrue(self.machine.root.path(UNIT_FILE).exists())

    def test_it_comes_back_when_another_unit_does_not_take_its_new_file(self) -> None:
        self.applied()
        self.machine.poison("a.service", CONFIG, "broken")
        self.refused("files", manifest=alone("broken"))
        self.assertEqual(self.of_b(), ("active", "enabled"))
        self.assertTrue(self.machine.root.path(UNIT_FILE).exists())
        self.assertEqual(self.ok("files", manifest=both()), "nothing to change")

    def test_one_that_was_down_and_not_enabled_stays_so_after_a_failure(self) -> None:
        self.applied()
        self.machine.unit("b.service", active=False, enabled=False)
        self.machine.poison("a.service", CONFIG, "broken")
        self.refused("files", manifest=alone("broken"))
        self.assertEqual(self.of_b(), ("inactive", "disabled"))

    def test_after_a_kill_it_is_still_told_what_ran(self) -> None:
        self.applied()
        self.killed(alone("2"), "a.service")
        self.assertEqual(self.of_b(), ("inactive", "disabled"))
        self.machine.poison("a.service", CONFIG, "broken")
        self.refused("files", manifest=alone("broken"))
        self.assertEqual(self.of_b(), ("active", "enabled"))
        self.assertEqual(self.machine.read(CONFIG), "1")

    def test_one_that_only_a_killed_run_started_ends_too(self) -> None:
        self.ok("files", manifest=alone())
        self.machine.unit("c.service", active=False)
        manifest = both()
        self.killed({**manifest, "run": [*manifest["run"], "c.service"]}, "c.service")
        self.assertEqual(self.of_b(), ("active", "enabled"))
        self.watch()
        self.assertIn("stopped: b", self.ok("files", manifest=alone()))
        self.assertEqual(self.of_b(), ("inactive", "disabled"))
        self.assertEqual(self.seen(), ["stop", "disable"])

    def test_remove_leaves_no_failure_of_a_unit_that_a_timer_starts(self) -> None:
        job = "/etc/systemd/system/job.service"
        self.ok("files", manifest=group("jobs", {job: file("[Service]"), CONFIG: file("1")}))
        self.machine.calls()
        self.ok("remove", "jobs")
        self.assertEqual(
            self.machine.calls("daemon-reload", "reset-failed"),
            ["systemctl daemon-reload", "systemctl reset-failed job.service"],
        )

    def test_remove_ends_what_only_a_killed_run_started(self) -> None:
        for first in (True, False):
            with self.subTest(first=first):
                if not first:
                    self.ok("files", manifest=alone())
                self.machine.unit("c.service", active=False)
                manifest = both()
                self.killed({**manifest, "run": [*manifest["run"], "c.service"]}, "c.service")
                self.assertIn("b", self.ok("remove", "pair").partition("stopped: ")[2])
                self.assertEqual(self.of_b(), ("inactive", "disabled"))
                self.assertEqual(self.machine.state("a.service"), "inactive")

    def test_a_record_of_a_helper_before_this_one_is_enough(self) -> None:
        self.applied()
        record = self.machine.root.path("/var/lib/audio-meet/groups/pair.json")
        known = json.loads(record.read_text())
        self.assertEqual(known["run"], ["a.service", "b.service"])
        record.write_text(json.dumps({"files": known["files"], "run": known["run"]}))
        self.assertIn("stopped: b", self.ok("files", manifest=alone()))
