"""Secrets: rotation with its restarts, and not a trace of a value anywhere else."""

import os
import stat
from pathlib import Path

from accounts_case import OTHER, PASSWORD, SECRET, AccountsCase


class Secrets(AccountsCase):
    def assert_nowhere(self, value: str, *texts: str, but: tuple[str, ...] = ()) -> None:
        """`value` is in no text and in no file of the machine but those named."""
        for text in texts:
            self.assertNotIn(value, text)
        allowed = {self.machine.root.path(path) for path in but}
        allowed |= {self.machine.folder / f"stored-{PASSWORD}"}
        for folder, _, names in os.walk(self.machine.folder):
            for path in (Path(folder) / name for name in names):
                if path not in allowed and stat.S_ISREG(path.lstat().st_mode):
                    self.assertNotIn(value, path.read_text(errors="replace"), path)

    def test_a_changed_secret_restarts_its_reader_and_leaves_no_trace(self) -> None:
        self.ok("secrets", manifest=self.secret(PASSWORD))
        self.machine.calls()
        out = self.ok("secrets", manifest=self.secret(OTHER))
        self.assertEqual(out, f"changed: {SECRET}; restarted: jicofo")
        self.assert_nowhere(OTHER, out, but=(SECRET,))
        self.assert_nowhere(PASSWORD, out)
        self.assertEqual(self.machine.orders(), ["restart jicofo.service"])

    def test_a_failure_tells_no_secret_and_puts_the_old_one_back(self) -> None:
        self.ok("secrets", manifest=self.secret(PASSWORD))
        self.machine.command("journalctl", f"echo error: password {OTHER}")
        self.machine.poison("jicofo.service", SECRET, OTHER)
        error = self.refused("secrets", manifest=self.secret(OTHER))
        self.assertIn("jicofo.service: does not stay up", error)
        self.machine.calls()
        (self.machine.folder / "units" / "jicofo.service.poison").unlink()
        (self.machine.bin / "journalctl").unlink()
        self.assert_nowhere(OTHER, error)
        self.assertEqual(self.machine.read(SECRET), PASSWORD)
        self.assertEqual(self.machine.state("jicofo.service"), "active")

    def test_a_fault_of_the_helper_itself_tells_no_secret(self) -> None:
        manifest = self.secret(OTHER)
        manifest["files"][SECRET]["mode"] = OTHER[:4]
        self.assertNotIn(OTHER, self.refused("secrets", manifest=manifest))
