"""What `make up` brings: Jitsi's real packages or stand-ins, and which release the guests run.

Decided once for a lab and kept until it goes: a network that hiccups must not turn a running deployment into
another one. The answer is LAB/choice.json; lab/choice.ts brings it into the stack file.
"""

from __future__ import annotations

import gzip
import ipaddress
import json
import os
import platform
import re
import shutil
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import network
import suites
from base import LabError, run
from state import lab_folder

#: Where a whole deployment on Ubuntu 22.04 gets its packages. Sources: facts/packageSources.ts, suites.py.
JITSI = "https://download.jitsi.org/stable"
FOR_JAMMY = {
    "Ubuntu's archive": f"{suites.UBUNTU_MIRROR}/dists/jammy",
    "packages.prosody.im": "http://packages.prosody.im/debian/dists/jammy",
    "Google's repository of Chrome": "https://dl.google.com/linux/chrome/deb/dists/stable",
}
#: Chrome, and Ubuntu's archive at that address, are for this processor alone.
_OF_JAMMY = "x86_64"
FALLBACK_SUITE = "trixie"
PACKAGES = ("real", "stand-in")
#: Package → key of jitsi:release.
RELEASE_KEYS = {
    "jicofo": "jicofo",
    "jitsi-videobridge2": "videobridge",
    "jitsi-meet-prosody": "meetProsody",
    "jitsi-meet-web": "meetWeb",
    "jibri": "jibri",
}
_ASK_SECONDS = 5
#: A name server that is silent keeps a question for longer than its own time limit.
_ALL_SECONDS = 10
_KEYRING = "/usr/share/keyrings/audio-meet-jitsi"


@dataclass(frozen=True)
class Choice:
    """What was decided, and why in words behind "since"."""

    packages: str
    suite: str
    why_packages: str = ""
    why_suite: str = ""
    #: A mirror in place of Jitsi's own repository, and its key: a path in the guests, or an https address.
    repository: str | None = None
    key: str | None = None
    #: jitsi:release as the mirror has it; empty: the versions of facts/packageVersions.ts.
    release: dict[str, str] = field(default_factory=dict)
    has_jibri: bool = True

    @property
    def headline(self) -> str:
        """One line for whoever types `make up`."""
        where = self.repository or JITSI.removesuffix("/stable")
        packages = f"the real ones of {where}" if self.packages == "real" else "stand-ins without sound"
        since = f", since {self.why_packages}" if self.why_packages else ""
        guests = (
            f"{_NAMES.get(self.suite, self.suite)}{f', since {self.why_suite}' if self.why_suite else ''}"
        )
        recorder = "" if self.has_jibri else " No recorder: the mirror has no jibri."
        return f"Jitsi's packages: {packages}{since}. Guests: {guests}.{recorder}"


_NAMES = {"jammy": "Ubuntu 22.04", "noble": "Ubuntu 24.04", "trixie": "Debian 13", "bookworm": "Debian 12"}


def _file() -> Path:
    return lab_folder() / "choice.json"


