"""What the first boot of an instance finds: cloud-init's seed, and what EC2's DHCP would tell."""

from __future__ import annotations

import json
from typing import Any

import root
from base import LabError
from state import Folder, Machine

#: Where cloud-init looks for a seed first. Source: cloud-init documentation, "NoCloud", "Source files".
FOLDER = "var/lib/cloud/seed/nocloud"


def host_name(address: str) -> str:
    """`ip-10-64-0-5`, as EC2 names instances by their private address."""
    return f"ip-{address.replace('.', '-')}"


def meta_data(machine: Machine, public_key: str | None) -> str:
    """The metadata of an instance; JSON is YAML."""
    values: dict[str, Any] = {"instance-id": machine.name, "local-hostname": host_name(machine.address)}
    if public_key:
        values["public-keys"] = [public_key]
    return json.dumps(values, indent=2)


def write(files: Folder, machine: Machine, user_data: str, public_key: str | None) -> None:
    """Seed a mounted root that has not booted yet. The user data may hold keys: only root may read it."""
    if machine.network is None or machine.gateway is None:
        raise LabError(f"{machine.name}: not an instance")
    seed = files.root / FOLDER
    root.write_file(seed / "user-data", user_data, 0o600)
    root.write_file(seed / "meta-data", meta_data(machine, public_key))
    name, (network, gateway) = host_name(machine.address), (machine.network, machine.gateway)
    root.write_file(files.root / "etc/hosts", root.hosts_file(name, machine.address))
    prefix = network.partition("/")[2]
    root.write_network(files, f"{machine.address}/{prefix}", gateway)
