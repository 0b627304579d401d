"""Which packages of the helper may import which: what several share imports none of those that share it."""

import ast
import unittest
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "audio_meet"
MAY_IMPORT = {
    "system": {"system"},
    "network": {"network", "system"},
    "prosody": {"prosody", "system"},
    "bridge": {"bridge", "network", "system"},
    "recorder": {"recorder", "network", "system"},
}


def imported(file: Path) -> Iterator[str]:
    """Packages of the helper that a module imports from; "" for modules beside the packages."""
    above = file.relative_to(PACKAGE).parts[:-1]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = above[: len(above) - node.level + 1]
            names = [node.module] if node.module else [alias.name for alias in node.names]
            for name in names:
                first = [*base, *name.split(".")][0]
                yield first if (PACKAGE / first).is_dir() else ""


class Imports(unittest.TestCase):
    def test_a_package_below_others_imports_none_of_them(self) -> None:
        for package, allowed in MAY_IMPORT.items():
            for file in sorted((PACKAGE / package).rglob("*.py")):
                self.assertEqual(set(imported(file)) - allowed, set(), file)

    def test_imports_of_others_are_seen(self) -> None:
        found = {name for file in (PACKAGE / "checks/kinds").glob("*.py") for name in imported(file)}
        self.assertGreaterEqual(found, {"certificate", "checks", "network", "prosody", "recorder", "system"})
