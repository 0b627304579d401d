"""A connection that breaks during a step: as before, or done; the next run finishes."""

import io
import json
import sys
from unittest import mock

from audio_meet import cli
from audio_meet.system import ssh_limits
from audio_meet.system.documents import Json
from machine import MachineCase, file, group

PRICE = {"who": "everybody", "what": "joins again"}


class Gone(io.StringIO):
    """The pipe of a connection that is gone."""

    def write(self, _text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


class CutOff(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.unit("a.service")
        self.ok("files", manifest=self.manifest("old"))
        self.machine.calls()

    def manifest(self, text: str, **more: Json) -> Json:
        return group("core", {"/etc/a": file(text, a_service="restart")}, ["a.service"], **more)

    def cut(self, manifest: Json) -> None:
        """Run a step that cannot say anything any more."""
        with (
            mock.patch.object(sys, "stdin", io.StringIO(json.dumps(manifest))),
            mock.patch.object(sys, "stdout", Gone()),
            mock.patch.object(sys, "stderr", Gone()),
            mock.patch.object(ssh_limits, "login_of", return_value=None),
            self.assertRaises(BrokenPipeError),
        ):
            cli.main(["files"], self.machine.root)

    def test_before_the_restart_takes_the_change_back(self) -> None:
        manifest = self.manifest("new", prices={"a.service": PRICE})
        self.cut(manifest)
        self.assertEqual(self.machine.read("/etc/a"), "old")
        self.assertEqual(self.machine.state("a.service"), "active")
        self.assertEqual(self.machine.orders(), [])
        self.assertIn("restarted: a", self.ok("files", manifest=manifest))
        self.assertEqual(self.machine.read("/etc/a"), "new")

    def test_when_all_is_done_leaves_it_done(self) -> None:
        self.cut(self.manifest("new"))
        self.assertEqual(self.machine.read("/etc/a"), "new")
        self.assertEqual(self.machine.orders(), ["restart a.service"])
        self.assertEqual(self.ok("files", manifest=self.manifest("new")), "nothing to change")
        self.assertEqual(json.loads(self.ok("drift"))["drift"], [])
