"""Units whose twins run: the stand-in systemctl starts what a twin's file says, with its input and output."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from audio_meet.checks import as_unit
from machine import Machine

RUN = """
import base64, configparser, io, os, re, sys
sys.path[:0] = [{host!r}, {tests!r}]
from pathlib import Path
from audio_meet import cli
from audio_meet.system.root import Root
text = Path({file!r}).read_text()
# the last assignment counts, an empty one forgets those before it
last = dict(re.findall(r"^(\\w+)=(.*)$", text, re.MULTILINE))
sys.stdin = io.StringIO(base64.b64decode(last["StandardInputData"]).decode())
sys.stdout = sys.stderr = open(last["StandardOutput"].removeprefix("file:"), "w")
{before}
root = Root(prefix=Path({tree!r}), search_path={search!r})
sys.exit(cli.main(last["ExecStart"].split()[1:], root))
"""


def runs(machine: Machine, unit: str, text: str, before: str = "") -> Path:
    """systemd knows the unit; `before` is Python that its twin runs first. Returns where its text stays."""
    machine.unit(unit)
    (machine.folder / "cat").write_text(text)
    machine.on("cat", f"cat {machine.folder}/cat")
    name = as_unit.twin_of(unit)
    file, seen = machine.root.path(f"{as_unit.UNITS}/{name}"), machine.folder / f"seen-{name}"
    here = Path(__file__).resolve()
    program = RUN.format(
        host=str(here.parents[1]),
        tests=str(here.parent),
        file=str(file),
        before=before,
        tree=str(machine.tree),
        search=machine.root.search_path,
    )
    (machine.folder / "twin.py").write_text(program)
    machine.on(
        "start",
        f"[ -f {file} ] || exit 0\ncp {file} {seen}\n"
        f"{shlex.quote(sys.executable)} -X utf8 {machine.folder}/twin.py </dev/null",
    )
    return seen
