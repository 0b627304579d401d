"""Edits by hand: named, and never lost."""

import json
import re

from machine import MachineCase, file, group

PATH = "/etc/jitsi/jicofo/jicofo.conf"


class Edits(MachineCase):
    def applied(self, text: str, verb: str = "files") -> str:
        _, out, err = self.machine.cli(verb, manifest=group("jicofo", {PATH: file(text)}))
        return out + err

    def edit(self) -> None:
        self.applied("cap = 220")
        self.machine.write(PATH, "cap = 333")

    def kept(self, said: str) -> str:
        (place,) = re.findall(r"what it held is in (/var/backups/audio-meet/\S+)", said)
        self.assertEqual(self.machine.root.path(place).stat().st_mode & 0o777, 0o600)
        self.assertTrue(place.endswith(PATH))
        return self.machine.read(place)

    def test_a_file_that_is_overwritten_is_put_aside_and_the_place_is_said(self) -> None:
        self.edit()
        self.assertEqual(self.kept(self.applied("cap = 200")), "cap = 333")
        self.assertEqual(self.machine.read(PATH), "cap = 200")

    def test_the_same_when_the_file_is_only_brought_back(self) -> None:
        self.edit()
        self.assertEqual(self.kept(self.applied("cap = 220")), "cap = 333")

    def test_the_same_when_the_group_goes_and_it_stays_after_the_deployment(self) -> None:
        self.edit()
        _, out, err = self.machine.cli("remove", "jicofo")
        self.ok("uninstall")
        self.assertEqual(self.kept(out + err), "cap = 333")

    def test_nothing_is_put_aside_where_nobody_edited(self) -> None:
        self.applied("cap = 220")
        self.assertNotIn("changed by somebody", self.applied("cap = 200"))
        self.assertFalse(self.machine.root.path("/var/backups/audio-meet").exists())

    def test_of_a_secret_nothing_is_kept(self) -> None:
        self.applied("one", "secrets")
        self.machine.write(PATH, "two")
        self.assertIn(f"{PATH} was changed by somebody since", self.applied("three", "secrets"))
        self.assertFalse(self.machine.root.path("/var/backups/audio-meet").exists())

    def test_the_verification_names_edits_and_holds(self) -> None:
        self.edit()
        code, out, err = self.machine.cli("verify", manifest={"checks": [], "timeoutSeconds": 0})
        summary = json.loads(out)
        self.assertEqual((code, summary["healthy"], summary["edited"]), (0, True, [PATH]))
        self.assertIn(f"{PATH} was changed by somebody since", err)
