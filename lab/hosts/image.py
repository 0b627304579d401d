"""Guest images: a small Debian or Ubuntu with what a server has, built once per recipe."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import time
from pathlib import Path

import keyring
import suites
from base import LabError, progress
from locks import locked
from state import cache_folder, remove_tree

PACKAGES = (
    *("systemd", "systemd-sysv", "dbus", "openssh-server", "iproute2"),
    *("python3", "sudo", "ca-certificates", "gnupg", "curl"),
)
#: What an image of EC2 has beside that: what reads user data, and what sets security groups (groups.py).
CLOUD_PACKAGES = ("cloud-init", "nftables")
_CUSTOMIZE = Path(__file__).with_name("customize-image.sh")
_CUSTOMIZE_CLOUD = Path(__file__).with_name("customize-cloud-image.sh")


def packages(suite: str, cloud: bool = False) -> tuple[str, ...]:
    """What an image has beside the essential packages."""
    return (*PACKAGES, *suites.named(suite).packages, *(CLOUD_PACKAGES if cloud else ()))


def hooks(suite: str, cloud: bool) -> list[Path]:
    """The scripts that finish an image, in their order."""
    return [_CUSTOMIZE, *suites.named(suite).scripts, *([_CUSTOMIZE_CLOUD] if cloud else [])]


def keyring_option(suite: str, mirror: str | None) -> list[str]:
    """How mmdebstrap verifies the suite's signatures: a Debian host knows Debian's keys only."""
    if suites.named(suite).distribution == "debian":
        return []
    return [f"--keyring={keyring.ubuntu_keyring((mirror or suites.UBUNTU_MIRROR).rstrip('/'))}"]


def recipe(suite: str, mirror: str | None, cloud: bool = False) -> str:
    """12 hexadecimal digits that change with everything an image is made from."""
    scripts = [script.read_text() for script in hooks(suite, cloud)]
    parts = [suite, *suites.sources(suite, mirror), *packages(suite, cloud), *build_options(), *scripts]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def build_options() -> list[str]:
    """Options of mmdebstrap beside packages and sources."""
    excluded = ["/usr/share/man/*", "/usr/share/info/*", "/usr/share/doc/*", "/usr/share/locale/*"]
    return [
        "--variant=minbase",
        "--skip=cleanup/apt/lists",  # a guest's `apt-get update` then only asks for news
        '--aptopt=Acquire::Languages "none"',
        '--aptopt=APT::Periodic::Enable "0"',
        "--dpkgopt=force-unsafe-io",  # guests are disposable: no fsync for each file of a package
        *[f"--dpkgopt=path-exclude={pattern}" for pattern in excluded],
        "--dpkgopt=path-include=/usr/share/doc/*/copyright",
    ]


def kind_of(suite: str, cloud: bool) -> str:
    """`trixie`, or `trixie-cloud` for the image of instances."""
    return f"{suite}-cloud" if cloud else suite


def folder_of(suite: str, mirror: str | None, cloud: bool = False) -> Path:
    """Where the image of a suite is, or will be. `cloud`: the one with cloud-init."""
    return cache_folder() / "images" / f"{kind_of(suite, cloud)}-{recipe(suite, mirror, cloud)}"


def build_command(suite: str, mirror: str | None, target: Path, cloud: bool = False) -> list[str]:
    """The command line of mmdebstrap, in a PID namespace of its own that ends with us, however we end."""
    return [
        *("setpriv", "--pdeathsig", "KILL"),
        *("unshare", "--pid", "--fork", "--kill-child", "--mount-proc"),
        "mmdebstrap",
        *build_options(),
        *keyring_option(suite, mirror),
        f"--include={','.join(packages(suite, cloud))}",
        *[f'--customize-hook={script} "$1"' for script in hooks(suite, cloud)],
        suites.named(suite).release,
        str(target),
        *suites.sources(suite, mirror),
    ]


def ensure(suite: str, mirror: str | None, cloud: bool = False) -> Path:
    """The image's folder; builds it first if it is not there. Raises LabError with mmdebstrap's own words."""
    image, kind = folder_of(suite, mirror, cloud), kind_of(suite, cloud)
    if image.is_dir():
        return image
    with locked(image.parent / f"{kind}.lock", f"the {kind} image"):
        # the digits of a recipe, so that `trixie` leaves a `trixie-cloud` alone that is being built
        for stale in image.parent.glob(f".building-{kind}-{'[0-9a-f]' * 12}"):
            remove_tree(stale)
        if not image.is_dir():
            unfinished = image.parent / f".building-{image.name}"
            try:
                _build(suite, mirror, unfinished, cloud)
                os.replace(unfinished, image)
            finally:
                remove_tree(unfinished)
    return image


def _build(suite: str, mirror: str | None, target: Path, cloud: bool) -> None:
    if not shutil.which("mmdebstrap"):
        raise LabError("mmdebstrap is not installed; run `lab prepare`")
    origin = suites.sources(suite, mirror)[0].split()[1]
    kind = kind_of(suite, cloud)
    progress(f"building the {kind} image for lab hosts, once (about 80 MB from {origin})")
    began = time.monotonic()
    builder = subprocess.Popen(
        build_command(suite, mirror, target, cloud),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd="/",
    )
    with builder:
        lines = _steps(builder)
    if builder.returncode != 0:
        words = [line for line in lines if line.startswith(("E:", "Err:"))] or lines or ["no output"]
        raise LabError(
            f"building the {kind} image from {origin} failed: {' | '.join(words[:2])}; "
            f"check that the mirror has {suite} and that debian-archive-keyring here is new enough for it"
        )
    progress(f"{kind} image ready after {time.monotonic() - began:.0f} s")


def _steps(builder: subprocess.Popen[str]) -> list[str]:
    """All lines of the builder; those that name a step become progress lines."""
    seen = []
    assert builder.stderr is not None
    for line in builder.stderr:
        seen.append(line.strip())
        if line.startswith("I: ") and line.rstrip().endswith("..."):
            progress(f"  {line[3:].strip()}")
    return seen
