"""What of a Jitsi that its handbook, or playbooks with two Prosodys, set up is on a host; changes nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from ..packages import repositories
from ..preflight import nginx_config, prosody
from ..prosody.store import store_name
from ..system import systemd
from ..system.errors import HostError
from ..system.root import Root, text_of
from . import debs

# Their names are those of the daemons' own packages and of the playbooks' second Prosody.
UNITS = [
    *("prosody.service", "prosody-jvb.service", "jicofo.service", "jitsi-videobridge2.service"),
    "jigasi.service",
]
COTURN = "coturn.service"
TURN_CONFIG = "/etc/turnserver.conf"
# The first line that Jitsi's package writes into the configuration of coturn.
TURN_MARK = "jitsi-meet coturn config"
FOLDERS = [
    *("/etc/jitsi", "/etc/prosody", "/etc/prosody-jvb"),
    *("/var/lib/prosody", "/var/lib/prosody-jvb"),
    *("/var/log/jitsi", "/var/log/prosody", "/var/log/prosody-jvb"),
    *("/usr/share/jitsi-meet", "/usr/share/jitsi-videobridge", "/usr/share/jicofo", "/usr/share/jigasi"),
]
SYSTEMD = "/etc/systemd/system"
PAGES = "/etc/jitsi/meet"
SITES = [f"/etc/nginx/{name}" for name in ("sites-enabled", "sites-available", "conf.d", "modules-enabled")]
# Where Jitsi's package leads port 443 to nginx or coturn by the name that is asked for.
STREAMS = "60-jitsi-meet.conf"
# The same repository with another key makes apt refuse all of them.
REPOSITORIES = re.compile(r"^(?!\s*#).*(?:download\.jitsi\.org|packages\.prosody\.im)", re.MULTILINE)
OTHERS = re.compile(r"^\s*(?:deb\s|URIs:)(?!.*(?:download\.jitsi\.org|packages\.prosody\.im))", re.MULTILINE)
AUTHORITIES = "/usr/local/share/ca-certificates"
# A host that Jitsi's package configures and nobody outside uses.
PACKAGED_HOSTS = {"localhost", "jigasi.meet.jitsi"}


@dataclass(frozen=True)
class Found:
    """A Jitsi of the operator's own: what goes aside. `accounts`: names of people at the domains."""

    domains: list[str]
    packages: dict[str, str]
    units: dict[str, systemd.Unit]
    places: list[str]
    accounts: list[str]


def look(root: Root) -> Found:
    """What there is; HostError where it cannot be put aside, or there is none."""
    domains = sorted(file.name.removesuffix("-config.js") for file in root.path(PAGES).glob("*-config.js"))
    packages = debs.going(root)
    names = [*UNITS, *([COTURN] if _is_theirs(root) else [])]
    known = systemd.show(root, names)
    units = {name: unit for name, unit in known.items() if unit.get("LoadState") != "not-found"}
    if not packages and not units:
        raise HostError("take-over", "no Jitsi and no Prosody is installed here", "run pulumi up")
    places = _places(root, domains, packages, units)
    _refuse_others(root, domains)
    _refuse_mounts(root, places)
    return Found(domains, packages, units, places, _accounts(root, domains))


def _is_theirs(root: Root) -> bool:
    """Whether coturn serves their Jitsi."""
    file = root.path(TURN_CONFIG)
    return file.is_file() and TURN_MARK in text_of(file)[:500]


def _places(root: Root, domains: list[str], packages: Iterable[str], units: Iterable[str]) -> list[str]:
    """Every path that goes aside; none lies below another."""
    wanted = [*FOLDERS, *([TURN_CONFIG] if _is_theirs(root) else [])]
    wanted += [path for unit in dict.fromkeys([*UNITS, *units]) for path in _of_unit(root, unit)]
    wanted += [f"{AUTHORITIES}/auth.{domain}.crt" for domain in domains]
    wanted += _sites(root, domains) + _sources(root) + _edited(root, packages)
    present = [path for path in dict.fromkeys(wanted) if os.path.lexists(root.path(path))]
    return sorted(path for path in present if not any(path.startswith(f"{other}/") for other in present))


def _of_unit(root: Root, unit: str) -> list[str]:
    """Its file and its further settings, where they are the operator's, and the links that start it."""
    starts = [folder.name for end in ("wants", "requires") for folder in root.path(SYSTEMD).glob(f"*.{end}")]
    return [f"{SYSTEMD}/{unit}", f"{SYSTEMD}/{unit}.d", *(f"{SYSTEMD}/{name}/{unit}" for name in starts)]


def _edited(root: Root, packages: Iterable[str]) -> list[str]:
    """Configuration files of the packages, and files of theirs that somebody changed."""
    names = list(packages)
    if not names:
        return []
    listed = root.run(["dpkg-query", "-W", "-f=${Conffiles}\\n", *names]).out.splitlines()
    verified = root.run(["dpkg", "--verify", *names], timeout_seconds=300).out.splitlines()
    rows = [line.split() for line in listed if line.startswith(" ")]
    changed = [line.partition(" /")[2] for line in verified if not line.startswith("missing")]
    return [row[0] for row in rows if row] + [f"/{path}" for path in changed if path]


def _sites(root: Root, domains: list[str]) -> list[str]:
    """Sites of nginx for their names; those for others stay."""
    found = []
    for folder in SITES:
        for file in sorted(root.path(folder).glob("*")):
            is_ours = file.name == STREAMS or file.name.removesuffix(".conf") in domains
            if is_ours or (file.is_file() and _serves(text_of(file), domains)):
                found.append(f"{folder}/{file.name}")
    return found


def _serves(text: str, domains: list[str]) -> bool:
    directives = nginx_config.walk(nginx_config.parse(text))
    return any(d.name == "server_name" and set(d.words[1:]) & set(domains) for d in directives)


def _sources(root: Root) -> list[str]:
    """Package sources that come again with the deployment, with a key of its own."""
    found = []
    for path, text in repositories.foreign_sources(root):
        if not REPOSITORIES.search(text):
            continue
        if path == repositories.MAIN_SOURCES or OTHERS.search(text):
            cause = "names Jitsi's or Prosody's repository beside others"
            raise HostError(path, cause, f"move it into a file of its own in {repositories.SOURCES}")
        found.append(path)
    return found


def _refuse_others(root: Root, domains: list[str]) -> None:
    """A Prosody that serves somebody else as well would end for them."""
    hosts = prosody.configured(root) - PACKAGED_HOSTS
    others = sorted(h for h in hosts if not any(h == d or h.endswith(f".{d}") for d in domains))
    if others:
        cause = f"your own Prosody serves {', '.join(others)} as well, which would end"
        raise HostError(
            "prosody", cause, "move those hosts to another server first, or deploy on another one"
        )


def _refuse_mounts(root: Root, places: list[str]) -> None:
    for path in places:
        for folder, folders, _ in os.walk(root.path(path)):
            for one in [folder, *(os.path.join(folder, name) for name in folders)]:
                if os.path.ismount(one):
                    where = one.removeprefix(str(root.prefix).rstrip("/"))
                    cause = "is a file system of its own, which cannot be moved"
                    raise HostError(
                        where, cause, "copy it into a folder and unmount it, or deploy on another server"
                    )


def _accounts(root: Root, domains: list[str]) -> list[str]:
    """Names of the accounts of people, by their files."""
    folders = [root.path(prosody.DATA) / store_name(domain) / "accounts" for domain in domains]
    return sorted(unquote(file.stem) for folder in folders for file in folder.glob("*.dat"))
