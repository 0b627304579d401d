"""The packages of the operator's own Jitsi: kept as files, purged, installed again in the same versions."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable

from ..packages import apt, locks, system_accounts
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from .record import DEBCONF, PACKAGES

# Packages of Jitsi's handbook, and what they need of their own.
OURS = re.compile(r"jitsi-.*|jicofo|jigasi|prosody|prosody-(?:\d.*|trunk)")
# Their questions in debconf's database, passwords among them.
QUESTIONS = r"^(jitsi|jicofo|jigasi|prosody)"
CACHE = "/var/cache/apt/archives"


def going(root: Root) -> dict[str, str]:
    """Name and version of each package that goes: those of a Jitsi, and what depends on them."""
    present = apt.installed(root)
    names = sorted(name for name in present if OURS.fullmatch(name))
    if not names:
        return {}
    told = apt.get(root, "--simulate", "--allow-change-held-packages", "purge", *names)
    if told.code != 0:
        raise HostError("apt-get purge", apt.error_of(told), "correct that, then try again")
    named = [re.match(r"(?:Purg|Remv) ([^\s:]+)", line) for line in told.out.splitlines()]
    more = {match[1] for match in named if match}
    return {name: present[name] for name in sorted({*names, *more}) if name in present}


def fetch(root: Root, wanted: dict[str, str]) -> None:
    """Have the file of each package, in its version, in the folder; nothing is changed but that."""
    folder = root.path(PACKAGES)
    folder.mkdir(exist_ok=True)
    here = kept(root)
    for name, version in sorted(set(wanted.items()) - set(here)):
        cached = [str(file) for file in root.path(CACHE).glob(f"{name}_*.deb")]
        fitting = [file for file in cached if _field(root, file) == (name, version)]
        if fitting:
            shutil.copy2(fitting[0], folder)
        else:
            apt.get(root, "download", f"{name}={version}", folder=PACKAGES)
    here = kept(root)
    missing = [f"{name} {version}" for name, version in sorted(set(wanted.items()) - set(here))]
    if missing:
        raise HostError(
            "packages",
            f"no repository has {', '.join(missing)} any more, and without them there is no way back",
            f"make them of what is installed: apt-get install dpkg-repack; cd {PACKAGES} && dpkg-repack "
            + " ".join(name.split()[0] for name in missing),
        )


def kept(root: Root) -> dict[tuple[str, str], str]:
    """The files in the folder by name and version of their packages."""
    return {_field(root, str(file)): str(file) for file in sorted(root.path(PACKAGES).glob("*.deb"))}


def _field(root: Root, file: str) -> tuple[str, str]:
    told = root.run(["dpkg-deb", "--show", "--showformat=${Package}\t${Version}", file])
    name, _, version = told.out.strip().partition("\t")
    return (name, version) if told.code == 0 else ("", "")


def notes(root: Root, wanted: dict[str, str]) -> Json:
    """What apt knows of these packages: which were asked for, which are held."""
    return {
        kind: sorted(set(root.run(["apt-mark", f"show{kind}"]).out.split()) & set(wanted))
        for kind in ("manual", "hold")
    }


def memberships(root: Root, users: Iterable[str]) -> dict[str, list[str]]:
    """Further groups of each user."""
    rows = system_accounts.entries(root, "group")
    return {user: [name for name, row in rows.items() if user in row[-1].split(",")] for user in users}


def keep_answers(root: Root) -> None:
    """Keep what debconf was told, which a purge forgets."""
    if not root.path(DEBCONF).exists():
        fresh = f"{DEBCONF}.new"
        root.path(fresh).unlink(missing_ok=True)
        _copy_answers(root, "configdb", "aside", fresh, "--pattern", QUESTIONS)
        if root.path(fresh).exists():
            os.replace(root.path(fresh), root.path(DEBCONF))


def give_answers(root: Root) -> None:
    """Tell debconf again."""
    if root.path(DEBCONF).exists():
        _copy_answers(root, "aside", "configdb", DEBCONF)


def _copy_answers(root: Root, source: str, target: str, file: str, *more: str) -> None:
    described = ["Name:aside", "Driver:File", "Mode:600", f"Filename:{root.path(file)}"]
    options = [word for line in described for word in ("--config", line)]
    command = ["debconf-copydb", source, target, *options, *more]
    copied = locks.undisturbed(root, lambda: root.run(command))
    if copied.code != 0:
        raise HostError("debconf-copydb", copied.last_line(), "correct that, then try again")


def purge(root: Root, names: list[str]) -> None:
    """Purge those that are still there; their daemons are stopped already."""
    present = apt.installed(root)
    names = [name for name in names if name in present]
    if not names:
        return
    with apt.daemons_stay_down(root):
        result = apt.get(root, "--allow-change-held-packages", "purge", *names)
    if result.code != 0:
        raise HostError(
            " ".join(names),
            f"apt-get purge failed: {apt.error_of(result)}",
            "see /var/log/apt/term.log, correct it; then audio-meet take-over now, or audio-meet give-back",
        )


def install(root: Root, record: Json) -> None:
    """Install what was purged from its files, with every daemon down, and tell apt what it knew."""
    present = apt.installed(root)
    wanted = record["packages"]
    debs = [file for (name, version), file in kept(root).items() if wanted.get(name) == version]
    with apt.daemons_stay_down(root):
        apt.repair(root)
        if any(present.get(name) != version for name, version in wanted.items()):
            options = ["--no-install-recommends", "--allow-downgrades", "--allow-change-held-packages"]
            result = apt.get(root, *options, "install", *debs)
            if result.code != 0:
                raise HostError(
                    "apt-get install",
                    f"failed: {apt.error_of(result)}",
                    "nothing is lost: see /var/log/apt/term.log, correct it, and run audio-meet give-back",
                )
    automatic = sorted(set(wanted) - set(record["manual"]))
    for verb, names in (("auto", automatic), ("hold", record["hold"])):
        if names:
            root.run(["apt-mark", verb, *names])
