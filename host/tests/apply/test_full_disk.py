"""A disk that is full: one error that says so, the last good state runs on, and the next run finishes."""

import contextlib
import os
import subprocess
import unittest

from audio_meet.system.documents import Json
from machine import MachineCase, file, group

SMALL = "64k"
STATE = "/var/lib/audio-meet"
FULL = "No space left on device"


@unittest.skipUnless(os.geteuid() == 0, "only root mounts a disk of its own")
class FullDisk(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.unit("a.service")

    def disk(self, path: str) -> None:
        """A disk of its own at `path`, with what lies there now."""
        folder = self.machine.root.path(path)
        folder.mkdir(parents=True, exist_ok=True)
        kept = self.machine.folder / "kept"
        subprocess.run(["cp", "-a", f"{folder}/.", kept], check=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "disk", folder], check=True)
        self.addCleanup(subprocess.run, ["umount", str(folder)], check=True)
        subprocess.run(["cp", "-a", f"{kept}/.", folder], check=True)

    def fill(self, path: str) -> None:
        """Somebody's logs take the rest of that disk."""
        with (
            open(self.machine.root.path(f"{path}/rest"), "wb", buffering=0) as rest,
            contextlib.suppress(OSError),
        ):
            while True:
                rest.write(b"x" * 4096)

    def free(self, path: str) -> None:
        self.machine.root.path(f"{path}/rest").unlink()

    def manifest(self, text: str) -> Json:
        files = {path: file(text, a_service="restart") for path in ("/etc/a/one", "/etc/b/two")}
        return group("core", files, ["a.service"])

    def full(self, path: str, *, text: str) -> str:
        """Brings `text` while that disk is full; nothing of the service changes. Returns the error."""
        self.ok("files", manifest=self.manifest("old\n"))
        self.disk(path)
        self.fill(path)
        self.machine.calls()
        error = self.refused("files", manifest=self.manifest(text))
        self.assertEqual(len([line for line in error.splitlines() if line.startswith("audio-meet: ")]), 1)
        self.assertIn(FULL, error)
        self.assertIn("df -h", error)
        self.assertEqual(self.machine.read("/etc/a/one"), "old\n")
        self.assertEqual(self.machine.read("/etc/b/two"), "old\n")
        self.assertEqual(self.machine.orders(), [])
        self.free(path)
        return error

    def finishes(self, text: str) -> None:
        self.assertIn("restarted: a", self.ok("files", manifest=self.manifest(text)))
        self.assertEqual(self.machine.read("/etc/b/two"), text)
        self.assertEqual(self.ok("files", manifest=self.manifest(text)), "nothing to change")
        self.assertEqual(self.machine.cli("drift")[0], 0)

    def test_of_the_files_changes_none_of_them(self) -> None:
        # the first file of the group has room, the second one has none
        text = "new\n" * 5000
        self.assertIn("/etc/b", self.full("/etc/b", text=text))
        self.finishes(text)

    def test_of_what_the_helper_remembers_changes_nothing(self) -> None:
        self.assertIn(STATE, self.full(STATE, text="new\n" * 5000))
        self.finishes("new\n" * 5000)
