"""What `lab create` is asked for on stdin."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

import image
import network
from base import LabError
from state import Machine

DEFAULT_SUITE = "trixie"
_OF_HOSTS = {"name", "address", "hostPrivateKey", "hostPublicKey", "authorizedKey"}
#: A host name label (RFC 1123), and short enough for everything that is named after it.
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?")


@dataclass(frozen=True, repr=False)
class Launch:
    """What an instance is launched with; the user data may hold keys."""

    user_data: str
    public_key: str | None
    firewall: dict[str, Any]


@dataclass(frozen=True, repr=False)
class Request:
    """What `lab create` is asked for: the machine, and keys that no record and no message may hold."""

    machine: Machine
    host_private_key: str = ""
    client_private_key: str | None = None
    launch: Launch | None = None


def _public_key(values: dict[str, Any], key: str) -> str:
    text = values.pop(key)
    if not isinstance(text, str) or len(text.split()) < 2 or "\n" in text.strip():
        raise LabError(f"{key}: not one line of type and key; give the content of a .pub file")
    if key == "hostPublicKey" and text.split()[0] != "ssh-ed25519":
        raise LabError(f"{key}: of type {text.split()[0]}; give an ssh-ed25519 key")
    return text.strip()


def _size(values: dict[str, Any], key: str, least: int) -> int | None:
    size = values.pop(key, None)
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size < least):
        raise LabError(f"{key} {size!r}: not a whole number of at least {least}; leave it out for no limit")
    return size


def checked_name(name: object) -> str:
    """`name` if a machine may have it. Raises LabError."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise LabError(f"name {name!r}: not a host name; use up to 48 of a-z, 0-9 and - (not at an end)")
    return name


def parse(values: Any) -> Request:
    """The request in the JSON object of `lab create`. Raises LabError, which never holds a private key."""
    if not isinstance(values, dict):
        raise LabError("stdin: not a JSON object; see `lab create --help`")
    values = dict(values)
    wanted = {"name", "address", "cloud"} if "cloud" in values else _OF_HOSTS
    if wanted - values.keys():
        raise LabError(f"stdin: {', '.join(sorted(wanted - values.keys()))} missing; see `lab create --help`")
    parsed = _instance(values) if "cloud" in values else _host(values)
    if values:
        raise LabError(f"stdin: unknown {', '.join(sorted(values))}; see `lab create --help`")
    return parsed


def _common(values: dict[str, Any], cloud: bool) -> dict[str, Any]:
    suite = values.pop("suite", None) or DEFAULT_SUITE
    mirror = values.pop("mirror", None) or None
    return {
        "name": checked_name(values.pop("name")),
        "suite": suite,
        "mirror": mirror,
        "image": str(image.folder_of(suite, mirror, cloud)),
        "memory_megabytes": _size(values, "memoryMegabytes", 128),
        "cpu_share": _size(values, "cpuShare", 2),
    }


def _host(values: dict[str, Any]) -> Request:
    machine = Machine(
        **_common(values, cloud=False),
        address=network.guest_address(values.pop("address")),
        host_public_key=_public_key(values, "hostPublicKey"),
        authorized_key=_public_key(values, "authorizedKey"),
    )
    host_key, client_key = values.pop("hostPrivateKey"), values.pop("clientPrivateKey", None)
    if not isinstance(host_key, str) or not isinstance(client_key, (str, type(None))):
        raise LabError("hostPrivateKey, clientPrivateKey: not text; give the content of a key file")
    return Request(machine, host_key, client_key)


def _instance(values: dict[str, Any]) -> Request:
    cloud, address = values.pop("cloud"), values.pop("address")
    try:
        subnet = ipaddress.IPv4Network(cloud["network"])
        gateway = ipaddress.IPv4Interface(cloud["gateway"])
        own = ipaddress.IPv4Address(address)
        launch = Launch(cloud["userData"], cloud.get("publicKey"), cloud["firewall"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise LabError(f"cloud: {type(error).__name__}; see `lab create --help`") from None
    if own not in subnet or gateway.network != subnet or own == gateway.ip:
        raise LabError(f"address {own}: not one of {subnet} beside its gateway {gateway}")
    machine = Machine(
        **_common(values, cloud=True),
        address=str(own),
        host_public_key=None,
        authorized_key=None,
        network=str(subnet),
        gateway=str(gateway.ip),
    )
    return Request(machine, launch=launch)
