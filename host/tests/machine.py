"""A machine in a folder: a Root over an empty tree, and stand-in commands that record every call.

The stand-in systemctl keeps one property file per unit; a unit whose `poison` file names a path and a word
fails to start while that word is in that path, as a daemon does with a configuration that it does not like.
With a file `kill-parent` it kills the helper at the next start, or at that of the unit that the file names.
"""

from __future__ import annotations

import contextlib
import getpass
import grp
import io
import json
import os
import shutil
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from audio_meet import cli
from audio_meet.system import ssh_limits
from audio_meet.system.root import Root
from audio_meet.system.ssh_rules import Login

USER = getpass.getuser()
GROUP = grp.getgrgid(os.getgid()).gr_name

SYSTEMCTL = """#!/bin/sh
S={folder}/units
echo "systemctl $*" >> {folder}/calls
put() {{
  kept=""
  while IFS= read -r l; do case "$l" in "$2="*) ;; *) kept="$kept$l
";; esac; done < "$S/$1"
  printf '%s%s=%s\\n' "$kept" "$2" "$3" > "$S/$1"
}}
verb=$1; shift
[ -f {folder}/on-$verb ] && sh {folder}/on-$verb
names=""; for a in "$@"; do case "$a" in -*) ;; *) names="$names $a";; esac; done
case "$verb" in
show)
  for n in $names; do
    if [ -f "$S/$n" ]; then while IFS= read -r l; do echo "$l"; done < "$S/$n"
    else echo LoadState=not-found; echo ActiveState=inactive; fi
    echo
  done ;;
start|restart)
  if [ -f {folder}/kill-parent ]; then
    case "$names" in *"$(cat {folder}/kill-parent)"*) rm {folder}/kill-parent; kill -9 $PPID; exit 1;; esac
  fi
  for n in $names; do
    [ -f "$S/$n" ] || exit 5
    put $n NRestarts 0
    if [ -f "$S/$n.poison" ]; then
      read path word < "$S/$n.poison"
      if grep -q "$word" "$path"; then put $n ActiveState failed; put $n SubState failed; continue; fi
    fi
    put $n ActiveState active; put $n SubState running
  done ;;
stop) for n in $names; do put $n ActiveState inactive; put $n SubState dead; done ;;
enable) for n in $names; do put $n UnitFileState enabled; done ;;
disable) for n in $names; do put $n UnitFileState disabled; done ;;
esac
exit 0
"""

RECORDER = """#!/bin/sh
echo "{name} $*" | tr '\\n' ' ' >> {folder}/calls; echo >> {folder}/calls
{body}
"""


