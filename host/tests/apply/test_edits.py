"""Edits by hand: named, and never lost."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from audio_meet import installation
from audio_meet.apply import interrupted_edits, rollout
from audio_meet.edits import kept
from audio_meet.system import files
from machine import MachineCase, file, group

PATH = "/etc/jitsi/jicofo/jicofo.conf"


FOLDER = "/var/backups/audio-meet"


class EditCase(MachineCase):
    def applied(self, text: str, verb: str = "files") -> str:
        _, out, err = self.machine.cli(verb, manifest=group("jicofo", {PATH: file(text)}))
        return out + err

    def edit(self) -> None:
        self.applied("cap = 220")
        self.machine.write(PATH, "cap = 333")

    def kept(self, said: str) -> str:
        (place,) = re.findall(r"the changed content is in (/var/backups/audio-meet/\S+)", said)
        self.assertEqual(self.machine.root.path(place).stat().st_mode & 0o777, 0o600)
        self.assertTrue(place.endswith(PATH))
        return self.machine.read(place)

    def copies(self) -> dict[str, str]:
        """Everything that was put aside: path without the time → content, links by where they lead."""
        base = self.machine.root.path(FOLDER)
        found = {}
        for path in sorted(base.rglob("*")) if base.is_dir() else []:
            if path.is_symlink() or path.is_file():
                name = str(path.relative_to(base))
                found[name] = (
                    f"-> {os.readlink(path)}" if path.is_symlink() else path.read_text(errors="replace")
                )
        return found

    def contents(self) -> list[str]:
        return sorted(self.copies().values())

    def noted(self) -> str:
        """What the verification says of edits."""
        return self.machine.cli("verify", manifest={"checks": [], "timeoutSeconds": 0})[2]


class Edits(EditCase):
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
        self.assertNotIn("changed by hand", self.applied("cap = 200"))
        self.assertFalse(self.machine.root.path("/var/backups/audio-meet").exists())

    def test_of_a_secret_nothing_is_kept(self) -> None:
        self.applied("one", "secrets")
        self.machine.write(PATH, "two")
        self.assertIn(f"{PATH} was changed by hand", self.applied("three", "secrets"))
        self.assertFalse(self.machine.root.path("/var/backups/audio-meet").exists())

    def test_the_verification_names_edits_and_holds(self) -> None:
        self.edit()
        code, out, err = self.machine.cli("verify", manifest={"checks": [], "timeoutSeconds": 0})
        summary = json.loads(out)
        self.assertEqual((code, summary["healthy"], summary["edited"]), (0, True, [PATH]))
        self.assertIn(f"{PATH} was changed by hand", err)

    def test_the_same_when_a_feature_is_switched_off_and_its_file_goes(self) -> None:
        self.edit()
        _, out, _ = self.machine.cli("files", manifest=group("jicofo", {}))
        self.assertEqual(self.kept(out), "cap = 333")
        self.assertFalse(self.machine.root.path(PATH).exists())

    def test_a_file_that_was_replaced_by_a_link_is_named_and_the_link_is_kept(self) -> None:
        self.applied("cap = 220")
        mine = self.machine.write("/srv/jicofo.conf", "cap = 333")
        live = self.machine.root.path(PATH)
        live.unlink()
        live.symlink_to(mine)
        self.assertIn(f"{PATH} was replaced by hand with a link to {mine}", self.noted())
        self.assertIn(f"link to {mine}", self.applied("cap = 200"))
        self.assertEqual((self.machine.read(PATH), mine.read_text()), ("cap = 200", "cap = 333"))
        self.assertFalse(live.is_symlink())
        self.assertEqual(self.contents(), [f"-> {mine}"])

    def test_mode_and_owner_are_named_and_set_right(self) -> None:
        self.applied("cap = 220")
        live = self.machine.root.path(PATH)
        live.chmod(0o666)
        words = f"{PATH} has mode 0666 instead of 0644, set by hand"
        self.assertIn(words, self.noted())
        self.assertIn(words, self.applied("cap = 220"))
        self.assertEqual((live.stat().st_mode & 0o777, self.copies()), (0o644, {}))

    def test_a_file_that_was_deleted_is_named_and_put_back(self) -> None:
        self.applied("cap = 220")
        self.machine.root.path(PATH).unlink()
        self.assertIn(f"{PATH} was deleted by hand", self.noted())
        self.assertIn(f"{PATH} was deleted by hand", self.applied("cap = 220"))
        self.assertEqual((self.machine.read(PATH), self.copies()), ("cap = 220", {}))
        self.assertEqual(self.noted(), "")

    def test_a_copy_never_replaces_an_older_one_and_the_same_is_kept_once(self) -> None:
        with mock.patch.object(kept.time, "strftime", return_value="20260102T000000Z"):
            for text in ("one", "two", "one"):
                self.applied("cap = 220")
                self.machine.write(PATH, text)
            self.applied("cap = 220")
        self.assertEqual(self.contents(), ["one", "two"])

    def test_copies_are_for_root_alone_and_no_wider_than_what_they_are_of(self) -> None:
        self.machine.root.path(FOLDER).mkdir(parents=True, mode=0o755)
        self.applied("cap = 220")
        self.machine.write(PATH, "cap = 333", 0o440)
        place = self.machine.root.path(
            re.findall(r"is in (\S+)", self.applied("cap = 220"))[0]  # the path ends the line
        )
        self.assertEqual(place.stat().st_mode & 0o777, 0o400)
        top = self.machine.root.path(FOLDER)
        folders = [top, *(path for path in top.rglob("*") if path.is_dir())]
        self.assertEqual({path.stat().st_mode & 0o777 for path in folders}, {0o700})

    def test_destroy_leaves_the_copies_and_says_where(self) -> None:
        self.edit()
        self.ok("remove", "jicofo")
        self.assertIn(f"files changed by hand are kept in {FOLDER}", self.ok("uninstall"))
        self.assertEqual(self.contents(), ["cap = 333"])

    def test_files_of_others_in_our_folder_do_not_go_with_it(self) -> None:
        self.applied("cap = 220")
        self.ok("remove", "jicofo")
        self.machine.write("/etc/audio-meet/notes/today", "mine", 0o640)
        self.assertIn(
            "/etc/audio-meet/notes/today does not belong to this deployment; it was moved to ",
            self.ok("uninstall"),
        )
        self.assertEqual(self.contents(), ["mine"])


class Interrupted(EditCase):
    """Runs that are cut off between the steps of putting aside and writing."""

    def cut(self, where: object, name: str, *, after: bool = False) -> None:
        """An apply of another content that is killed when it comes to, or from, a function."""
        real: Callable[..., object] = getattr(where, name)

        def killed(*given: object, **more: object) -> None:
            if after:
                real(*given, **more)
            raise KeyboardInterrupt

        with mock.patch.object(where, name, killed), self.assertRaises(KeyboardInterrupt):
            self.applied("cap = 200")

    def finished(self) -> str:
        said = self.applied("cap = 200")
        self.assertEqual(self.machine.read(PATH), "cap = 200")
        return said

    def test_before_anything_was_put_aside(self) -> None:
        self.edit()
        self.cut(interrupted_edits, "put_aside")
        self.assertEqual(self.kept(self.finished()), "cap = 333")
        self.assertEqual(self.contents(), ["cap = 333"])

    def test_between_putting_aside_and_writing_and_while_it_went_live(self) -> None:
        for where, name, after in (
            (interrupted_edits, "put_aside", True),
            (rollout, "publish", False),
            (rollout, "publish", True),
        ):
            self.edit()
            self.cut(where, name, after=after)
            self.finished()
            self.assertEqual(self.contents(), ["cap = 333"], (name, after))

    def test_an_edit_after_the_cut_is_kept_beside_the_first(self) -> None:
        for after in (False, True):
            self.edit()
            self.cut(rollout, "publish", after=after)
            self.machine.write(PATH, f"cap = 44{after:d}")
            self.finished()
            self.assertIn(f"cap = 44{after:d}", self.contents())
        self.assertEqual(self.contents(), ["cap = 333", "cap = 440", "cap = 441"])

    def test_what_a_run_that_was_cut_off_had_written_is_no_edit(self) -> None:
        self.applied("cap = 220")
        self.cut(rollout, "publish", after=True)
        self.assertEqual(self.noted(), "")
        self.assertNotIn("somebody", self.finished())
        self.assertEqual(self.copies(), {})

    def test_a_removal_that_is_cut_off_deletes_nothing_that_was_there_before(self) -> None:
        other = "/etc/jitsi/jicofo/other"
        self.machine.write(PATH, "of the operator")
        self.machine.write(other, "of the operator, too")
        self.ok("files", manifest=group("jicofo", {PATH: file("ours"), other: file("ours")}))
        self.machine.write(PATH, "ours, edited")
        real, calls = files.put_back, []

        def killed(root: object, path: str, *more: object) -> None:
            real(root, path, *more)  # type: ignore[arg-type]
            calls.append(path)
            if path == other:
                raise KeyboardInterrupt

        for last in (True, False):
            patch = mock.patch.object(files, "put_back", killed if last else real)
            with patch, self.assertRaises(KeyboardInterrupt) if last else mock.MagicMock():
                self.machine.cli("remove", "jicofo")
        self.assertEqual(self.machine.read(PATH), "of the operator")
        self.assertEqual(self.machine.read(other), "of the operator, too")
        self.assertEqual(self.contents(), ["ours, edited"])


class Helper(EditCase):
    """The helper's own files on the host."""

    MODULES = {"cli.py": "", "__init__.py": ""}

    def setUp(self) -> None:
        super().setUp()
        self.library = self.machine.tree / "usr/local/lib/audio-meet"
        self.entry = self.machine.tree / "usr/local/sbin/audio-meet"

    def install(self) -> str:
        return installation.install(self.MODULES, self.machine.tree)

    def test_a_program_of_the_operators_at_its_place_is_put_aside(self) -> None:
        self.machine.write("/usr/local/sbin/audio-meet", "#!/bin/sh\necho mine\n", 0o755)
        self.assertIn(
            "/usr/local/sbin/audio-meet was changed by hand; the changed file is now ", self.install()
        )
        self.assertEqual(self.contents(), ["#!/bin/sh\necho mine\n"])
        self.assertEqual(self.entry.read_text(), installation.ENTRY_TEXT)

    def test_its_link_and_its_modules_are_put_aside_when_somebody_changed_them(self) -> None:
        self.install()
        link = self.library / "audio_meet"
        (link / "cli.py").write_text("mine")
        self.assertIn("version-", self.install())
        self.assertIn("mine", self.contents())
        link.unlink()
        link.mkdir()
        (link / "own.py").write_text("mine, too")
        self.install()
        self.assertTrue(Path(link).is_symlink())
        self.assertIn("mine, too", self.contents())
        self.assertIn("already", self.install())
        self.assertEqual(self.machine.root.path(FOLDER).stat().st_mode & 0o777, 0o700)
