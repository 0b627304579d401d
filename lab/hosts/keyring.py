"""Ubuntu's archive keys, for building Ubuntu images on a host that does not have them (Debian)."""

from __future__ import annotations

import hashlib
import os
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from base import LabError, progress, run
from state import cache_folder

_NAME = "usr/share/keyrings/ubuntu-archive-keyring.gpg"
#: The package of the jammy release; it holds F6ECB3762474EDA9D21B7022871920D1991BC93C, which signs today.
_PACKAGE = "pool/main/u/ubuntu-keyring/ubuntu-keyring_2021.03.26_all.deb"
_PACKAGE_SHA256 = "0d0e7ed6b112f5d03eabf3c7eb01ebdacf9c57714b279e90495cfc58c8c4520f"
_TIMEOUT_SECONDS = 30


def ubuntu_keyring(mirror: str) -> Path:
    """A file with Ubuntu's archive keys: the host's own, or fetched once from `mirror` by checksum.

    Raises LabError if it cannot be fetched or is not the expected one.
    """
    own, cached = Path("/") / _NAME, cache_folder() / "keyrings" / Path(_NAME).name
    for known in (own, cached):
        if known.is_file():
            return known
    address = f"{mirror}/{_PACKAGE}"
    progress(f"fetching Ubuntu's archive keys from {address}")
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT_SECONDS) as response:
            package = response.read()
    except (urllib.error.URLError, OSError) as error:
        raise LabError(
            f"{address}: {error}; check the mirror, or install ubuntu-keyring on this host"
        ) from error
    if hashlib.sha256(package).hexdigest() != _PACKAGE_SHA256:
        raise LabError(f"{address}: not the package that is expected; install ubuntu-keyring on this host")
    cached.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cached.parent) as folder:
        file = Path(folder) / "keyring.deb"
        file.write_bytes(package)
        run(["dpkg-deb", "--extract", str(file), folder])
        os.replace(Path(folder) / _NAME, cached)
    return cached
