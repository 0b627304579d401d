"""A group takes over what belonged to others: nothing is written again, no unit is told, nothing is lost."""

from pathlib import Path
from typing import Any
from unittest import mock

from audio_meet.system.state import State
from machine import MachineCase, file, group

RULES, VALUES, KEPT = "/etc/rules", "/etc/values", "/etc/kept"
UNITS = ["fw.service", "kernel.service"]


def firewall(content: str = "rules") -> dict[str, Any]:
    return group("firewall", {RULES: file(content, fw_service="restart")}, ["fw.service"])


def kernel(content: str = "values") -> dict[str, Any]:
    files = {VALUES: file(content, kernel_service="restart"), KEPT: file("ours")}
    return group("kernel", files, ["kernel.service"])


def host(rules: str = "rules", values: str = "values", **files: Any) -> dict[str, Any]:
    """Both in one group."""
    both = {**firewall(rules)["files"], **kernel(values)["files"], **files}
    return group("host", both, UNITS, formerGroups=["firewall", "kernel"])


class Interrupted(KeyboardInterrupt):
    """The helper ends in the middle."""


class FormerGroups(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.write(KEPT, "of the package")
        self.machine.unit("fw.service", active=False, enabled=False)
        self.machine.unit("kernel.service", active=False, enabled=False)

    def apart(self) -> None:
        """The host as an earlier program left it."""
        self.ok("files", manifest=firewall())
        self.ok("files", manifest=kernel())
        self.machine.calls()

    def inodes(self) -> list[int]:
        return [self.machine.root.path(path).stat().st_ino for path in (RULES, VALUES, KEPT)]

    def groups(self) -> list[str]:
        return sorted(State(self.machine.root).groups())

    def is_up(self) -> bool:
        return all(self.machine.state(unit) == "active" for unit in UNITS)

    def test_what_is_as_it_was_is_not_written_again_and_no_unit_is_told(self) -> None:
        self.apart()
        before = self.inodes()
        self.assertEqual(self.ok("files", manifest=host()), "nothing to change")
        self.assertEqual(self.inodes(), before)
        self.assertEqual(self.machine.orders(), [])
        self.assertEqual(self.groups(), ["host"])

    def test_only_the_unit_of_a_file_that_differs_restarts(self) -> None:
        self.apart()
        self.assertEqual(
            self.ok("files", manifest=host(values="more")), f"changed: {VALUES}; restarted: kernel"
        )
        self.assertEqual(self.machine.orders(), ["restart kernel.service"])

    def test_the_removal_of_a_former_group_finds_nothing(self) -> None:
        self.apart()
        self.ok("files", manifest=host())
        for name in ("firewall", "kernel"):
            self.assertEqual(self.ok("remove", name), "nothing to remove")
        self.assertEqual(self.machine.read(RULES), "rules")
        self.assertEqual(self.machine.orders(), [])
        self.assertTrue(self.is_up())

    def test_files_that_nobody_wants_any_more_go_and_what_was_there_before_comes_back(self) -> None:
        self.apart()
        wanted = host()
        del wanted["files"][KEPT]
        self.assertEqual(self.ok("files", manifest=wanted), f"removed: {KEPT}")
        self.assertEqual(self.machine.read(KEPT), "of the package")
        self.ok("remove", "host")
        self.assertFalse(self.machine.root.path(RULES).exists())
        self.assertFalse(self.is_up())

    def test_a_unit_that_ran_before_all_of_them_still_runs_after_them(self) -> None:
        self.machine.unit("fw.service")
        self.apart()
        self.ok("files", manifest=host())
        self.ok("remove", "host")
        self.assertEqual(self.machine.state("fw.service"), "active")
        self.assertEqual(self.machine.state("kernel.service"), "inactive")

    def test_on_a_host_without_them_it_is_a_group_as_any_other(self) -> None:
        self.ok("files", manifest=host())
        self.assertTrue(self.is_up())
        self.ok("remove", "host")
        self.assertEqual(self.machine.read(KEPT), "of the package")

    def test_a_group_with_secrets_takes_over_one_without(self) -> None:
        self.ok("secrets", manifest=group("secrets", {"/etc/key": file("KEY", "0600")}))
        certificate = file("CERT", a_service="reload")
        self.machine.unit("a.service")
        self.ok("files", manifest=group("trust", {"/etc/cert": certificate}))
        self.machine.calls()
        both = {"/etc/key": file("KEY", "0600"), "/etc/cert": certificate}
        manifest = group("secrets", both, formerGroups=["trust"])
        self.assertEqual(self.ok("secrets", manifest=manifest), "nothing to change")
        self.assertEqual(self.machine.orders(), [])
        self.assertEqual(self.ok("remove", "trust"), "nothing to remove")
        self.assertEqual(self.machine.read("/etc/cert"), "CERT")

    def test_an_edit_by_hand_is_still_told(self) -> None:
        self.apart()
        self.machine.write(RULES, "by hand")
        said = self.ok("files", manifest=host())
        self.assertIn("was changed by hand", said)
        self.assertEqual(self.machine.read(RULES), "rules")

    def test_a_failure_leaves_the_files_of_before_and_the_next_run_goes_on(self) -> None:
        self.apart()
        self.machine.poison("kernel.service", VALUES, "bad")
        self.refused("files", manifest=host(values="bad"))
        self.assertEqual((self.machine.read(RULES), self.machine.read(VALUES)), ("rules", "values"))
        self.assertTrue(self.is_up())
        for name in ("firewall", "kernel"):
            self.assertEqual(self.ok("remove", name), "nothing to remove")
        self.machine.calls()
        self.assertEqual(self.ok("files", manifest=host()), "nothing to change")
        self.assertEqual(self.machine.orders(), [])

    def cut(self, where: object, name: str, count: int) -> None:
        """Take over, and end when a function is called for the n-th time."""
        real, calls = getattr(where, name), []

        def ending(*given: Any) -> Any:
            calls.append(given)
            if len(calls) == count:
                raise Interrupted
            return real(*given)

        with mock.patch.object(where, name, ending), self.assertRaises(Interrupted):
            self.machine.cli("files", manifest=host())

    def test_wherever_it_is_cut_off_the_next_run_finishes_it(self) -> None:
        for name, count in [("save_group", 1), ("forget_group", 1), ("save_group", 2), ("forget_group", 2)]:
            with self.subTest(f"{name} {count}"):
                self.apart()
                before = self.inodes()
                self.cut(State, name, count)
                self.assertEqual(self.ok("files", manifest=host()), "nothing to change")
                self.assertEqual(self.inodes(), before)
                self.assertEqual(self.machine.orders(), [])
                self.assertEqual(self.groups(), ["host"])
                self.ok("remove", "host")
                self.assertEqual(self.machine.read(KEPT), "of the package")

    def test_a_former_group_that_is_half_taken_over_is_not_removed(self) -> None:
        self.apart()
        self.cut(State, "forget_group", 1)
        self.assertEqual(self.groups(), ["firewall", "host", "kernel"])
        self.assertEqual(self.ok("remove", "firewall"), "nothing to remove")
        self.assertEqual(self.machine.read(RULES), "rules")
        self.assertTrue(self.is_up())
        self.assertEqual(self.ok("files", manifest=host()), "nothing to change")

    def interrupt_firewall(self) -> None:
        """An apply of a former group that ended before its unit had the new file."""
        cut = mock.patch("audio_meet.units.settle.settle", side_effect=Interrupted)
        with cut, self.assertRaises(Interrupted):
            self.machine.cli("files", manifest=firewall("half"))
        self.machine.calls()

    def test_what_an_interrupted_apply_of_a_former_group_owed_is_done(self) -> None:
        self.apart()
        self.interrupt_firewall()
        self.assertEqual(self.ok("files", manifest=host("half")), f"changed: {RULES}; restarted: fw")
        self.assertEqual(self.machine.orders(), ["restart fw.service"])
        self.assertEqual(self.unfinished(), [])

    def test_after_it_a_failure_still_goes_back_to_the_last_good_version(self) -> None:
        self.apart()
        self.interrupt_firewall()
        self.machine.poison("kernel.service", VALUES, "bad")
        self.refused("files", manifest=host("half", "bad"))
        self.assertEqual((self.machine.read(RULES), self.machine.read(VALUES)), ("rules", "values"))
        self.assertEqual(self.unfinished(), [])

    def test_a_cut_between_journal_and_record_loses_neither(self) -> None:
        self.apart()
        self.interrupt_firewall()
        self.cut(State, "save_group", 1)
        self.assertEqual(self.ok("files", manifest=host()), f"changed: {RULES}; restarted: fw")
        self.assertEqual(self.unfinished(), [])
        self.assertEqual(self.groups(), ["host"])

    def unfinished(self) -> list[str]:
        folder: Path = State(self.machine.root).folder / "unfinished"
        return [path.name for path in folder.glob("*")]

    def test_it_cannot_name_itself(self) -> None:
        manifest = {**host(), "formerGroups": ["host"]}
        self.assertIn("group.formerGroups", self.refused("files", manifest=manifest))
