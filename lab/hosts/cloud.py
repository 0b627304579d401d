"""Networks of instances on this machine: what EC2's routers, gateways and security groups do there.

Instances share the lab's bridge, each with nothing but its private address, and reach only their own VPC
directly. An elastic address lies on the bridge and is translated both ways; without one there is no way out.
What there is comes from the account as a whole (`lab cloud`), so that nothing of an earlier state stays.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import groups
import network
from base import LabError, run
from state import lab_folder, load, remove_tree

TABLE = "amlab_cloud"
#: Before the lab's own rules for packets that leave (network.py).
_BEFORE_MASQUERADE = "srcnat - 1"
_KEYS = {"networks", "elastic", "firewalls"}


def _picture_file() -> Path:
    """The last picture, for a machine that was switched off meanwhile."""
    return lab_folder() / "cloud.json"


def _claim_folder() -> Path:
    return lab_folder() / "aws"


def parse(values: Any) -> dict[str, Any]:
    """The picture in the JSON object of `lab cloud`, its addresses checked. Raises LabError."""
    try:
        if values.keys() != _KEYS:
            raise LabError(f"stdin: not an object of {', '.join(sorted(_KEYS))}")
        for one in values["networks"]:
            vpc, gateway = ipaddress.IPv4Network(one["vpc"]), ipaddress.IPv4Interface(one["gateway"])
            if not gateway.network.subnet_of(vpc) or vpc.overlaps(network.NETWORK):
                raise LabError(f"{gateway} in {vpc}: not in its network, or in the lab's {network.NETWORK}")
        for one in values["elastic"]:
            network.guest_address(one["address"])
            ipaddress.IPv4Address(one["privateAddress"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise LabError(f"stdin: not what `lab cloud --help` asks for: {error}") from error
    return dict(values)


def _elements(kind: str, name: str, entries: Iterable[str]) -> str:
    """A named set or map of addresses; nft takes an empty list of elements for a mistake."""
    listed = ", ".join(sorted(set(entries)))
    content = f" elements = {{ {listed} }};" if listed else ""
    return f"  {kind};{content} }}".replace("NAME", name)


def table(picture: dict[str, Any]) -> str:
    """The nft rules of all networks: translation of elastic addresses, and who may be reached from where."""
    elastic = [(one["address"], one["privateAddress"]) for one in picture["elastic"]]
    vpcs = sorted({one["vpc"] for one in picture["networks"]})
    within = "\n".join(f"    ip saddr {vpc} ip daddr {vpc} accept" for vpc in vpcs)
    to_private = _elements(
        "map NAME { type ipv4_addr : ipv4_addr", "to_private", (f"{e} : {p}" for e, p in elastic)
    )
    to_elastic = _elements(
        "map NAME { type ipv4_addr : ipv4_addr", "to_elastic", (f"{p} : {e}" for e, p in elastic)
    )
    addresses = _elements("set NAME { type ipv4_addr", "elastic", (e for e, _ in elastic))
    public = _elements("set NAME { type ipv4_addr", "public", (p for _, p in elastic))
    ranges = _elements("set NAME { type ipv4_addr; flags interval", "vpcs", vpcs)
    return f"""
