"""Figures of our own, the door's check, and what Prometheus says of its targets."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import threading
from typing import Any

from audio_meet.checks import metrics
from audio_meet.checks.kinds import monitoring
from audio_meet.recorder import recorder
from audio_meet.system.errors import HostError
from daemon import Daemon
from machine import MachineCase
from recording_case import CONFIG, RecordingCase

DOMAIN = "metrics.meet.example.org"
WANTED = "/etc/audio-meet/metrics/textfile.json"
TARGET = "/run/audio-meet-metrics/audio-meet.prom"


def certificate(folder: Any, days: int) -> None:
    """A key and a certificate for DOMAIN in the folder."""
    command = f"openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days {days}"
    options = ["-subj", "/CN=x", "-addext", f"subjectAltName=DNS:{DOMAIN}"]
    files = ["-keyout", str(folder / "key"), "-out", str(folder / "cert")]
    subprocess.run([*command.split(), *options, *files], check=True, capture_output=True)


class Textfile(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.root = self.machine.root
        self.wanted: dict[str, Any] = {"certificates": [], "packages": [], "units": [], "gauges": {}}

    def write(self) -> str:
        config = self.root.path(WANTED)
        config.parent.mkdir(parents=True, exist_ok=True)
        config.write_text(json.dumps(self.wanted))
        metrics.write(self.root, WANTED, TARGET)
        return self.root.path(TARGET).read_text()

    def test_figures_of_the_plan_and_drift_are_there(self) -> None:
        self.root.path(TARGET).parent.mkdir(parents=True)
        self.wanted["gauges"] = {"audio_meet_planned_bridges": 3}
        text = self.write()
        self.assertIn("\naudio_meet_planned_bridges 3\n", text)
        self.assertIn("\naudio_meet_drift_entries 0\n", text)
        self.assertRegex(text, r"\naudio_meet_measured_seconds \d{10}\n")

    def test_what_cannot_be_read_is_left_out_and_said_so(self) -> None:
        self.root.path(TARGET).parent.mkdir(parents=True)
        self.wanted["packages"] = ["prosody"]
        self.machine.command("dpkg-query", "echo late >&2; exit 124")
        text = self.write()
        self.assertEqual(self.root.notes, ["left out: dpkg-query: cannot list the installed packages: late"])
        self.assertNotIn("audio_meet_package_info", text)
        self.assertIn("audio_meet_measured_seconds", text)

    def test_a_certificate_says_when_it_ends_and_a_missing_one_says_nothing(self) -> None:
        self.root.path(TARGET).parent.mkdir(parents=True)
        folder = self.root.path("/etc/audio-meet")
        folder.mkdir(parents=True, exist_ok=True)
        certificate(folder, 30)
        self.wanted["certificates"] = ["/etc/audio-meet/cert", "/etc/audio-meet/none"]
        text = self.write()
        self.assertRegex(
            text, r'audio_meet_certificate_not_after_seconds\{path="/etc/audio-meet/cert"\} \d{10}'
        )
        self.assertNotIn("/etc/audio-meet/none", text)

    def test_without_the_folder_it_says_what_is_missing(self) -> None:
        with self.assertRaises(HostError) as raised:
            self.write()
        self.assertIn("prometheus-node-exporter", raised.exception.line("host"))

    def test_labels_are_quoted(self) -> None:
        text = metrics.text_of([("a", {"path": 'x"\\y'}, 1.5), ("a", {}, 2)])
        self.assertEqual(text, '# TYPE a gauge\na{path="x\\"\\\\y"} 1.5\na 2\n')


class Recordings(RecordingCase):
    def figures(self) -> dict[str, str]:
        self.write()
        wanted = {"certificates": [], "packages": [], "units": [], "gauges": {}, "recordings": CONFIG}
        self.machine.write(WANTED, json.dumps(wanted))
        self.machine.root.path(TARGET).parent.mkdir(parents=True, exist_ok=True)
        metrics.write(self.machine.root, WANTED, TARGET)
        lines = self.machine.read(TARGET).splitlines()
        found = dict(line.split(" ") for line in lines if line.startswith("audio_meet_record"))
        return {name.removeprefix("audio_meet_"): value for name, value in found.items()}

    def test_where_nothing_waits_no_moment_is_told_either(self) -> None:
        wanted = {"recordings_waiting": "0", "recordings_given_up": "0", "recorder_full": "0"}
        self.assertEqual(self.figures(), wanted)

    def test_the_oldest_counts_from_its_end_wherever_it_is_on_its_way(self) -> None:
        self.handed_over("20260102T030405Z-second")
        (self.folder / "queue" / "20260101T000000Z-first").mkdir()
        (self.folder / "queue" / "20260101T000000Z-first.json").write_text('{"resigned": true}')
        wanted = {
            **{"recordings_waiting": "2", "recordings_waiting_since_seconds": "1767225600"},
            **{"recordings_given_up": "1", "recorder_full": "0"},
        }
        self.assertEqual(self.figures(), wanted)

    def test_a_folder_of_another_name_counts_by_its_own_time(self) -> None:
        folder = self.folder / "queue" / "by-hand"
        folder.mkdir()
        os.utime(folder, (1_700_000_000, 1_700_000_000))
        self.assertEqual(self.figures()["recordings_waiting_since_seconds"], "1700000000")

    def test_a_recorder_that_was_stopped_for_want_of_room_says_so(self) -> None:
        self.machine.write(recorder.FULL, "")
        self.assertEqual(self.figures()["recorder_full"], "1")

    def test_before_the_first_folder_there_are_no_figures_of_recordings_but_the_others(
        self,
    ) -> None:
        shutil.rmtree(self.folder)
        self.assertEqual(self.figures(), {})
        self.assertIn("audio_meet_measured_seconds", self.machine.read(TARGET))


class Door(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        certificate(self.machine.folder, 9)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(self.machine.folder / "cert", self.machine.folder / "key")
        self.machine.root.path("/ca.pem").write_text((self.machine.folder / "cert").read_text())
        self.answers = {"node": "200 OK\r\n\r\nnode_uname_info 1", "jicofo": "500 Oh\r\n\r\n"}
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        self.port = listener.getsockname()[1]
        threading.Thread(target=self.serve, args=(listener,), daemon=True).start()

    def serve(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
                with self.context.wrap_socket(connection, server_side=True) as secure:
                    module = secure.recv(65536).decode().partition("module=")[2].partition(" ")[0]
                    secure.sendall(b"HTTP/1.1 " + self.answers[module].encode())
            except ssl.SSLError:
                continue
            except OSError:
                return

    def ask(self, modules: dict[str, str], domain: str = DOMAIN) -> tuple[bool, str]:
        check = {"address": "127.0.0.1", "port": self.port, "domain": domain, "caFile": "/ca.pem"}
        return monitoring.Metrics().run(self.machine.root, {**check, "modules": modules})

    def test_a_module_with_its_metric_is_right(self) -> None:
        self.assertEqual(self.ask({"node": "node_uname_info"}), (True, "verified, shows node"))

    def test_a_module_without_its_metric_or_with_an_error_is_named(self) -> None:
        self.assertEqual(self.ask({"node": "other"}), (False, "node has no other"))
        self.assertEqual(self.ask({"jicofo": "x"}), (False, "jicofo answers 500"))

    def test_another_name_is_not_believed(self) -> None:
        ok, detail = self.ask({"node": "node_uname_info"}, domain="other.example.org")
        self.assertFalse(ok)
        self.assertIn("node: ", detail)


class Targets(MachineCase):
    def ask(self, healths: list[str], expected: int) -> tuple[bool, str]:
        labels = {"instance": "core", "job": "jicofo"}
        targets = [{"labels": labels, "health": h, "lastError": "refused"} for h in healths]
        daemon = Daemon(self, {"/api/v1/targets?state=active": {"data": {"activeTargets": targets}}})
        return monitoring.Prometheus().run(self.machine.root, {"url": daemon.url, "targets": expected})

    def test_all_up_is_right(self) -> None:
        self.assertEqual(self.ask(["up", "up"], 2), (True, "reads 2 targets"))

    def test_a_target_that_is_down_is_named_with_its_reason(self) -> None:
        ok, detail = self.ask(["up", "down"], 2)
        self.assertEqual((ok, "core jicofo: refused" in detail), (False, True))

    def test_a_target_that_is_missing_counts(self) -> None:
        self.assertEqual(self.ask(["up"], 2), (False, "has 1 targets, expected 2"))
