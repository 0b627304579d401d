"""The command `audio-meet VERB`: runs the verb, prints one line, whatever went wrong."""

from __future__ import annotations

import os
import sys
import traceback

from .system import ssh_limits
from .system.errors import HostError, of_system
from .system.root import Root
from .verbs import find, mistake, usage


def main(arguments: list[str], root: Root | None = None) -> int:
    """Run one verb; returns the exit code (0 done, 1 error, 2 drift found)."""
    root = root or Root()
    verb = find(arguments)
    if verb is None:
        asked = arguments[:1] in ([], ["--help"], ["-h"])
        print(usage(), file=sys.stdout if asked else sys.stderr)
        if not asked:
            print(mistake(arguments[0]), file=sys.stderr)
        return 0 if asked else 1
    if not verb.of_unit:
        os.umask(0o022)

    def run() -> int:
        return verb.load()(root, arguments)

    try:
        return ssh_limits.within(root, run) if verb.is_step else run()
    except HostError as error:
        line = error.line(root.host())
    except OSError as error:
        line = of_system(error, verb.name).line(root.host())
    except Exception as error:  # a fault of ours: say where, but no values, which may be secret
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} in {frame.name}, {frame.filename}:{frame.lineno}"
        line = HostError(verb.name, f"unexpected {where}", "report this line").line(root.host())
    for note in root.notes:
        print(f"note: {note}", file=sys.stderr)
    print(line, file=sys.stderr)
    return 1
