"""Folders, locks and the record of every machine of this lab."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from base import LabError, run
from locks import locked
from process import Identity

REPOSITORY = Path(__file__).resolve().parents[2]
#: What all labs of this machine share.
SHARED = Path("/run/amlab")


def lab_folder() -> Path:
    """Where this clone keeps its machines: $AUDIO_MEET_LAB or .lab in the repository."""
    return Path(os.environ.get("AUDIO_MEET_LAB") or REPOSITORY / ".lab").resolve()


def cache_folder() -> Path:
    """What is worth keeping between labs (images, packages): $AUDIO_MEET_CACHE or ~/.cache/audio-meet."""
    return Path(os.environ.get("AUDIO_MEET_CACHE") or Path.home() / ".cache" / "audio-meet").resolve()


def lab_prefix() -> str:
    """`am-xxxx-`: begins the host-wide names (guest, veth, control group) of this lab; no other's."""
    return f"am-{hashlib.sha256(str(lab_folder()).encode()).hexdigest()[:4]}-"


@dataclass(frozen=True)
class Machine:
    """What is known of one guest; no key but public ones. Sizes None: no limit."""

    name: str
    address: str
    suite: str
    mirror: str | None
    image: str
    #: None for an instance, which cloud-init tells.
    host_public_key: str | None
    authorized_key: str | None
    memory_megabytes: int | None = None
    cpu_share: int | None = None
    #: False until everything is in place; an unfinished machine is made from nothing again.
    complete: bool = False
    #: Of an instance: the range of its subnet, and the gateway's address in it.
    network: str | None = None
    gateway: str | None = None
    process: Identity | None = None

    @property
    def guest(self) -> str:
        """Its name outside: of the guest, its veth and its control group."""
        return lab_prefix() + self.name

    @property
    def is_instance(self) -> bool:
        """True for an instance of the EC2 stand-in, False for a host of the lab itself."""
        return self.network is not None

    @property
    def running(self) -> bool:
        """True while its systemd-nspawn runs."""
        return self.process is not None and self.process.alive()

    def with_process(self, process: Identity | None) -> Machine:
        """The same machine with another process, written down."""
        return save(replace(self, process=process))


@dataclass(frozen=True)
class Folder:
    """The files of one machine under LAB/machines/NAME."""

    path: Path
    root: Path = field(init=False)
    upper: Path = field(init=False)
    work: Path = field(init=False)
    record: Path = field(init=False)
    console: Path = field(init=False)
    key: Path = field(init=False)
    known_hosts: Path = field(init=False)
    firewall: Path = field(init=False)

    def __post_init__(self) -> None:
        for name, entry in {
            "root": "root",
            "upper": "upper",
            "work": "work",
            "record": "machine.json",
            "console": "console.log",
            "key": "id_ed25519",
            "known_hosts": "known_hosts",
            "firewall": "firewall.json",
        }.items():
            object.__setattr__(self, name, self.path / entry)


def machines_folder() -> Path:
    """LAB/machines."""
    return lab_folder() / "machines"


def folder(name: str) -> Folder:
    """The folder of the machine `name`, whether it exists or not."""
    return Folder(machines_folder() / name)


def encode(machine: Machine) -> str:
    """A machine as the text of machine.json."""
    return json.dumps(asdict(machine), indent=2) + "\n"


def decode(text: str) -> Machine:
    """The machine of a machine.json. Raises ValueError if it is not one (a crash while it was written)."""
    try:
        values = json.loads(text)
        process = values.pop("process")
        return Machine(process=Identity(**process) if process else None, **values)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a machine record: {error}") from error


def save(machine: Machine) -> Machine:
    """Write the record so that a crash leaves the old or the new one, never half of it."""
    record = folder(machine.name).record
    fresh = record.with_suffix(".new")
    fresh.write_text(encode(machine))
    os.replace(fresh, record)
    return machine


def load(name: str) -> Machine | None:
    """The recorded machine; None if there is none or its record is unreadable."""
    try:
        return decode(folder(name).record.read_text())
    except (FileNotFoundError, ValueError):
        return None


def names() -> list[str]:
    """Names of all machine folders, finished or not."""
    top = machines_folder()
    return sorted(p.name for p in top.iterdir() if p.is_dir()) if top.is_dir() else []


@contextmanager
def machine_lock(name: str) -> Iterator[None]:
    """Only one command at a time works on the machine `name`."""
    path = machines_folder() / f"{name}.lock"
    with locked(path, name):
        try:
            yield
        finally:
            if not folder(name).path.exists():
                path.unlink(missing_ok=True)


def mounts_below(top: Path) -> list[Path]:
    """Mount points at or below `top`, deepest first."""
    mounted = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        point = Path(line.split()[4].encode().decode("unicode_escape"))
        if point == top or top in point.parents:
            mounted.append(point)
    return sorted(mounted, key=lambda p: len(p.parts), reverse=True)


def remove_tree(top: Path) -> None:
    """Unmount everything below `top` and remove it. Raises LabError rather than remove into a mount."""
    for point in mounts_below(top):
        run(["umount", "--lazy", str(point)])
    if mounts_below(top):
        raise LabError(f"{top} is still mounted somewhere below; `umount` it and try again")
    if top.exists():
        shutil.rmtree(top)
