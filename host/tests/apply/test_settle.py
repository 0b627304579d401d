"""Units: who is restarted, in which order, and what happens when one does not come up."""

import json
import os
import subprocess
import sys
from pathlib import Path

from audio_meet.system.documents import Json
from daemon import Daemon
from machine import MachineCase, file, group

RUN = ["prosody.service", "prosody-jvb.service", "jicofo.service"]


def core(prosody: str = "1", jvb: str = "1", jicofo: str = "1") -> Json:
    """A core whose three daemons each read one file."""
    files = {
        "/etc/prosody.cfg.lua": file(prosody, prosody_service="restart"),
        "/etc/jicofo.conf": file(jicofo, jicofo_service="restart"),
        "/etc/jvb.cfg.lua": {**file(jvb), "units": {"prosody-jvb.service": "restart"}},
    }
    return group("core", files, RUN)


class Settle(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        for name in RUN:
            self.machine.unit(name, active=False, enabled=False)
        self.machine.write("/proc/net/tcp", LISTENER)
        self.machine.root.path("/proc/4242/fd").mkdir(parents=True)
        self.machine.root.path("/proc/4242/fd/3").symlink_to("socket:[777]")

    def applied(self) -> None:
        self.ok("files", manifest=core())
        self.machine.calls()

    def test_the_first_time_enables_and_starts_in_order(self) -> None:
        summary = self.ok("files", manifest=core())
        self.assertIn("started: prosody, prosody-jvb, jicofo", summary)
        self.assertEqual(self.machine.orders(), [f"start {name}" for name in RUN])
        self.assertEqual({self.machine.state(name, "UnitFileState") for name in RUN}, {"enabled"})

    def test_only_the_owner_of_a_changed_file_is_restarted(self) -> None:
        self.applied()
        self.assertEqual(
            self.ok("files", manifest=core(jicofo="2")), "changed: /etc/jicofo.conf; restarted: jicofo"
        )
        self.assertEqual(self.machine.orders(), ["restart jicofo.service"])

    def test_a_restart_says_before_it_happens_who_notices(self) -> None:
        costs = {
            "jicofo.service": {"who": "everybody", "what": "hears people twice", "count": "core"},
            "prosody.service": {"who": "everybody", "what": "has to join again", "count": "core"},
        }
        self.ok("files", manifest={**core(), "prices": costs})
        changed = {**core(jicofo="2"), "prices": costs}
        self.assertEqual(
            self.ok("files", manifest=changed).splitlines(),
            [
                "restarts jicofo.service: everybody hears people twice",
                "changed: /etc/jicofo.conf; restarted: jicofo",
            ],
        )

    def test_who_notices_a_restart_is_counted_right_before_it(self) -> None:
        stats = {"conferences": 3, "participants": 214}
        jicofo = Daemon(self, {"/stats": lambda: stats, "/debug": lambda: {}})
        check = {"kind": "jicofo", "url": jicofo.url, "bridges": []}
        self.machine.cli("verify", manifest={"checks": [check], "timeoutSeconds": 0.1})
        price = {"who": "everybody", "what": "has to join again", "count": "core"}
        for version, everybody in (
            ("1", ""),
            ("2", "everybody in 3 conferences, 214 people, has to join again"),
            ("3", "nobody is in a conference now; otherwise everybody has to join again"),
        ):
            wanted = {**core(prosody=version), "prices": {"prosody.service": price}}
            lines = self.ok("files", manifest=wanted).splitlines()[:-1]
            self.assertEqual(lines, [f"restarts prosody.service: {everybody}"] if everybody else [])
            if version == "2":
                stats.update(conferences=0, participants=0)

    def test_who_is_on_a_bridge_is_counted_there(self) -> None:
        unit = "jitsi-videobridge2.service"
        self.machine.unit(unit)
        stats = {"local_endpoints": 80, "relay_id": "fra-1"}
        bridge = Daemon(self, {"/colibri/stats": lambda: stats})
        check = {"kind": "videobridge", "url": bridge.url, "relayId": "fra-1", "region": "eu"}
        self.machine.cli("verify", manifest={"checks": [check], "timeoutSeconds": 0.1})
        price = {"who": "people on this bridge", "what": "hear nothing for about 10 s", "count": "bridge"}
        config = {**file("1"), "units": {unit: "restart"}}
        wanted = {**group("videobridge", {"/etc/jvb.conf": config}, [unit]), "prices": {unit: price}}
        said = self.ok("files", manifest=wanted).splitlines()[0]
        self.assertEqual(said, f"restarts {unit}: people on this bridge, now 80, hear nothing for about 10 s")

    def test_a_restart_wins_over_a_reload_and_happens_once(self) -> None:
        self.machine.unit("a.service")
        files = {"/etc/a": file("1", a_service="reload"), "/etc/b": file("1", a_service="restart")}
        self.ok("files", manifest=group("other", files, ["a.service"]))
        self.assertEqual(self.machine.orders(), ["restart a.service"])

    def test_a_daemon_of_another_group_has_its_files_before_those_start_that_ask_it(self) -> None:
        self.machine.unit("nginx.service")
        self.machine.unit("exporter.service", active=False)
        self.ok("files", manifest=group("nginx", {"/etc/a": file("1")}, ["nginx.service"]))
        metrics = {
            "/etc/status": file("1", nginx_service="reload"),
            "/etc/exporter": file("1", exporter_service="restart"),
        }
        self.ok("files", manifest=group("metrics", metrics, ["exporter.service"]))
        self.assertEqual(self.machine.orders(), ["reload nginx.service", "start exporter.service"])
        self.machine.unit("nginx.service", active=False)
        metrics["/etc/status"] = file("2", nginx_service="reload")
        metrics["/etc/exporter"] = file("2", exporter_service="restart")
        self.ok("files", manifest=group("metrics", metrics, ["exporter.service"]))
        self.assertEqual(self.machine.orders(), ["start nginx.service", "restart exporter.service"])

    def test_a_reload_of_nginx_is_over_when_a_new_worker_runs(self) -> None:
        self.machine.unit("nginx.service")
        children = self.machine.write("/proc/4242/task/4242/children", "71 72 ")
        site = {"/etc/a": file("1", nginx_service="reload")}
        error = self.refused("files", manifest=group("nginx", site, ["nginx.service"]))
        self.assertIn("nginx.service: still uses its old configuration (see /var/log/nginx/error.log)", error)
        self.assertFalse(self.machine.root.path("/etc/a").exists())
        self.machine.root.settle_seconds = 20
        self.machine.on("reload", f"(sleep 0.2; echo 71 72 73 > {children}) >/dev/null 2>&1 &")
        self.ok("files", manifest=group("nginx", site, ["nginx.service"]))
        self.assertEqual(children.read_text(), "71 72 73\n")

    def test_a_unit_that_nobody_runs_stays_down(self) -> None:
        self.machine.unit("a.service", active=False)
        self.ok("files", manifest=group("other", {"/etc/a": file("1", a_service="restart")}))
        self.assertEqual(self.machine.orders(), [])

    def test_unit_files_are_read_again_once(self) -> None:
        self.machine.unit("a.service")
        files = {
            f"/etc/systemd/system/a.service.d/{n}.conf": file("[Service]", a_service="restart") for n in "xyz"
        }
        self.ok("files", manifest=group("other", files, ["a.service"]))
        self.assertEqual(self.machine.calls("daemon-reload"), ["systemctl daemon-reload"])

    def test_jicofo_stays_up_while_the_prosody_of_the_bridges_restarts(self) -> None:
        self.applied()
        self.ok("files", manifest=core(jvb="2"))
        self.assertEqual(self.machine.orders(), ["restart prosody-jvb.service"])

    def test_each_restarts_once_in_order_when_all_change(self) -> None:
        self.applied()
        self.ok("files", manifest=core(prosody="2", jvb="2", jicofo="2"))
        self.assertEqual(self.machine.orders(), [f"restart {name}" for name in RUN])

    def test_the_previous_files_come_back_when_the_prosody_of_the_bridges_does_not_listen(self) -> None:
        self.applied()
        self.machine.write("/proc/net/tcp", LISTENER.replace("777", "778"))
        error = self.refused("files", manifest=core(jvb="2"))
        self.assertIn("prosody-jvb.service: does not listen", error)
        self.assertEqual(self.machine.state("jicofo.service"), "active")
        self.assertEqual(self.machine.read("/etc/jvb.cfg.lua"), "1")

    def test_a_visitor_node_has_to_listen_as_well(self) -> None:
        self.machine.unit("prosody-v1.service", active=False, MainPID="777")
        node = {"/etc/v1.cfg.lua": file("1", prosody_v1_service="restart")}
        error = self.refused("files", manifest=group("visitors", node, ["prosody-v1.service"]))
        self.assertIn("prosody-v1.service: does not listen", error)

    def test_a_daemon_that_does_not_take_settings_of_the_operator_names_their_key(self) -> None:
        self.applied()
        self.machine.poison("jicofo.service", "/etc/jicofo.conf", "broken")
        manifest = core(jicofo="broken")
        manifest["files"]["/etc/jicofo.conf"]["origin"] = "jitsi:extra.jicofo"
        error = self.refused("files", manifest=manifest)
        self.assertIn("previous files are back in place; see journalctl -u jicofo.service", error)
        self.assertIn("; look at jitsi:extra.jicofo first", error)
        self.assertEqual(self.machine.read("/etc/jicofo.conf"), "1")

    def test_a_failed_start_puts_the_old_files_back_and_runs_with_them(self) -> None:
        self.applied()
        self.machine.poison("prosody.service", "/etc/prosody.cfg.lua", "broken")
        error = self.refused("files", manifest=core(prosody="broken", jicofo="2"))
        self.assertIn("prosody.service: does not stay up (failed, failed): a line of the journal", error)
        self.assertEqual(self.machine.read("/etc/prosody.cfg.lua"), "1")
        self.assertEqual(self.machine.read("/etc/jicofo.conf"), "1")
        self.assertEqual({self.machine.state(name) for name in RUN}, {"active"})
        self.assertEqual(self.ok("files", manifest=core()), "nothing to change")

    def test_a_failed_first_start_leaves_nothing(self) -> None:
        self.machine.poison("prosody.service", "/etc/prosody.cfg.lua", "broken")
        self.refused("files", manifest=core(prosody="broken"))
        self.assertFalse(self.machine.root.path("/etc/prosody.cfg.lua").exists())
        self.assertEqual({self.machine.state(name) for name in RUN}, {"inactive"})
        self.assertEqual({self.machine.state(name, "UnitFileState") for name in RUN}, {"disabled"})
        self.assertEqual(self.ok("remove", "core"), "nothing to remove")

    def test_a_unit_that_is_not_installed_is_named(self) -> None:
        error = self.refused("files", manifest=group("c", {}, ["absent.service"]))
        self.assertIn("absent.service: there is no such unit; install the package", error)

    def test_remove_stops_what_no_other_group_runs(self) -> None:
        self.applied()
        self.ok("files", manifest=group("videobridge", {"/etc/v": file("1")}, ["prosody.service"]))
        self.ok("remove", "core")
        self.assertEqual(self.machine.state("prosody.service"), "active")
        self.assertEqual(self.machine.state("jicofo.service"), "inactive")
        self.assertEqual(self.machine.state("jicofo.service", "UnitFileState"), "disabled")

    def test_a_run_killed_before_the_restart_is_finished_by_the_next_one(self) -> None:
        self.applied()
        (self.machine.folder / "kill-parent").touch()
        self.assertEqual(self.run_in_a_process(core(prosody="2")), -9)
        self.assertEqual(self.machine.read("/etc/prosody.cfg.lua"), "2")
        self.assertIn("interrupted", self.machine.cli("drift")[1])
        self.machine.calls()
        self.assertEqual(
            self.ok("files", manifest=core(prosody="2")), "changed: /etc/prosody.cfg.lua; restarted: prosody"
        )
        self.assertEqual(self.machine.orders(), ["restart prosody.service"])
        self.assertEqual(self.ok("files", manifest=core(prosody="2")), "nothing to change")

    def test_after_a_kill_a_failure_still_goes_back_to_the_last_good_version(self) -> None:
        self.applied()
        (self.machine.folder / "kill-parent").touch()
        self.run_in_a_process(core(prosody="2"))
        self.machine.poison("prosody.service", "/etc/prosody.cfg.lua", "broken")
        self.refused("files", manifest=core(prosody="broken"))
        self.assertEqual(self.machine.read("/etc/prosody.cfg.lua"), "1")

    def test_the_lock_is_waited_for_and_its_holder_named(self) -> None:
        with self.machine.root.lock("packages"):
            error = self.refused("files", manifest=core())
        self.assertIn(f"held by packages (process {os.getpid()})", error)

    def run_in_a_process(self, manifest: Json) -> int:
        """Run `files` in a process of its own, which may be killed."""
        machine = self.machine
        program = (
            "import sys; from pathlib import Path; from audio_meet import cli;"
            "from audio_meet.system.root import Root;"
            f"root = Root(prefix=Path({str(machine.tree)!r}), search_path={machine.root.search_path!r},"
            f"default_owner={machine.root.default_owner!r}, stay_up_seconds=0.02);"
            "sys.exit(cli.main(['files'], root))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(manifest),
            text=True,
            cwd=Path(__file__).resolve().parents[2],
            capture_output=True,
            check=False,
        )
        return done.returncode


# A listener on 127.0.0.1:15222 with socket inode 777.
LISTENER = (
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    "   0: 0100007F:3B76 00000000:0000 0A 00000000:00000000 00:00000000 00000000   103        0 777 1\n"
)
