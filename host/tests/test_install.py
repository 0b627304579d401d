"""The helper on its way to a host: every folder and module of one version, and nothing of another."""

import contextlib
import io
import os
import subprocess
import sys
from functools import partial
from pathlib import Path
from unittest import mock

from audio_meet import install, installation
from audio_meet.system import ssh_limits
from audio_meet.system.ssh_rules import Limit
from machine import MachineCase
from system.test_ssh_limits import CLIENT

PACKAGE = Path(__file__).resolve().parents[1] / "audio_meet"


class Install(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.library = self.machine.tree / "usr/local/lib/audio-meet"
        self.package = self.library / "audio_meet"

    def install(self, modules: dict[str, str]) -> str:
        return installation.install(modules, self.machine.tree)

    def present(self) -> list[str]:
        """Modules and folders of the version in use, without what Python keeps beside them."""
        every = sorted(path.relative_to(self.package).as_posix() for path in self.package.rglob("*"))
        return [path for path in every if "__pycache__" not in path]

    def modules(self) -> dict[str, str]:
        return {str(path.relative_to(PACKAGE)): path.read_text() for path in PACKAGE.rglob("*.py")}

    def test_units_of_other_users_can_run_it_whatever_the_umask_of_root(self) -> None:
        self.addCleanup(os.umask, os.umask(0o077))
        library = self.machine.tree / "usr/local/lib/audio-meet"
        library.mkdir(parents=True)
        installation.install(self.modules(), self.machine.tree)
        entry = self.machine.tree / "usr/local/sbin/audio-meet"
        self.assertTrue((library / "audio_meet/system").is_dir())
        for path in [library, *library.rglob("*"), entry.parent, entry]:
            may = 0o555 if path.is_dir() or path == entry else 0o444
            self.assertEqual(path.stat().st_mode & may, may, path)
        self.assertEqual(os.umask(0o077), 0o077)

    def test_the_installed_helper_runs_and_stale_modules_go(self) -> None:
        tree = self.machine.tree
        installation.install({**self.modules(), "stale.py": ""}, tree)
        self.assertIn("installed", installation.install(self.modules(), tree))
        self.assertIn("already", installation.install(self.modules(), tree))
        library = tree / "usr/local/lib/audio-meet"
        self.assertFalse((library / "audio_meet/stale.py").exists())
        self.assertEqual(len([p for p in library.iterdir() if p.is_dir() and not p.is_symlink()]), 1)
        self.assertTrue(os.access(tree / "usr/local/sbin/audio-meet", os.X_OK))
        program = (
            f"import sys; sys.path.insert(0, {str(library)!r}); from audio_meet import cli; cli.main(['-h'])"
        )
        done = subprocess.run(
            [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
        )
        self.assertIn("remove-packages", done.stdout)

    def test_a_python_that_cannot_run_the_helper_is_named_before_anything_is_written(self) -> None:
        self.assertEqual(install.refusal((3, 10)), "")
        self.assertIn("python3: version 3.9, but the helper needs 3.10 or newer", install.refusal((3, 9)))
        text = self.modules()["install.py"].replace("(3, 10)", "(99, 0)")
        with self.assertRaises(SystemExit) as refused:
            self.bootstrap(text)
        self.assertIn("99.0 or newer", str(refused.exception))
        self.assertEqual(list(self.machine.tree.iterdir()), [])

    def bootstrap(self, text: str) -> None:
        """Execute `text` as the bootstrap step does, with the tree of this test in place of /."""
        in_tree = partial(installation.install, prefix=self.machine.tree)
        with mock.patch.object(installation, "install", in_tree), contextlib.redirect_stdout(io.StringIO()):
            exec(compile(text, "install.py", "exec"), {"modules": self.modules()})  # noqa: S102 - as bootstrap does

    def test_the_bootstrap_command_installs_what_is_on_its_stdin(self) -> None:
        with mock.patch.object(ssh_limits, "login_of", return_value=None):
            self.bootstrap(self.modules()["install.py"])
        self.assertTrue((self.machine.tree / "usr/local/lib/audio-meet/audio_meet/cli.py").is_file())

    def test_a_host_that_lets_too_few_connections_in_is_refused_before_anything_is_written(self) -> None:
        with (
            mock.patch.object(ssh_limits, "login_of", return_value=CLIENT),
            mock.patch.object(ssh_limits, "limits", return_value=[Limit(2, 600.0)]),
            self.assertRaises(SystemExit) as refused,
        ):
            self.bootstrap(self.modules()["install.py"])
        self.assertIn("allows 2 new connections in 600 s", str(refused.exception))
        self.assertEqual(list(self.machine.tree.iterdir()), [])

    def test_a_module_outside_of_the_package_is_refused(self) -> None:
        for path in ("../evil.py", "a/../../evil.py", "/etc/evil.py", "a//evil.py", "evil", "a/evil.sh", ""):
            with self.assertRaises(ValueError):
                installation.install({path: ""}, self.machine.tree)

    def test_folders_and_modules_that_a_version_does_not_have_any_more_are_gone(self) -> None:
        self.install({"cli.py": "", "old.py": "", "system/root.py": "", "former/deep/a.py": ""})
        self.assertTrue((self.package / "former/deep/a.py").is_file())
        self.install({"cli.py": "", "system/root.py": "more"})
        self.assertEqual(self.present(), ["cli.py", "system", "system/root.py"])
        self.assertEqual((self.package / "system/root.py").read_text(), "more")
        self.assertEqual(len(list(self.library.iterdir())), 2)

    def test_a_host_with_modules_in_one_folder_gets_those_in_packages(self) -> None:
        """As a stack has it that was made before there were packages: the same link, the same entry."""
        flat = {"__init__.py": "", "cli.py": "from .state import x", "state.py": "x = 1", "install.py": ""}
        self.install(flat)
        entry = self.machine.tree / "usr/local/sbin/audio-meet"
        before = (entry.read_bytes(), entry.stat())
        said = self.install(self.modules())
        self.assertRegex(said, r"^helper [0-9a-f]{16} installed$")
        self.assertEqual((entry.read_bytes(), entry.stat().st_mode), (before[0], before[1].st_mode))
        self.assertFalse((self.package / "state.py").exists())
        self.assertTrue((self.package / "system/state.py").is_file())
        self.assertEqual(
            [path.name for path in self.library.glob("version-*")], [self.package.readlink().name]
        )
        self.assertFalse((self.machine.tree / "var/backups").exists())

    def test_an_edit_in_a_former_version_is_put_aside(self) -> None:
        self.install({"cli.py": "", "system/root.py": "", "other.py": ""})
        (self.package / "system/root.py").write_text("mine")
        said = self.install({"cli.py": "", "system/root.py": ""})
        self.assertIn("was changed by hand; the changed file is now ", said)
        kept = list((self.machine.tree / "var/backups/audio-meet").rglob("system/root.py"))
        self.assertEqual([path.read_text() for path in kept], ["mine"])
        self.assertIn("already", self.install({"cli.py": "", "system/root.py": ""}))

    def test_what_others_have_in_its_folder_stays_when_it_comes_changes_and_goes(self) -> None:
        own = self.machine.write("/usr/local/lib/audio-meet/theirs/notes", "theirs")
        self.install({"cli.py": ""})
        self.install({"cli.py": "more"})
        self.assertIn(
            "note: /usr/local/lib/audio-meet/theirs does not belong to Audio Meet and was left there",
            self.ok("uninstall"),
        )
        self.assertEqual([path.name for path in self.library.iterdir()], ["theirs"])
        self.assertEqual(own.read_text(), "theirs")

    def test_a_folder_that_somebody_closed_is_opened_again(self) -> None:
        modules = {"cli.py": "", "system/root.py": ""}
        self.install(modules)
        (self.package / "system").chmod(0o700)
        (self.package / "cli.py").chmod(0o600)
        self.assertNotIn("already", self.install(modules))
        self.assertEqual((self.package / "system").stat().st_mode & 0o777, 0o755)
        self.assertEqual((self.package / "cli.py").stat().st_mode & 0o777, 0o644)
        self.assertIn("already", self.install(modules))
