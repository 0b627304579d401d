"""The proxies that a host's own settings name: /etc/environment, and apt's. Read, never written.

`audio-meet` runs as root over SSH, behind sudo, and in units of systemd: only the first of them inherits
what pam_env(8) reads. So the file itself is read, and counts everywhere.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ..system.root import Root

ENVIRONMENT = "/etc/environment"
# Ubuntu's installer writes 90curtin-aptproxy there.
APT = "/etc/apt/apt.conf.d"
# urllib takes it where an address names none.
DEFAULT_PORT = 80
WEB_PROXY = re.compile(r"http://(?:[^\s/@]*@)?(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?/?")
ASSIGNMENT = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*?)\s*$")


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy. `place`: who names it. `is_hint`: it is meant for something else, such as apt."""

    url: str
    place: str
    is_hint: bool = False

    @property
    def host(self) -> str:
        """Name or address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """Port at which it listens."""
        return urlsplit(self.url).port or DEFAULT_PORT

    @property
    def login(self) -> str:
        """User and password as `user:password`; "" without one. Never to be shown."""
        parts = urlsplit(self.url)
        return f"{unquote(parts.username)}:{unquote(parts.password or '')}" if parts.username else ""

    def __str__(self) -> str:
        """As it may be shown: without the login."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port} ({self.place})"


def variables(root: Root) -> dict[str, str]:
    """What /etc/environment sets; where this user may not read it, what systemd or PAM made of it."""
    try:
        rows = [ASSIGNMENT.match(line) for line in root.read(ENVIRONMENT).splitlines()]
    except FileNotFoundError:
        return {}
    except PermissionError:
        return dict(os.environ)
    return {row[1]: row[2].strip("\"'") for row in rows if row}


def _either(values: dict[str, str], name: str) -> str:
    return values.get(name) or values.get(name.upper()) or ""


def no_proxy(values: dict[str, str]) -> list[str]:
    """Hosts that the host's own settings keep away from any proxy."""
    return [word for word in re.split(r"[,\s]+", _either(values, "no_proxy")) if word]


def named(root: Root, values: dict[str, str], scheme: str) -> Proxy | None:
    """The proxy for addresses of a scheme, "http" or "https", as the host's own settings have it."""
    own = _proxy(_either(values, f"{scheme}_proxy"), ENVIRONMENT)
    if own is not None:
        return own
    other = _proxy(_either(values, "http_proxy"), ENVIRONMENT, is_hint=True)
    return other or _proxy(_of_apt(root, scheme), APT, is_hint=True)


def unusable(values: dict[str, str]) -> list[str]:
    """Names of variables with a proxy of another kind than HTTP, such as SOCKS."""
    names = [name for scheme in ("http", "https") for name in (f"{scheme}_proxy", f"{scheme}_proxy".upper())]
    return [name for name in names if values.get(name) and _proxy(values[name], ENVIRONMENT) is None]


def _proxy(text: str, place: str, *, is_hint: bool = False) -> Proxy | None:
    address = text if "://" in text else f"http://{text}"
    return Proxy(address, place, is_hint) if text and WEB_PROXY.fullmatch(address) else None


def _of_apt(root: Root, scheme: str) -> str:
    """apt's own proxy for addresses of a scheme; what it has for single hosts is apt's alone."""
    names = [f"Acquire::{each}::Proxy" for each in dict.fromkeys((scheme, "http"))]
    told = root.run(["apt-config", "dump", *names])
    found = dict(re.findall(r'^(\S+) "(.*)";$', told.out, re.M)) if told.code == 0 else {}
    text = next((found[name] for name in names if found.get(name)), "")
    return "" if text.upper() == "DIRECT" else text
