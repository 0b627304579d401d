"""What dpkg itself keeps about installed packages: their files, and the scripts of their maintainers."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ..system.root import Root, text_of

INFO = "/var/lib/dpkg/info"


def owned(root: Root, chosen: Callable[[str], bool] = lambda _name: True) -> set[str]:
    """Every path that an installed package brought, of the packages chosen."""
    listings = [file for file in root.path(INFO).glob("*.list") if chosen(_package(file))]
    # decoded as Python decodes names of files
    return {line for listing in listings for line in os.fsdecode(listing.read_bytes()).splitlines()}


def scripts(root: Root, names: set[str]) -> str:
    """What these packages do when they are installed, as text: maintainer scripts and sysusers.d(5)."""
    sources = [root.path(path) for path in owned(root, names.__contains__) if "/sysusers.d/" in path]
    sources += [file for file in root.path(INFO).glob("*.postinst") if _package(file) in names]
    return "\n".join(text_of(file) for file in sources if file.is_file())


def _package(file: Path) -> str:
    """Name of the package that a file of dpkg's own belongs to (NAME.list, NAME:ARCHITECTURE.list)."""
    return file.stem.partition(":")[0]