def load() -> Choice | None:
    """What this lab runs with; None before its first `make up`."""
    try:
        return Choice(**json.loads(_file().read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def save(choice: Choice) -> None:
    """Write it down so that a crash leaves the old text or the new one."""
    lab_folder().mkdir(parents=True, exist_ok=True)
    fresh = _file().with_suffix(".new")
    fresh.write_text(json.dumps(asdict(choice), indent=2) + "\n")
    os.replace(fresh, _file())


def headline(stack_file: str, environment: Mapping[str, str]) -> str:
    """Make the choice of this lab, unless it is made; one line that says it.

    Raises LabError for an environment that names no choice, or another one than the lab runs with.
    """
    try:
        text = Path(stack_file).read_text()
    except OSError as error:
        raise LabError(f"{stack_file}: {error.strerror}; name a stack file") from error
    asked = _asked(environment)
    if _OWN_PACKAGES.search(text):
        if asked:
            names = ", ".join(sorted(_VARIABLES[key] for key in asked))
            raise LabError(f"{stack_file} names its packages itself; take {names} away")
        return f"Jitsi's packages and the guests: as {stack_file} says."
    return _made(asked, environment.get(_KEY_VARIABLE, "")).headline


def _made(asked: dict[str, str], key: str) -> Choice:
    known = load()
    if known is None and any((lab_folder() / "state/.pulumi/stacks").glob("*/*.json")):
        known = Choice("stand-in", FALLBACK_SUITE)  # a lab from before there was a choice
    for name, value in asked.items():
        if known and getattr(known, name) != value:
            raise LabError(
                f"this lab runs with {getattr(known, name) or 'no mirror'}, and {_VARIABLES[name]} asks for "
                f"{value}; run `make down` first, or take the variable away"
            )
    choice = known or _new(asked, key)
    save(choice)
    return choice


#: A stack file that names packages or versions is taken as it is.
_OWN_PACKAGES = re.compile(r"""^\s*["']?jitsi:(packages|release)\b""", re.MULTILINE)
_VARIABLES = {
    "packages": "AUDIO_MEET_PACKAGES",
    "repository": "AUDIO_MEET_JITSI_REPOSITORY",
    "suite": "AUDIO_MEET_SUITE",
}
_KEY_VARIABLE = "AUDIO_MEET_JITSI_KEY"


def _asked(environment: Mapping[str, str]) -> dict[str, str]:
    """What the environment asks for, by field of Choice."""
    asked = {key: environment[name] for key, name in _VARIABLES.items() if environment.get(name)}
    packages, repository = asked.get("packages"), asked.get("repository")
    if packages and packages not in PACKAGES:
        raise LabError(f"{_VARIABLES['packages']} is {packages!r}; give one of {', '.join(PACKAGES)}")
    if asked.get("suite"):
        suites.named(asked["suite"])
    if repository:
        if packages == "stand-in":
            raise LabError(f"{_VARIABLES['packages']}=stand-in takes no {_VARIABLES['repository']}; give one")
        if not re.fullmatch(r"https?://[^\s/]+(/\S*)?", repository):
            raise LabError(f"{_VARIABLES['repository']} is {repository!r}; give an http or https address")
        if not environment.get(_KEY_VARIABLE):
            raise LabError(
                f"{_VARIABLES['repository']} needs {_KEY_VARIABLE}, the key that signs it: "
                "a file of this machine, or an https address"
            )
        asked |= {"repository": repository.rstrip("/"), "packages": "real"}
    return asked


def _new(asked: dict[str, str], key: str) -> Choice:
    answers = reachable({"jitsi": JITSI, **FOR_JAMMY})
    packages, why = asked.get("packages"), ""
    if packages is None:
        packages = "real" if "jitsi" in answers else "stand-in"
        why = "" if packages == "real" else f"{urlsplit(JITSI).hostname} does not answer"
    suite, why_suite = asked.get("suite"), ""
    if suite is None:
        suite, why_suite = _suite_by(answers)
    choice = Choice(packages, suite, why, why_suite)
    if "repository" in asked:
        choice = replace(choice, repository=asked["repository"], key=_take_key(key))
    return choice


def _suite_by(answers: set[str]) -> tuple[str, str]:
    """Ubuntu 22.04 where all that it needs can be had."""
    if platform.machine() != _OF_JAMMY:
        return FALLBACK_SUITE, f"{platform.machine()} is not what the lab's Ubuntu is built for"
    silent = [name for name in FOR_JAMMY if name not in answers]
    if not silent:
        return "jammy", ""
    does = "does" if len(silent) == 1 else "do"
    return FALLBACK_SUITE, f"{' and '.join(silent)}, which Ubuntu needs, {does} not answer"


def reachable(places: dict[str, str]) -> set[str]:
    """Names of the apt repositories (name → folder of its Release file) that answer, asked all at once."""
    found: set[str] = set()
    threads = [
        threading.Thread(target=lambda n, f: _has_release(f) and found.add(n), args=place, daemon=True)
        for place in places.items()
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_ALL_SECONDS)
    return set(found)


def _has_release(folder: str) -> bool:
    """True if a folder has the Release file of an apt repository; a page that says no is none."""
    for name in ("InRelease", "Release"):
        try:
            with urllib.request.urlopen(f"{folder}/{name}", timeout=_ASK_SECONDS) as answer:
                if re.search(rb"^(SHA256|SHA512|MD5Sum):", answer.read(1_000_000), re.MULTILINE):
                    return True
        except urllib.error.HTTPError:
            continue
        except (OSError, ValueError):
            return False
    return False


def _take_key(key: str) -> str:
    """Where the guests find the key: an https address as it is, a file at a place of the lab's own."""
    if key.startswith("https://"):
        return key
    try:
        content = Path(key).read_bytes()
    except OSError as error:
        raise LabError(f"{_KEY_VARIABLE}: {key}: {error.strerror}; give a readable file") from error
    is_armored = content.lstrip().startswith(b"-----BEGIN PGP PUBLIC KEY BLOCK-----")
    # Every OpenPGP packet has the top bit of its first byte set.
    if not is_armored and not (content and content[0] & 0x80):
        raise LabError(
            f"{_KEY_VARIABLE}: {key} is no OpenPGP public key; give the key that signs the repository"
        )
    target = f"{_KEYRING}.{'asc' if is_armored else 'gpg'}"
    lab_folder().mkdir(parents=True, exist_ok=True)
    shutil.copyfile(key, lab_folder() / Path(target).name)
    return target


def look_into_mirror() -> None:
    """Write down which versions the mirror has, once; it may be at the lab's own network. Raises LabError."""
    choice = load()
    if not choice or not choice.repository or choice.release:
        return
    host = urlsplit(choice.repository).hostname or ""
    if _is_of_lab(host):
        network.claim(lab_folder())
    newest = newest_versions(_index(choice.repository))
    missing = sorted(set(RELEASE_KEYS) - {"jibri"} - set(newest))
    if missing:
        raise LabError(f"{choice.repository}/stable has no {', '.join(missing)}; correct the mirror")
    release = {key: newest[name] for name, key in RELEASE_KEYS.items() if name in newest}
    save(replace(choice, release=release, has_jibri="jibri" in newest))


def _is_of_lab(host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in network.NETWORK
    except ValueError:
        return False


def _index(repository: str) -> str:
    """The package index of a flat repository."""
    reasons = []
    unpack: dict[str, Callable[[bytes], bytes]] = {"Packages.gz": gzip.decompress, "Packages": bytes}
    for name, opened in unpack.items():
        try:
            with urllib.request.urlopen(f"{repository}/stable/{name}", timeout=_ASK_SECONDS) as answer:
                return opened(answer.read()).decode()
        except (OSError, ValueError) as error:
            reasons.append(f"{name}: {error}")
    raise LabError(f"{repository}/stable: {'; '.join(reasons)}; start the mirror, or correct its address")


def newest_versions(index: str) -> dict[str, str]:
    """Newest version of each package of ours in a Packages file."""
    newest: dict[str, str] = {}
    for stanza in index.split("\n\n"):
        fields: dict[str, Any] = dict(re.findall(r"^(Package|Version): (\S+)$", stanza, re.MULTILINE))
        name, version = fields.get("Package"), fields.get("Version")
        if name in RELEASE_KEYS and version and (name not in newest or _is_newer(version, newest[name])):
            newest[name] = version
    return newest


def _is_newer(version: str, other: str) -> bool:
    try:
        run(["dpkg", "--compare-versions", version, "gt", other])
    except LabError:
        return False
    return True
