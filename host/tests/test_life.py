"""From the first step to the last: size, heaps, drift, drain, uninstall."""

import json
from functools import partial
from pathlib import Path
from unittest import mock

from audio_meet import installation
from audio_meet.bridge import drain
from audio_meet.drift import units
from audio_meet.system import systemd
from audio_meet.system.size import size_report
from daemon import Daemon, Late
from machine import MachineCase, file, group

PACKAGE = Path(__file__).resolve().parents[1] / "audio_meet"


class Life(MachineCase):
    def test_size_is_the_machines_or_the_limit_below_it(self) -> None:
        self.machine.write("/proc/meminfo", "MemTotal:        8388608 kB\n")
        self.assertEqual(size_report(self.machine.root)["memoryMegabytes"], 8192)
        self.machine.write("/proc/self/cgroup", "0::/a/b\n")
        self.machine.write("/sys/fs/cgroup/a/memory.max", f"{1024**3}\n")
        self.machine.write("/sys/fs/cgroup/a/b/memory.max", "max\n")
        self.machine.write("/sys/fs/cgroup/a/cpu.max", "100000 100000\n")
        self.assertEqual(size_report(self.machine.root), {"cores": 1, "memoryMegabytes": 1024})
        self.machine.write("/proc/self/cgroup", "4:memory:/\n")
        self.machine.write("/sys/fs/cgroup/memory/memory.limit_in_bytes", f"{512 * 1024**2}\n")
        self.assertEqual(size_report(self.machine.root)["memoryMegabytes"], 512)

    def test_a_heap_follows_the_memory_when_its_step_runs_again_for_other_hardware(self) -> None:
        self.machine.unit("a.service")
        heap = {"variable": "MEMORY", "share": 0.5, "minimumMegabytes": 256, "maximumMegabytes": 3072}
        heaps = {"/etc/heap": {**heap, "units": {"a.service": "restart"}}}
        manifest = group("core", {}, ["a.service"], heaps=heaps)
        for kilobytes, told in ((2097152, "MEMORY=1024m\n"), (8388608, "MEMORY=3072m\n")):
            self.machine.write("/proc/meminfo", f"MemTotal: {kilobytes} kB\n")
            summary = self.ok("files", f"{kilobytes}kB", manifest=manifest)
            self.assertEqual(summary, "changed: /etc/heap; restarted: a")
            self.assertEqual(self.machine.read("/etc/heap"), told)

    def test_drift_names_what_changed_and_changes_nothing(self) -> None:
        self.machine.unit("a.service")
        files = {"/etc/a": file("a"), "/etc/b": file("b", "0600"), "/etc/c": file("c")}
        self.ok("files", manifest=group("core", files, ["a.service"]))
        self.assertEqual(json.loads(self.ok("drift"))["drift"], [])
        self.machine.write("/etc/a", "other")
        self.machine.root.path("/etc/b").chmod(0o644)
        self.machine.root.path("/etc/c").unlink()
        self.machine.unit("a.service", active=False, enabled=False)
        self.machine.calls()
        code, out, _ = self.machine.cli("drift")
        self.assertEqual(code, 2)
        kinds = {(entry["kind"], entry["name"]) for entry in json.loads(out)["drift"]}
        units = {("enabled", "a.service"), ("active", "a.service")}
        self.assertEqual(kinds, {("content", "/etc/a"), ("mode", "/etc/b"), ("file", "/etc/c"), *units})
        self.assertEqual(self.machine.calls("systemctl"), [])
        self.assertEqual(self.machine.read("/etc/a"), "other")

    def test_what_a_timer_runs_may_run_just_now_and_may_not_have_failed(self) -> None:
        starting = partial(
            self.machine.unit,
            Type="oneshot",
            ActiveState="activating",
            SubState="start",
            UnitFileState="static",
        )
        starting("guard.service", TriggeredBy="guard.timer")
        self.machine.unit("work.timer", Triggers="work.service")
        self.machine.unit("work.service", active=False, UnitFileState="static", Type="oneshot")
        self.machine.command(
            "journalctl", "echo 'work.service: Failed with result'; echo 'failed: no bucket'"
        )
        groups = {"x": {"run": ["guard.service", "work.timer"]}}

        def found() -> list[tuple[str, str, str]]:
            each = units.differences(self.machine.root, groups, {})
            return [(entry.kind, entry.name, entry.found) for entry in each]

        self.assertEqual(found(), [])
        self.machine.unit("work.service", ActiveState="failed", UnitFileState="static", Type="oneshot")
        self.assertEqual(found(), [("run", "work.service", "failed: no bucket")])
        starting("work.service")
        starting("guard.service")
        self.assertEqual(found(), [("active", "guard.service", "activating, start")])

    def test_a_record_that_says_nothing_does_not_mean_that_nothing_is_managed(self) -> None:
        self.ok("files", manifest=group("core", {"/etc/audio-meet/x": file("x")}))
        for text in ("null", "[]", "", "{"):
            self.machine.write("/var/lib/audio-meet/groups/core.json", text)
            self.assertIn("core.json: is not a JSON object", self.refused("uninstall"))

    def test_a_journal_that_cannot_be_read_is_not_a_silent_one(self) -> None:
        self.machine.command("journalctl", "echo no access >&2; exit 1")
        words = systemd.last_words(self.machine.root, "a.service", 0)
        self.assertEqual(words, "its journal cannot be read: no access")

    def test_uninstall_refuses_while_something_is_managed_and_leaves_nothing_then(self) -> None:
        installation.install({"cli.py": ""}, self.machine.tree)
        self.ok("files", manifest=group("core", {"/etc/audio-meet/x": file("x")}))
        self.assertIn("this host still has group core", self.refused("uninstall"))
        self.ok("remove", "core")
        self.ok("uninstall")
        left = [p for p in self.machine.tree.rglob("*") if "audio-meet" in p.name]
        self.assertEqual(left, [])
        self.assertEqual(self.ok("uninstall"), "nothing to remove")

    def drain(self, url: str, minutes: float = 1) -> str:
        with (
            mock.patch.object(drain, "STATISTICS_SECONDS", 0.1),
            mock.patch.object(drain, "EXIT_SECONDS", 0.1),
        ):
            return self.ok("drain", manifest={"url": url, "unit": "jvb.service", "deadlineMinutes": minutes})

    def test_a_bridge_is_drained_until_it_is_empty_twice_then_stopped_for_good(self) -> None:
        self.machine.unit("jvb.service")
        turns = iter([3, 1, 0, 2])
        stats = lambda: {"conferences": min(1, n := next(turns, 0)), "local_endpoints": n}  # noqa: E731
        daemon = Daemon(self, {"/colibri/drain/enable": {}, "/colibri/shutdown": {}, "/colibri/stats": stats})
        out = self.drain(daemon.url)
        self.assertIn("draining: 3 participants in 1 conferences\ndraining: 1 participants", out)
        self.assertIn("empty; stopped: jvb.service", out)
        self.assertEqual(daemon.asked[0], "POST /colibri/drain/enable")
        # the fourth answer says that somebody came back, so that the count began anew
        self.assertGreater(len([a for a in daemon.asked if "stats" in a]), 5)
        # an empty bridge has nobody to move: it is stopped without the wait of a shutdown
        self.assertNotIn("shutdown", "".join(daemon.asked))
        self.assertEqual(self.machine.state("jvb.service", "UnitFileState"), "disabled")
        self.assertEqual(self.machine.state("jvb.service"), "inactive")

    def test_at_the_deadline_the_rest_is_moved(self) -> None:
        self.machine.unit("jvb.service")
        answers = {
            "/colibri/drain/enable": {},
            "/colibri/shutdown": {},
            "/colibri/stats": {"conferences": 1, "local_endpoints": 4},
        }
        daemon = Daemon(self, answers)
        out = self.drain(daemon.url, minutes=0.002)
        self.assertEqual(daemon.asked[-1], 'POST /colibri/shutdown {"graceful-shutdown": "false"}')
        self.assertIn("4 participants were moved after 0.002 min; stopped: jvb.service", out)

    def test_a_bridge_that_is_down_or_not_there_has_nobody_to_wait_for(self) -> None:
        self.assertIn("is not on this host", self.drain("http://127.0.0.1:1"))
        self.machine.unit("jvb.service", active=False)
        self.assertIn("jvb.service is inactive, nothing to drain", self.drain("http://127.0.0.1:1"))
        self.assertEqual(self.machine.state("jvb.service", "UnitFileState"), "disabled")
        self.machine.unit("jvb.service")
        self.assertIn(
            "nothing has listened there for 0.05 s, nothing to drain", self.drain("http://127.0.0.1:1")
        )

    def test_a_bridge_that_is_late_keeps_its_participants(self) -> None:
        self.machine.unit("jvb.service")
        turns = iter([2, 1])
        stats = Late(self, lambda: {"conferences": min(1, n := next(turns, 0)), "local_endpoints": n}, 2)
        daemon = Daemon(self, {"/colibri/drain/enable": Late(self, {}, times=1), "/colibri/stats": stats})
        out = self.drain(daemon.url)
        self.assertRegex(out, "does not answer, trying again\ndraining: 2 participants in 1 conferences")
        self.assertIn("empty; stopped: jvb.service", out)

    def test_one_that_never_answers_runs_on_and_what_is_not_known_is_said(self) -> None:
        for silent in ("/colibri/drain/enable", "/colibri/stats"):
            self.machine.unit("jvb.service")
            self.machine.root.answer_seconds = 0.1
            answers = {"/colibri/drain/enable": {}, "/colibri/stats": {}, silent: Late(self, {}, times=99)}
            daemon = Daemon(self, {**answers, "/colibri/shutdown": Late(self, {}, times=99)})
            manifest = {"url": daemon.url, "unit": "jvb.service", "deadlineMinutes": 0.002}
            with mock.patch.object(drain, "EXIT_SECONDS", 0.1):
                code, _, err = self.machine.cli("drain", manifest=manifest)
            self.assertEqual(code, 1)
            self.assertRegex(
                err, "cannot tell whether anybody is on this bridge: timed out.*it is still running"
            )
            self.assertEqual(self.machine.state("jvb.service"), "active")
            self.assertEqual(self.machine.state("jvb.service", "UnitFileState"), "enabled")

    def test_statistics_without_figures_do_not_mean_empty(self) -> None:
        self.machine.unit("jvb.service")
        daemon = Daemon(self, {"/colibri/drain/enable": {}, "/colibri/stats": {}, "/colibri/shutdown": {}})
        out = self.drain(daemon.url, minutes=0.01)
        self.assertIn("the remaining participants were moved after 0.01 min", out)

    def test_a_bridge_that_runs_on_without_its_unit_file_is_drained_too(self) -> None:
        self.machine.unit("jvb.service", LoadState="not-found")
        stats = {"conferences": 0, "local_endpoints": 0}
        daemon = Daemon(self, {"/colibri/drain/enable": {}, "/colibri/stats": stats})
        self.assertIn("empty; stopped", self.drain(daemon.url))
