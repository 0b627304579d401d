"""The releases that a guest can run, and in what their images differ."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from base import LabError

DEBIAN_MIRROR = "http://deb.debian.org/debian"
DEBIAN_SECURITY_MIRROR = "http://security.debian.org/debian-security"
UBUNTU_MIRROR = "http://archive.ubuntu.com/ubuntu"
#: What a server of Ubuntu has beside what Debian's has: more at work behind the operator's back.
_HABITS = ("needrestart", "ufw", "unattended-upgrades", "libnss-systemd")
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Suite:
    """One release. Guests of Ubuntu, and near it, are entered as `ubuntu` and resolve names by resolved."""

    #: As the archive calls it.
    release: str
    distribution: str
    #: Further suites of a server.
    more: tuple[str, ...]
    #: Suites that only the image is made with.
    older: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    has_habits: bool = False
    #: What finishes the image, after what finishes every image.
    scripts: tuple[Path, ...] = ()

    @property
    def default_mirror(self) -> str:
        """Where its packages are without a mirror of one's own."""
        return DEBIAN_MIRROR if self.distribution == "debian" else UBUNTU_MIRROR


def _ubuntu(release: str) -> Suite:
    # Ubuntu counts neither apt nor its keys among the essential packages.
    packages = ("apt", "ubuntu-keyring", *_HABITS)
    more = (f"{release}-updates", f"{release}-security")
    return Suite(
        release,
        "ubuntu",
        more,
        packages=packages,
        has_habits=True,
        scripts=(_HERE / "customize-ubuntu-image.sh",),
    )


#: Name in the config → what it is. Prosody 13 for bookworm lives in its backports. `near-jammy` is Debian 12
#: with what Ubuntu 22.04 does differently, for machines that reach no archive of Ubuntu: its lua-cjson is
#: Debian 11's, the same version as Ubuntu's, for Lua 5.1 and 5.2 alone, and `lua` means an older one.
SUITES = {
    "trixie": Suite("trixie", "debian", ("trixie-updates",)),
    "bookworm": Suite("bookworm", "debian", ("bookworm-updates", "bookworm-backports")),
    "near-jammy": Suite(
        "bookworm",
        "debian",
        ("bookworm-updates", "bookworm-backports"),
        older=("bullseye",),
        packages=(*_HABITS, "systemd-resolved", "lua-cjson/bullseye", "lua5.1", "lua5.2", "lua5.4"),
        has_habits=True,
        scripts=(_HERE / "customize-ubuntu-image.sh", _HERE / "customize-near-jammy-image.sh"),
    ),
    # No deployment runs there: older than Ubuntu 22.04 in everything, it has the programs that rendered files
    # are held against (tests/contract/lowerBracket.test.ts).
    "bullseye": Suite(
        "bullseye",
        "debian",
        ("bullseye-updates",),
        packages=("nginx-core", "libnginx-mod-stream", "coturn", "nftables", "lua5.2", "lua5.3", "openssl"),
    ),
    "jammy": _ubuntu("jammy"),
    "noble": _ubuntu("noble"),
}


def named(name: str) -> Suite:
    """The suite of that name. Raises LabError."""
    if name not in SUITES:
        raise LabError(f"suite {name!r}: unknown; take one of {', '.join(SUITES)}")
    return SUITES[name]


def sources(name: str, mirror: str | None) -> list[str]:
    """The apt source lines of a suite. A `mirror` serves all of them; without Debian's security suite."""
    suite = named(name)
    base = (mirror or suite.default_mirror).rstrip("/")
    components = "main" if suite.distribution == "debian" else "main universe"
    lines = [f"deb {base} {part} {components}" for part in [suite.release, *suite.more, *suite.older]]
    if suite.distribution == "debian" and not mirror:
        lines.append(f"deb {DEBIAN_SECURITY_MIRROR} {suite.release}-security {components}")
    return lines
