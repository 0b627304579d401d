"""Files: content, mode, owner, replacement in one step, and what was there before."""

import base64
import os
import stat
import unittest

from machine import MachineCase, file, group


class Files(MachineCase):
    def test_content_and_mode_are_exactly_as_sent(self) -> None:
        binary = {**file(base64.b64encode(b"\0\xff").decode(), "0400"), "encoding": "base64"}
        self.ok(
            "files", manifest=group("core", {"/etc/a/b/text": file("one\n", "0640"), "/etc/trust": binary})
        )
        text = self.machine.root.path("/etc/a/b/text")
        self.assertEqual(text.read_text(), "one\n")
        self.assertEqual(stat.S_IMODE(text.stat().st_mode), 0o640)
        self.assertEqual(stat.S_IMODE(text.parent.stat().st_mode), 0o755)
        self.assertEqual(self.machine.root.path("/etc/trust").read_bytes(), b"\0\xff")
        self.assertEqual(stat.S_IMODE(self.machine.root.path("/etc/trust").stat().st_mode), 0o400)

    def test_a_mode_changed_by_hand_is_set_right(self) -> None:
        manifest = group("core", {"/etc/a": file("x", "0600")})
        self.ok("files", manifest=manifest)
        os.chmod(self.machine.root.path("/etc/a"), 0o640)
        note = "note: /etc/a has mode 0640 instead of 0600, set by hand"
        self.assertEqual(self.ok("files", manifest=manifest), f"changed: /etc/a; {note}")
        self.assertEqual(stat.S_IMODE(self.machine.root.path("/etc/a").stat().st_mode), 0o600)

    def test_the_second_time_changes_nothing_and_says_so(self) -> None:
        self.machine.unit("a.service")
        manifest = group("core", {"/etc/a": file("x", a_service="restart")}, ["a.service"])
        self.ok("files", manifest=manifest)
        before = self.machine.root.path("/etc/a").stat()
        self.machine.calls()
        self.assertEqual(self.ok("files", manifest=manifest), "nothing to change")
        self.assertEqual(self.machine.calls(), [])
        self.assertEqual(self.machine.root.path("/etc/a").stat().st_ino, before.st_ino)

    def test_a_reader_sees_the_old_file_or_the_new_one_never_a_part(self) -> None:
        self.ok("files", manifest=group("core", {"/etc/a": file("old" * 1000)}))
        with open(self.machine.root.path("/etc/a")) as reader:
            self.ok("files", manifest=group("core", {"/etc/a": file("new" * 1000)}))
            self.assertEqual(reader.read(), "old" * 1000)
        self.assertEqual(self.machine.read("/etc/a"), "new" * 1000)
        self.assertEqual([p.name for p in self.machine.root.path("/etc").iterdir()], ["a"])

    def test_a_file_that_was_there_comes_back_at_remove(self) -> None:
        self.machine.write("/etc/kept", "of the package\n", 0o640)
        self.ok("files", manifest=group("core", {"/etc/kept": file("ours"), "/etc/new/ours": file("ours")}))
        self.ok(
            "files", manifest=group("core", {"/etc/kept": file("ours, later"), "/etc/new/ours": file("ours")})
        )
        self.ok("remove", "core", manifest="not json")
        self.assertEqual(self.machine.read("/etc/kept"), "of the package\n")
        self.assertEqual(stat.S_IMODE(self.machine.root.path("/etc/kept").stat().st_mode), 0o640)
        self.assertFalse(self.machine.root.path("/etc/new").exists())
        self.assertEqual(self.ok("remove", "core"), "nothing to remove")

    def test_a_link_that_was_there_comes_back_as_a_link(self) -> None:
        self.machine.write("/etc/available", "site")
        self.machine.root.path("/etc/enabled").symlink_to("available")
        self.ok("files", manifest=group("core", {"/etc/enabled": file("ours")}))
        self.assertEqual(self.machine.read("/etc/available"), "site")
        self.ok("remove", "core")
        self.assertEqual(os.readlink(self.machine.root.path("/etc/enabled")), "available")

    def test_a_file_that_is_no_longer_listed_goes_and_its_unit_is_told(self) -> None:
        self.machine.unit("a.service")
        both = {"/etc/a": file("a", a_service="restart"), "/etc/d/b": file("b", a_service="reload")}
        self.ok("files", manifest=group("core", both, ["a.service"]))
        self.machine.calls()
        one = {"/etc/a": both["/etc/a"]}
        self.assertEqual(
            self.ok("files", manifest=group("core", one, ["a.service"])), "removed: /etc/d/b; reloaded: a"
        )
        self.assertFalse(self.machine.root.path("/etc/d").exists())
        self.assertEqual(self.machine.orders(), ["reload a.service"])

    def test_an_owner_that_does_not_exist_is_named_and_nothing_is_touched(self) -> None:
        self.machine.write("/etc/a", "old")
        bad = {**file("new"), "owner": "no-such-user"}
        error = self.refused("files", manifest=group("core", {"/etc/a": file("new"), "/etc/b": bad}))
        self.assertIn("/etc/b: owner 'no-such-user' does not exist", error)
        self.assertEqual(self.machine.read("/etc/a"), "old")
        self.assertEqual([p.name for p in self.machine.root.path("/etc").iterdir()], ["a"])

    def test_a_file_belongs_to_one_group_alone(self) -> None:
        self.ok("files", manifest=group("core", {"/etc/a": file("x")}))
        error = self.refused("files", manifest=group("videobridge", {"/etc/a": file("y")}))
        self.assertIn("/etc/a: already belongs to group 'core'", error)
        self.assertEqual(self.machine.read("/etc/a"), "x")

    def test_a_folder_in_the_way_is_named(self) -> None:
        self.machine.root.path("/etc/a").mkdir(parents=True)
        self.assertIn(
            "/etc/a: exists, but is not a file",
            self.refused("files", manifest=group("c", {"/etc/a": file("")})),
        )

    def test_mistakes_in_the_manifest_name_the_key(self) -> None:
        cases = {
            "files[/etc/a].mode": group("c", {"/etc/a": {**file("x"), "mode": "644"}}),
            "files[/etc/a].colour": group("c", {"/etc/a": {**file("x"), "colour": "red"}}),
            "'/etc/../a' is not": group("c", {"/etc/../a": file("x")}),
            "'prosody' is not the full name": group("c", {}, ["prosody"]),
            "group.run: is missing": {"group": "c", "files": {}},
            "is not JSON": "{",
        }
        for text, manifest in cases.items():
            with self.subTest(text):
                self.assertIn(text, self.refused("files", manifest=manifest))

    def test_the_heap_follows_the_memory_of_the_host_and_is_a_managed_file(self) -> None:
        self.machine.unit("jicofo.service")
        self.machine.write("/proc/meminfo", "MemTotal:        8388608 kB\n")
        heap = {"variable": "HEAP", "share": 0.25, "minimumMegabytes": 256, "maximumMegabytes": 3072}
        heaps = {"/etc/heap": {**heap, "units": {"jicofo.service": "restart"}}}
        manifest = group("core", {}, ["jicofo.service"], heaps=heaps)
        self.assertEqual(self.ok("files", manifest=manifest), "changed: /etc/heap; restarted: jicofo")
        self.assertEqual(self.machine.read("/etc/heap"), "HEAP=2048m\n")
        self.assertEqual(self.ok("files", manifest=manifest), "nothing to change")
        self.machine.write("/proc/meminfo", "MemTotal:        524288 kB\n")
        self.ok("files", manifest=manifest)
        self.assertEqual(self.machine.read("/etc/heap"), "HEAP=256m\n")


if __name__ == "__main__":
    unittest.main()
