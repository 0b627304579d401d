"""Which packages of the helper may import which: those further up, never one further down."""

import ast
import unittest
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "audio_meet"
# Each package with those that it may import, beside itself and `system`. All of them come before it, so that
# no arrows go in a circle.
MAY_IMPORT: dict[str, set[str]] = {
    "system": set(),
    "edits": set(),
    "network": set(),
    "live": {"network"},
    "prosody": set(),
    "bridge": {"network"},
    "recorder": {"network"},
    "units": {"bridge", "network", "recorder"},
    "owed": {"network"},
    "packages": {"bridge", "edits", "network", "owed", "recorder", "units"},
    "apply": {"bridge", "edits", "live", "network", "owed", "packages", "prosody", "recorder", "units"},
    "certificate": {"edits", "network", "units"},
    "drift": {"certificate", "edits", "live", "packages", "prosody"},
    "watchdog": {"network"},
    "checks": {
        *{"certificate", "drift", "edits", "network", "owed", "packages", "prosody", "recorder"},
        "watchdog",
    },
    "preflight": {"network", "packages", "prosody"},
    "takeover": {"packages", "preflight", "prosody"},
    "paying": {"apply", "checks", "network", "owed", "packages"},
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


def arrows() -> dict[str, set[str]]:
    """Each package with those that it imports, beside itself."""
    return {
        package.parent.name: {name for file in package.parent.rglob("*.py") for name in imported(file)}
        - {package.parent.name}
        for package in PACKAGE.glob("*/__init__.py")
    }


class Imports(unittest.TestCase):
    def test_each_package_imports_what_the_table_says_and_no_more(self) -> None:
        # modules beside the packages: installation.py, which imports no package but `system`
        found = {package: names - {"system", ""} for package, names in arrows().items()}
        self.assertEqual(found, MAY_IMPORT)

    def test_no_arrows_go_in_a_circle(self) -> None:
        packages = list(MAY_IMPORT)
        for place, (package, allowed) in enumerate(MAY_IMPORT.items()):
            self.assertEqual(allowed - set(packages[:place]), set(), package)

    def test_system_imports_no_other_package(self) -> None:
        self.assertEqual(arrows()["system"], set())
