"""Package sources: signing keys, deb822 files and pins, each a file that this helper owns."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from time import sleep
from typing import Any

from ..network import way_out
from ..system import files
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root, text_of

KEYRINGS = "/usr/share/keyrings"
SOURCES = "/etc/apt/sources.list.d"
MAIN_SOURCES = "/etc/apt/sources.list"
# A line of either form that names repositories (sources.list(5)): what follows its type and options.
NAMING = re.compile(r"^[ \t]*(?:deb(?:-src)?[ \t]+(?:\[[^\]]*\][ \t]*)?|URIs:)(.*)$", re.MULTILINE)
PINS = "/etc/apt/preferences.d/audio-meet"
# Above 1000 apt also goes back to an older version (apt_preferences(5)).
PIN_PRIORITY = 1001
ATTEMPTS = 3


def os_release(root: Root) -> dict[str, str]:
    """The fields of /etc/os-release."""
    text = root.read("/etc/os-release")
    return {
        key: value.strip("\"'")
        for key, _, value in (line.partition("=") for line in text.splitlines())
        if value
    }


def keyring(repository: Json) -> str:
    """Path of the key that signs a repository."""
    key = repository["key"]
    return str(key["path"]) if "path" in key else f"{KEYRINGS}/audio-meet-{repository['name']}.gpg"


def source_path(name: str) -> str:
    """Path of the source file of a repository."""
    return f"{SOURCES}/audio-meet-{name}.sources"


def source_text(repository: Json, codename: str) -> str:
    """A repository in the deb822 form of sources.list(5)."""
    lines = [
        "Types: deb",
        f"URIs: {repository['uri']}",
        f"Suites: {repository['suite'].replace('@CODENAME', codename)}",
    ]
    if repository["components"]:
        lines.append("Components: " + " ".join(repository["components"]))
    lines.append(f"Signed-By: {keyring(repository)}")
    return "\n".join(lines) + "\n"


def foreign_sources(root: Root) -> list[tuple[str, str]]:
    """Path and text of each source file that is not ours."""
    paths = [root.path(MAIN_SOURCES), *sorted(root.path(SOURCES).glob("*"))]
    return [
        (f"/{file.relative_to(root.prefix)}", text_of(file))
        for file in paths
        if file.suffix in (".list", ".sources") and file.is_file() and not file.name.startswith("audio-meet-")
    ]


def addresses(text: str) -> list[str]:
    """Addresses of the repositories that a source file names; suites stand among them."""
    return [word for match in NAMING.finditer(text) for word in match[1].split()]


def pins_text(packages: dict[str, str]) -> str:
    """apt_preferences(5) that hold each package at its version; packages at any version have no pin."""
    stanzas = [
        f"Package: {name}\nPin: version {version}\nPin-Priority: {PIN_PRIORITY}\n"
        for name, version in sorted(packages.items())
        if version != "*"
    ]
    return "\n".join(stanzas)


def source_differs(root: Root, path: str, text: str) -> bool:
    """Whether a file of ours is not what it has to be; an empty text means no file."""
    seen = files.observe(root, path)
    return seen != ({**_rights(root), "sha256": files.digest(text.encode())} if text else None)


def write_text(root: Root, path: str, text: str) -> bool:
    """Bring a world-readable file to `text`, or remove it for an empty one; returns whether it changed."""
    if not source_differs(root, path, text):
        return False
    if text:
        files.make_folders(root, path)
    files.put_back(root, path, _rights(root) if text else None, text.encode())
    return True


def _rights(root: Root) -> Json:
    owner, group = root.default_owner
    return {"mode": "0644", "owner": owner, "group": group}


def fetch_key(root: Root, repository: Json) -> str:
    """Put the signing key of a repository in place: over HTTPS, or make sure that the named file is there.

    Returns the SHA-256 of what was put there; "" for a file that a package brings.
    """
    key = repository["key"]
    if "path" in key:
        if not root.path(key["path"]).is_file():
            raise HostError(
                key["path"], f"missing; it signs {repository['uri']}", "install the package that contains it"
            )
        return ""
    data = files.dearmor(with_patience(lambda: download(root, key["url"]), f"key of {repository['name']}"))
    # every OpenPGP packet has the top bit of its first byte set
    if not data or not data[0] & 0x80:
        raise HostError(key["url"], "is not an OpenPGP key", "correct the address of the repository's key")
    path = keyring(repository)
    files.make_folders(root, path)
    files.put_back(root, path, _rights(root), data)
    return files.digest(data)


def download(root: Root, url: str) -> bytes:
    """The bytes at an HTTPS address; the server's certificate is verified against the host's authorities."""
    if not url.startswith("https://"):
        raise HostError(url, "is not an https address", "a signing key is only fetched over HTTPS")
    request = urllib.request.Request(url, headers={"Accept": "*/*", "User-Agent": "audio-meet"})  # noqa: S310
    way = way_out.of(root)
    try:
        with way.opener(url).open(request, timeout=30) as response:
            return bytes(response.read(1024 * 1024))
    except (urllib.error.URLError, OSError) as error:
        cause = str(getattr(error, "reason", error))
        raise HostError(url, f"cannot be fetched{way.through(url)}: {cause}", way.remedy(url)) from None


def with_patience(action: Callable[[], Any], what: str) -> Any:
    """Run an action that needs the network, up to three times with growing pauses."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return action()
        except HostError as error:
            if attempt == ATTEMPTS or "not an https" in error.cause:
                raise
            print(f"{what}: {error.cause}; next attempt in {2**attempt} s", flush=True)
            sleep(2**attempt)
    raise AssertionError("unreachable")


def valid_name(name: str) -> bool:
    """Whether a repository name can be a file name that apt reads."""
    return bool(re.fullmatch(r"[a-z0-9][a-z0-9_-]*", Path(name).name)) and Path(name).name == name