add table inet {TABLE}
delete table inet {TABLE}
table inet {TABLE} {{
{to_private}
{to_elastic}
{addresses}
{public}
{ranges}
  chain arriving {{
    type nat hook prerouting priority dstnat;
    dnat ip to ip daddr map @to_private
  }}
  chain from_host {{
    type nat hook output priority -100;
    dnat ip to ip daddr map @to_private
  }}
  chain leaving {{
    type nat hook postrouting priority {_BEFORE_MASQUERADE};
    # This machine itself, which would call with the very address that it calls.
    ip saddr @elastic snat ip to {network.GATEWAY}
    # Instances meet others as their elastic addresses, also those of their own VPC that they call by one.
    ct status dnat snat ip to ip saddr map @to_elastic
    ip daddr {network.NETWORK} snat ip to ip saddr map @to_elastic
    ip saddr @vpcs ip daddr != @vpcs masquerade
  }}
  chain forward {{
    type filter hook forward priority filter;
    ct state established,related accept
{within}
    ip saddr @vpcs ip saddr != @public drop
    ip daddr @vpcs ct status dnat accept
    ip daddr @vpcs drop
  }}
  chain redirects {{
    type filter hook output priority filter;
    # Instances would learn each other's place on the bridge and leave the translation out.
    oifname "{network.BRIDGE}" icmp type redirect drop
  }}
}}
"""


def apply(picture: dict[str, Any]) -> None:
    """Bring networks, translation and every running instance's firewall to the picture. Raises LabError."""
    if not picture["networks"]:
        clear()
        return
    _claim_folder().mkdir(parents=True, exist_ok=True)
    others = [other for other in network.other_labs() if Path(other).name == _claim_folder().name]
    if others:
        raise LabError(f"{others[0]} has instances on this machine already; destroy that stack first")
    network.claim(_claim_folder())
    before = _translations(_recorded())
    _set_addresses(picture)
    run(["nft", "-f", "-"], stdin=table(picture))
    _picture_file().write_text(json.dumps(picture, indent=2) + "\n")
    for address, private in before.items() - _translations(picture).items():
        _forget_connections(address, private)
    for name, rules in picture["firewalls"].items():
        machine = load(name)
        if machine:
            groups.enforce(machine, rules)


def restore() -> None:
    """Have the networks of the last picture again, after this machine was switched off."""
    picture = _recorded()
    if picture["networks"]:
        apply(picture)


def clear() -> None:
    """Take everything away that `apply` made on this machine; the instances' own files stay."""
    picture = _recorded()
    if not picture["networks"]:
        return
    with network.shared():
        if network.has_table(TABLE):
            run(["nft", "delete", "table", "inet", TABLE])
        if network.is_up():
            _set_addresses({"networks": [], "elastic": []})
    _picture_file().unlink()
    network.release(_claim_folder())


def forget_account() -> None:
    """Remove what the stand-in for AWS remembers; without its instances none of it is true."""
    remove_tree(_claim_folder())
    (lab_folder() / "aws.applied").unlink(missing_ok=True)


def _recorded() -> dict[str, Any]:
    try:
        return dict(json.loads(_picture_file().read_text()))
    except (FileNotFoundError, ValueError):
        return {"networks": [], "elastic": [], "firewalls": {}}


def _translations(picture: dict[str, Any]) -> dict[str, str]:
    return {one["address"]: one["privateAddress"] for one in picture["elastic"]}


def _set_addresses(picture: dict[str, Any]) -> None:
    """Give the bridge the gateways and elastic addresses of the picture, and no others beside its own."""
    own = f"{network.GATEWAY}/{network.NETWORK.prefixlen}"
    wanted = {one["gateway"] for one in picture["networks"]}
    wanted |= {f"{one['address']}/32" for one in picture["elastic"]}
    shown = json.loads(run(["ip", "-json", "-4", "address", "show", "dev", network.BRIDGE]))
    listed = [info for link in shown for info in link.get("addr_info", [])]
    present = {f"{info['local']}/{info['prefixlen']}" for info in listed}
    for address in present - wanted - {own}:
        run(["ip", "address", "delete", address, "dev", network.BRIDGE])
    for address in wanted - present:
        run(["ip", "address", "add", address, "dev", network.BRIDGE])


def _forget_connections(address: str, private: str) -> None:
    """End the translation of what goes on: whoever has moved away is no longer there for its callers."""
    for selector in (("--orig-dst", address), ("--orig-src", private)):
        # It fails when there is none.
        run(["sh", "-c", 'conntrack -D "$@" 2>/dev/null || true', "sh", *selector])
