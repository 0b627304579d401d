"""Checks that a unit answers for itself, in a twin of it."""

import json
import shutil
import subprocess
import unittest
from typing import Any
from unittest import mock

from audio_meet.checks import as_unit
from audio_meet.checks.kinds import recorder
from audio_meet.system.root import Root
from machine import MachineCase
from recording_case import CONFIG, RecordingCase
from twin import runs

UNIT = "audio-meet-upload.service"
TEXT = """# /etc/systemd/system/audio-meet-upload.service
[Unit]
Description=x
OnFailure=other.service

[Service]
Type=notify
User=audio-meet-upload
ExecStartPre=/bin/false
ExecStart=/usr/local/sbin/audio-meet upload x
RuntimeDirectory=x
SystemCallFilter=@system-service

[Install]
WantedBy=multi-user.target

# /etc/systemd/system/audio-meet-upload.service.d/own.conf
[Service]
IPAddressDeny=any
"""


class Twins(MachineCase):
    def settings(self, text: str) -> dict[str, list[str]]:
        """Assignments of [Service] as systemd takes them: an empty one forgets those before it."""
        found: dict[str, list[str]] = {}
        for line in text.partition("[Service]")[2].splitlines():
            key, is_one, value = line.partition("=")
            if is_one:
                found[key] = [*found.get(key, []), value] if value else []
        return found

    def twin(self) -> str:
        seen = runs(self.machine, UNIT, TEXT)
        as_unit.ask(self.machine.root, {"kind": "none", "unit": UNIT}, lambda *_: (False, ""))
        return seen.read_text()

    def test_it_has_the_settings_of_the_unit_and_of_what_the_operator_added(self) -> None:
        found = self.settings(self.twin())
        self.assertEqual(found["User"], ["audio-meet-upload"])
        self.assertEqual(found["SystemCallFilter"], ["@system-service"])
        self.assertEqual(found["IPAddressDeny"], ["any"])

    def test_it_runs_no_command_of_the_unit_and_ends_nothing_of_it(self) -> None:
        text = self.twin()
        found = self.settings(text)
        self.assertEqual((found["ExecStartPre"], found["Type"][-1]), ([], "oneshot"))
        self.assertEqual(found["ExecStart"], ["/usr/local/sbin/audio-meet answer"])
        self.assertEqual(found["RuntimeDirectoryPreserve"], ["yes"])
        self.assertNotIn("OnFailure", text)
        self.assertNotIn("WantedBy", text)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "needs systemd-analyze")
    def test_systemd_reads_it_without_a_remark(self) -> None:
        file = self.machine.folder / as_unit.twin_of(UNIT)
        file.write_text(self.twin().replace("/usr/local/sbin/audio-meet", "/bin/true"))
        told = subprocess.run(["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True)
        own = [line for line in told.stderr.decode().splitlines() if file.name in line]
        self.assertEqual(own, [])
        file.write_text(file.read_text().replace("Restart=no", "Restat=no"))
        told = subprocess.run(["systemd-analyze", "verify", "--man=no", str(file)], capture_output=True)
        self.assertIn("Restat", told.stderr.decode())

    def test_nothing_of_it_stays(self) -> None:
        self.twin()
        for folder in (as_unit.UNITS, as_unit.ANSWERS):
            self.assertEqual(list(self.machine.root.path(folder).iterdir()), [])

    def test_its_name_is_ours_and_what_a_killed_verification_left_goes_with_the_helper(self) -> None:
        self.assertEqual(as_unit.twin_of("prosody.service"), "audio-meet-check-prosody.service")
        left = self.machine.write(f"{as_unit.UNITS}/{as_unit.twin_of(UNIT)}", "[Service]\n")
        own = self.machine.write(f"{as_unit.UNITS}/own.service", "[Service]\n")
        self.machine.write(f"{as_unit.ANSWERS}/x", "")
        self.ok("uninstall")
        self.assertEqual((left.exists(), own.exists()), (False, True))
        self.assertFalse(self.machine.root.path(as_unit.ANSWERS).exists())

    def test_a_unit_that_is_not_there_is_said(self) -> None:
        self.machine.on("cat", "echo 'No files found for x.service.' >&2; exit 1")
        manifest = {"checks": [{"kind": "storage", "config": CONFIG, "unit": UNIT}], "timeoutSeconds": 0}
        self.machine.command("systemctl", "echo 'No files found for it.' >&2; exit 1")
        self.machine.write(CONFIG, "{}")
        code, out, _ = self.machine.cli("verify", manifest=manifest)
        self.assertEqual(code, 1)
        self.assertIn("cannot tell", json.loads(out)["checks"][0]["detail"])


class Uploader(RecordingCase):
    """The check of the way to the bucket."""

    def setUp(self) -> None:
        super().setUp()
        for name in ("handover", "queue", "kept"):
            (self.folder / name).mkdir(exist_ok=True)
        # rclone answers what it was given
        self.kept = self.machine.folder / "object"
        self.machine.command(
            "rclone",
            f'case "$*" in *rcat*) cat >{self.kept};; *" cat "*) cat {self.kept};; esac',
        )
        self.write()

    def ask(self, before: str = "", text: str = TEXT) -> tuple[bool, str]:
        runs(self.machine, UNIT, text, before)
        return recorder.Storage().run(self.machine.root, {"config": CONFIG, "unit": UNIT, "kind": "storage"})

    def test_an_object_that_comes_back(self) -> None:
        ok, said = self.ask()
        self.assertTrue(ok, said)
        self.assertRegex(said, "a test object was written and read back; 0 recordings waiting")

    def test_a_helper_that_is_closed_to_the_uploader(self) -> None:
        before = "sys.exit('ModuleNotFoundError: No module named \\'audio_meet\\'')"
        ok, said = self.ask(before)
        self.assertFalse(ok)
        self.assertIn("audio-meet-upload.service: cannot run its check: ModuleNotFoundError", said)
        self.assertIn("the same check works as root, so check the rights on files", said)

    def test_a_sandbox_in_which_it_does_not_even_start_is_told_in_the_words_of_systemd(self) -> None:
        words = "Failed at step NAMESPACE spawning /usr/local/sbin/audio-meet: Permission denied"
        self.machine.command("journalctl", f"echo '{words}'")
        ok, said = self.ask("os._exit(226)")
        self.assertFalse(ok)
        self.assertIn(words, said)
        self.assertIn("firewall rules by user", said)

    def test_a_folder_that_is_closed_to_it(self) -> None:
        closed = "os.access = lambda path, mode: 'queue' not in str(path)"
        ok, said = self.ask(f"os.environ['USER'] = 'audio-meet-upload'; {closed}")
        self.assertFalse(ok)
        self.assertRegex(
            said,
            "the user audio-meet-upload has no access to .*recordings/queue; the same check works as root",
        )

    def test_a_storage_that_refuses_everybody_is_not_put_down_to_the_unit(self) -> None:
        self.machine.command("rclone", "echo 'Failed to rcat: InvalidAccessKeyId: x' >&2; exit 1")
        ok, said = self.ask()
        self.assertFalse(ok)
        self.assertIn("the storage does not know these keys", said)
        self.assertNotIn("the same check works as root", said)

    def test_a_firewall_that_refuses_the_user_of_the_unit(self) -> None:
        words = "Failed to rcat: dial tcp 192.0.2.1:443: connect: operation not permitted"
        refused = f"echo '{words}' >&2; exit 1"
        before = f"Path('{self.machine.bin}/rclone').write_text('''#!/bin/sh\n{refused}''')"
        good = (self.machine.bin / "rclone").read_text()

        def as_root(check: recorder.Storage, root: Root, wanted: dict[str, Any]) -> tuple[bool, str]:
            (self.machine.bin / "rclone").write_text(good)
            return real(check, root, wanted)

        real = recorder.Storage.within_unit
        with mock.patch.object(recorder.Storage, "within_unit", as_root):
            ok, said = self.ask(before)
        self.assertFalse(ok)
        self.assertIn("this host blocks connections to the storage", said)
        self.assertIn("the same check works as root", said)
