"""Text is UTF-8 whatever the locale of the host says, and bytes of others that are none crash nothing."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

from audio_meet import installation
from audio_meet.system.documents import Json
from audio_meet.system.state import State
from machine import MachineCase, file, group
from packages.test_packages import wanted

MODULES = Path(__file__).resolve().parents[1] / "audio_meet"
# What decodes or encodes with the encoding of the locale unless it is told another one.
PROCESSES = ("Popen", "run", "check_output", "check_call")
CALLS = ("open", "read_text", "write_text", "fdopen", *PROCESSES)
# A function of ours of the same name, which encodes by itself.
NOT_FILES = ("repositories",)

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONDONTWRITEBYTECODE": "1"}


class Locale(MachineCase):
    def helper(self, *arguments: str, manifest: Json) -> tuple[int, str, str]:
        """A verb in a process of its own, started as the entry on hosts does, where the locale is ASCII."""
        _, flags = installation.ENTRY_TEXT.splitlines()[0].split()
        machine = self.machine
        program = (
            f"import sys; sys.path.insert(0, {str(MODULES.parent)!r}); from pathlib import Path;"
            "from audio_meet import cli; from audio_meet.system.root import Root;"
            f"root = Root(prefix=Path({str(machine.tree)!r}), search_path={machine.root.search_path!r},"
            f"default_owner={machine.root.default_owner!r}, stay_up_seconds=0.02);"
            f"sys.exit(cli.main({list(arguments)!r}, root))"
        )
        done = subprocess.run(
            # without I, which would not let Python be told to take the locale at its word
            [sys.executable, flags.replace("I", ""), "-c", program],
            input=json.dumps(manifest, ensure_ascii=False).encode(),
            env={
                "LC_ALL": "C",
                "PYTHONUTF8": "0",
                "PYTHONCOERCECLOCALE": "0",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def test_content_names_and_words_of_a_manifest_arrive_as_they_were_sent(self) -> None:
        self.machine.unit("a.service", active=False)
        path = "/etc/grüße/ä.conf"
        manifest = group("web", {path: file("Zürich 日本\n", a_service="restart")}, ["a.service"])
        code, out, err = self.helper("files", manifest=manifest)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out, f"changed: {path}; started: a\n")
        self.assertEqual((self.machine.tree / "etc/grüße/ä.conf").read_bytes(), "Zürich 日本\n".encode())
        self.assertEqual(self.helper("files", manifest=manifest)[1], "nothing to change\n")

    def test_what_a_daemon_said_last_is_passed_on(self) -> None:
        self.machine.unit("a.service", active=False)
        self.machine.poison("a.service", "/etc/a", "kaputt")
        self.machine.command("journalctl", "printf 'error: Schlüssel fehlt \\377\\n'")
        manifest = group("web", {"/etc/a": file("kaputt", a_service="restart")}, ["a.service"])
        code, _, err = self.helper("files", manifest=manifest)
        self.assertEqual(code, 1)
        self.assertIn("error: Schlüssel fehlt \ufffd", err)

    def test_bytes_of_others_that_are_no_text_crash_nothing(self) -> None:
        self.machine.write("/etc/os-release", "ID=debian\nVERSION_ID=13\nNAME=ä\n")
        with self.machine.root.path("/etc/os-release").open("ab") as release:
            release.write(b"VENDOR=\xe4\n")
        name = os.fsencode(self.machine.tree) + b"/etc/caf\xe9"
        with open(name, "wb") as theirs:
            theirs.write(b"theirs \xe9")
        for program in ("apt-get", "dpkg"):
            self.machine.command(program)
        self.machine.command("dpkg-query", "printf 'dpkg\\tinstalled\\t1\\n'")
        self.machine.command("apt-cache", "echo 'hello | 1.0 | x'")
        code, out, err = self.helper("packages", manifest=wanted({"hello": "1.0"}))
        self.assertEqual((code, err), (0, ""))
        self.assertIn("installed: hello 1.0", out)
        before = State(self.machine.root).packages()["surroundings"]
        self.assertIn("/etc/caf\udce9", before["files"])
        code, _, err = self.helper("remove-packages", manifest={})
        self.assertEqual((code, err), (0, ""))
        with open(name, "rb") as theirs:
            self.assertEqual(theirs.read(), b"theirs \xe9")


class Source(MachineCase):
    def test_no_call_leaves_the_encoding_to_the_locale(self) -> None:
        found = [where for module in sorted(MODULES.rglob("*.py")) for where in _unspecified(module)]
        self.assertEqual(found, [])

    def test_such_a_call_would_be_found(self) -> None:
        lines = [
            *("open(p)", "open(p, 'w')", "p.read_text()", "p.write_text(t, errors='replace')"),
            *("run(c, text=True)", "Popen(c, universal_newlines=True)", "fdopen(d, 'w')", "p.open()"),
        ]
        module = self.machine.write("/module.py", "\n".join(lines))
        self.assertEqual(len(_unspecified(module)), len(lines))
        right = [
            "open(p, 'rb')",
            "p.read_text(encoding='utf-8')",
            "run(c)",
            "run(c, text=True, encoding='u8')",
        ]
        self.assertEqual(_unspecified(self.machine.write("/module.py", "\n".join(right))), [])


def _unspecified(module: Path) -> list[str]:
    """Calls of a module, as `file:line`, that work with text and name no encoding."""
    nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    return [f"{module.name}:{call.lineno}" for call in calls if _leaves_it_open(call)]


def _leaves_it_open(call: ast.Call) -> bool:
    is_method = isinstance(call.func, ast.Attribute)
    name = getattr(call.func, "attr" if is_method else "id", "")
    owner = getattr(getattr(call.func, "value", None), "id", "")
    named = {keyword.arg: keyword.value for keyword in call.keywords}
    if name not in CALLS or owner in NOT_FILES or (owner, name) == ("os", "open") or "encoding" in named:
        return False
    if name == "open" and "timeout" in named:
        return False  # an opener of urllib
    if name in PROCESSES:
        return bool({"text", "universal_newlines", "errors"} & named.keys())
    if name in ("read_text", "write_text"):
        return True
    place = 0 if is_method and owner != "os" else 1
    mode = named.get("mode") or (call.args[place] if len(call.args) > place else ast.Constant("r"))
    return not (isinstance(mode, ast.Constant) and "b" in str(mode.value))
