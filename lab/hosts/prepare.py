"""The host packages that the lab needs."""

from __future__ import annotations

import os
import shutil
import subprocess

from base import LabError, progress
from process import SEARCH_PATH

#: Program → Debian package that holds it.
PROGRAMS = {
    "mmdebstrap": "mmdebstrap",
    "systemd-nspawn": "systemd-container",
    "nft": "nftables",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "mount": "mount",
    "conntrack": "conntrack",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "ssh-keyscan": "openssh-client",
}


def missing_packages() -> list[str]:
    """Packages of the programs that are not installed, each once."""
    return sorted(
        {package for program, package in PROGRAMS.items() if not shutil.which(program, path=SEARCH_PATH)}
    )


def prepare() -> list[str]:
    """Install what is missing; the packages it installed. Raises LabError without root or apt-get."""
    if os.geteuid() != 0:
        raise LabError("the lab starts guests, so it needs root; run it as root or with sudo")
    packages = missing_packages()
    if not packages:
        return []
    if not shutil.which("apt-get", path=SEARCH_PATH):
        raise LabError(
            f"{', '.join(packages)}: missing, and there is no apt-get; the lab runs on Debian and Ubuntu"
        )
    progress(f"installing {', '.join(packages)} with apt-get, for lab hosts")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    for command in (["apt-get", "update"], install):
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            why = (done.stderr.strip() or "no output").splitlines()[-1]
            raise LabError(f"`{' '.join(command)}` failed: {why}")
    return packages
