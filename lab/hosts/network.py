"""The bridge that all labs of this machine share, its way out, and who needs them.

Every guest and every lab that serves something leaves a claim in /run/amlab/claims; the last claim that
goes takes bridge, nft table, forwarding and servers with it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import servers
from base import LabError, progress, run, wait_until
from locks import locked
from state import SHARED, lab_folder

BRIDGE = "amlab0"
NETWORK = ipaddress.IPv4Network("10.213.0.0/16")
GATEWAY = NETWORK[1]
#: Fixed and locally administered: a bridge without one of its own changes it with every guest that joins.
_BRIDGE_MAC = "02:61:6d:6c:61:62"
_CLAIMS = SHARED / "claims"
_FORWARD = Path("/proc/sys/net/ipv4/ip_forward")
_FORWARD_BEFORE = SHARED / "ip_forward"

NFT_TABLE = f"""
add table inet amlab
delete table inet amlab
table inet amlab {{
  chain postrouting {{
    type nat hook postrouting priority srcnat; policy accept;
    # To an instance's elastic address: it shall see who calls.
    ct status dnat accept
    ip saddr {NETWORK} ip daddr != {NETWORK} masquerade
  }}
}}
"""


@dataclass(frozen=True)
class Claim:
    """`folder` needs the network; a guest with its `address`, a lab that serves something without one."""

    folder: str
    address: str | None = None

    @property
    def file(self) -> Path:
        """Where the claim is written down."""
        return _CLAIMS / f"{hashlib.sha256(self.folder.encode()).hexdigest()[:16]}.json"


@contextmanager
def shared() -> Iterator[None]:
    """Hold the lock on everything that the labs of this machine have in common."""
    with locked(Path("/run/amlab.lock"), "the network"):
        yield


def _claims() -> list[Claim]:
    """All claims whose folder still exists; the others are forgotten."""
    found = []
    for file in _CLAIMS.glob("*.json") if _CLAIMS.is_dir() else []:
        try:
            claim = Claim(**json.loads(file.read_text()))
        except (ValueError, TypeError):
            claim = None
        if claim and Path(claim.folder).is_dir():
            found.append(claim)
        else:
            file.unlink(missing_ok=True)
    return found


def guest_address(text: object) -> str:
    """`text` if a guest may have it. Raises LabError."""
    try:
        address = ipaddress.IPv4Address(str(text))
    except ValueError as error:
        raise LabError(f"address {text!r}: not an IPv4 address; take one of {NETWORK}") from error
    if address not in NETWORK or address in (NETWORK[0], GATEWAY, NETWORK[-1]):
        raise LabError(f"address {address}: guests live in {NETWORK} without {GATEWAY}; take another one")
    return str(address)


def uplink_mtu(routes: str, sysfs: Path = Path("/sys/class/net")) -> int:
    """Bytes per packet on the interface of the default route (text of /proc/net/route), 1500 without one."""
    for line in routes.splitlines()[1:]:
        interface, destination = line.split()[:2]
        if destination == "00000000":
            return int((sysfs / interface / "mtu").read_text())
    return 1500


def mtu() -> int:
    """Bytes per packet for bridge and guests: what the uplink carries, so that nothing is dropped."""
    return uplink_mtu(Path("/proc/net/route").read_text())


def claim(folder: Path, address: str | None = None) -> None:
    """Have the network up for as long as `folder` claims it. Raises LabError if `address` is taken."""
    with shared():
        wanted = Claim(str(folder), address)
        for other in _claims():
            if address and other.address == address and other.folder != wanted.folder:
                raise LabError(
                    f"address {address} belongs to {other.folder}; take another one or delete that machine"
                )
        _CLAIMS.mkdir(parents=True, exist_ok=True)
        wanted.file.write_text(json.dumps(asdict(wanted)))
        _up()


def release(folder: Path) -> None:
    """Give up the claim of `folder`; without any claim left the network goes."""
    with shared():
        Claim(str(folder)).file.unlink(missing_ok=True)
        _down_if_unused()


def release_lab() -> None:
    """Give up every claim of this lab."""
    with shared():
        for known in _claims():
            if lab_folder() in (Path(known.folder), *Path(known.folder).parents):
                known.file.unlink(missing_ok=True)
        _down_if_unused()


def other_labs() -> set[str]:
    """Folders outside this lab that need the network."""
    return {c.folder for c in _claims() if lab_folder() not in (Path(c.folder), *Path(c.folder).parents)}


def _interface(name: str) -> Path:
    return Path("/sys/class/net") / name


def is_up() -> bool:
    """True while there is a bridge."""
    return _interface(BRIDGE).exists()


def has_table(name: str) -> bool:
    """True if this machine has the nft table `inet NAME`."""
    return f"table inet {name}" in run(["nft", "list", "tables"]).splitlines()


def _up() -> None:
    if not is_up():
        progress(f"making the lab's bridge {BRIDGE} {GATEWAY}/{NETWORK.prefixlen}")
        run(["ip", "link", "add", BRIDGE, "address", _BRIDGE_MAC, "mtu", str(mtu()), "type", "bridge"])
    run(["ip", "address", "replace", f"{GATEWAY}/{NETWORK.prefixlen}", "broadcast", "+", "dev", BRIDGE])
    run(["ip", "link", "set", BRIDGE, "up"])
    run(["nft", "-f", "-"], stdin=NFT_TABLE)
    if _FORWARD.read_text().strip() != "1":
        _FORWARD_BEFORE.write_text(_FORWARD.read_text())
        _FORWARD.write_text("1")


def _down_if_unused() -> None:
    ports = _interface(BRIDGE) / "brif"
    if _claims():
        return
    # a veth goes a moment after the last process of its guest
    if ports.is_dir() and not wait_until(lambda: not any(ports.iterdir()), 2):
        return
    servers.end_all()
    if is_up():
        run(["ip", "link", "delete", BRIDGE])
    if has_table("amlab"):
        run(["nft", "delete", "table", "inet", "amlab"])
    if _FORWARD_BEFORE.exists():
        _FORWARD.write_text(_FORWARD_BEFORE.read_text())
    if SHARED.exists():
        shutil.rmtree(SHARED)
    Path("/run/amlab.lock").unlink(missing_ok=True)
