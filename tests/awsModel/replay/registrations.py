"""What the program registers for each of its stacks, without an engine (register.ts)."""

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1]
TSX = FOLDER.parents[1] / "node_modules/.bin/tsx"


@cache
def registrations() -> dict[str, Any]:
    """The stacks by name; see `Registered` in register.ts. Throws where the program does not run."""
    run = subprocess.run([TSX, FOLDER / "register.ts"], stdout=subprocess.PIPE, check=True)
    stacks: dict[str, Any] = json.loads(run.stdout)
    return stacks