class Machine:
    """One machine of one test."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="audio-meet-test-"))
        self.tree = self.folder / "tree"
        self.bin = self.folder / "bin"
        for folder in (self.tree, self.bin, self.folder / "units"):
            folder.mkdir()
        self.root = Root(
            prefix=self.tree,
            search_path=f"{self.bin}:/usr/bin:/bin",
            default_owner=(USER, GROUP),
            lock_seconds=0.3,
            stay_up_seconds=0.02,
            poll_seconds=0.02,
            settle_seconds=0.3,
            refused_seconds=0.05,
        )
        # The SSH connection that verbs come over; None: they were typed at the machine.
        self.login: Login | None = None
        self._executable("systemctl", SYSTEMCTL.format(folder=self.folder))
        self.command("journalctl", "echo 'a line of the journal'")
        # Whatever proxy the machine of a developer has.
        self._executable("apt-config", "#!/bin/sh\n")
        # The interpreter runs what it is given, which is a stand-in as well.
        self._executable("lua5.4", '#!/bin/sh\nexec "$@"\n')

    def close(self) -> None:
        shutil.rmtree(self.folder)

    def _executable(self, name: str, text: str) -> None:
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def command(self, name: str, body: str = "exit 0") -> None:
        """A stand-in command; `body` is shell."""
        self._executable(name, RECORDER.format(name=name, folder=self.folder, body=body))

    def unit(self, name: str, *, active: bool = True, enabled: bool = True, **more: str) -> None:
        """A unit that systemd knows."""
        properties = {
            "LoadState": "loaded",
            "ActiveState": "active" if active else "inactive",
            "SubState": "running" if active else "dead",
            "UnitFileState": "enabled" if enabled else "disabled",
            "Type": "simple",
            "Result": "success",
            "NRestarts": "0",
            "MainPID": "4242",
            **more,
        }
        text = "".join(f"{key}={value}\n" for key, value in properties.items())
        (self.folder / "units" / name).write_text(text)

    def poison(self, unit: str, path: str, word: str) -> None:
        """From now on the unit does not start while `word` is in `path`."""
        (self.folder / "units" / f"{unit}.poison").write_text(f"{self.tree}{path} {word}\n")

    def on(self, verb: str, body: str) -> None:
        """From now on an order to systemd also does this; `body` is shell."""
        (self.folder / f"on-{verb}").write_text(body)

    def state(self, unit: str, key: str = "ActiveState") -> str:
        """A property of a unit as it is now."""
        lines = (self.folder / "units" / unit).read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)[key]

    def write(self, path: str, text: str, mode: int = 0o644) -> Path:
        """A file that is there before the helper comes."""
        file = self.root.path(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)
        return file

    def read(self, path: str) -> str:
        return self.root.path(path).read_text()

    def calls(self, *verbs: str) -> list[str]:
        """Recorded calls; for systemctl only those that change something, and all are forgotten."""
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        changing = [" ".join(w for w in line.split() if w != "--") for line in lines]
        changing = [line for line in changing if not line.startswith("systemctl show")]
        return [line for line in changing if not verbs or set(line.split()[:2]) & set(verbs)]

    def orders(self) -> list[str]:
        """What systemd was told to do with units, in order."""
        wanted = ("start", "stop", "restart", "reload")
        return [
            line.removeprefix("systemctl ") for line in self.calls("systemctl") if line.split()[1] in wanted
        ]

    def cli(self, *arguments: str, manifest: Any = None) -> tuple[int, str, str]:
        """Run one verb; returns exit code, stdout and stderr."""
        self.root.notes.clear()
        out, err = io.StringIO(), io.StringIO()
        text = manifest if isinstance(manifest, str) else json.dumps(manifest)
        with (
            mock.patch.object(sys, "stdin", io.StringIO(text)),
            mock.patch.object(ssh_limits, "login_of", return_value=self.login),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = cli.main(list(arguments), self.root)
        return code, out.getvalue().strip(), err.getvalue().strip()


def file(
    content: str, mode: str = "0644", check: str | None = None, origin: str | None = None, **units: str
) -> dict[str, Any]:
    """A file of a manifest; keyword `a_service="restart"` stands for the unit a.service."""
    names = {name.replace("_service", ".service").replace("_", "-"): action for name, action in units.items()}
    spec = {"mode": mode, "owner": USER, "group": GROUP, "content": content, "units": names}
    return {**spec, **({"check": check} if check else {}), **({"origin": origin} if origin else {})}


def group(name: str, files: dict[str, Any], run: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """The manifest of a `files` or `secrets` step."""
    return {"group": name, "files": files, "run": run or [], **more}


class MachineCase(unittest.TestCase):
    """A test with a machine of its own."""

    def setUp(self) -> None:
        self.machine = Machine()
        self.addCleanup(self.machine.close)

    def ok(self, *arguments: str, manifest: Any = None) -> str:
        """Run a verb that must succeed; returns its summary."""
        code, out, err = self.machine.cli(*arguments, manifest=manifest)
        self.assertEqual(code, 0, err)
        return out

    def refused(self, *arguments: str, manifest: Any = None) -> str:
        """Run a verb that must fail; returns its error."""
        code, out, err = self.machine.cli(*arguments, manifest=manifest)
        self.assertEqual(code, 1, out)
        self.assertTrue(err.startswith(("audio-meet: ", "note: ", "waiting for ")), err)
        return err
