"""Boot a guest with systemd-nspawn, ask whether it answers, and end it."""

from __future__ import annotations

import contextlib
import ipaddress
import shutil
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import cgroup
import network
import root
from base import LabError, run, wait_until
from process import Identity, detach
from state import Folder, Machine, folder

SSH_TIMEOUT_SECONDS = 60
#: SIGRTMIN+4 asks a systemd for poweroff.target (systemd(1), SIGNALS).
_POWER_OFF = signal.SIGRTMIN + 4
_POWER_OFF_SECONDS = 5
_NSPAWN_RUN = Path("/run/systemd/nspawn")


_RESOLV_CONF = Path("/etc/resolv.conf")
#: resolved's list of the servers that it asks itself (systemd-resolved.service(8)).
_UPLINK_RESOLV_CONF = Path("/run/systemd/resolve/resolv.conf")


def name_servers(resolv_conf: str) -> list[str]:
    """The name servers of a resolv.conf(5)."""
    return [line.split()[1] for line in resolv_conf.splitlines() if line.startswith("nameserver ")]


def resolver_source(resolv_conf: str) -> str:
    """Which name servers a guest gets: the host's, or the uplink's where those listen on loopback only."""
    servers = name_servers(resolv_conf)
    loopback = [s for s in servers if ipaddress.ip_address(s.split("%")[0]).is_loopback]
    return "copy-uplink" if servers and loopback == servers else "copy-host"


def nspawn_command(machine: Machine, root_folder: Path, resolver: str) -> list[str]:
    """The command line of a guest: own network namespace on the bridge, unknown to the host's services."""
    return [
        "systemd-nspawn",
        "--quiet",
        "--boot",
        f"--directory={root_folder}",
        f"--machine={machine.guest}",
        f"--hostname={machine.name}",
        "--register=no",
        "--keep-unit",
        f"--network-bridge={network.BRIDGE}",
        f"--resolv-conf={resolver}",
    ]


def boot(machine: Machine) -> Machine:
    """Start a guest whose folder is complete; returns before it answers. The network must be up."""
    end(machine)
    files = folder(machine.name)
    if not Path(machine.image).is_dir():
        raise LabError(
            f"{machine.name}: image {machine.image} is gone; `lab delete {machine.name}`, create it again"
        )
    root.mount(files, Path(machine.image))
    resolver = resolver_source(_RESOLV_CONF.read_text())
    asked = _UPLINK_RESOLV_CONF if resolver == "copy-uplink" else _RESOLV_CONF
    root.write_resolver(files, machine, name_servers(asked.read_text()))
    entries = cgroup.prepare(machine.guest, machine.memory_megabytes, machine.cpu_share)
    try:
        process = detach(
            nspawn_command(machine, files.root, resolver), files.console, lambda: cgroup.enter(entries)
        )
    except FileNotFoundError as error:
        raise LabError("systemd-nspawn is not installed; run `lab prepare`") from error
    return machine.with_process(process)


def answers(machine: Machine) -> bool:
    """True if an SSH server greets at the machine's address.

    It is greeted in return and left politely: its log would call anything else an error.
    """
    try:
        with socket.create_connection((machine.address, 22), timeout=2) as connection:
            greeting = connection.recv(4)
            connection.sendall(b"SSH-2.0-lab\r\n")
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
            return greeting == b"SSH-"
    except OSError:
        return False


def wait_for_ssh(machine: Machine, greets: Callable[[Machine], bool]) -> None:
    """Wait until the guest's SSH server greets. Raises LabError when it does not, or the guest ended."""
    console = folder(machine.name).console
    greeted = False

    def settled() -> bool:
        nonlocal greeted
        greeted = greets(machine)
        return greeted or not machine.running

    wait_until(settled, SSH_TIMEOUT_SECONDS, 0.1)
    if not machine.running:
        last = console.read_text(errors="replace").strip().splitlines()[-1:]
        raise LabError(f"{machine.name} ended while it booted: {''.join(last)} (all of it: {console})")
    if not greeted:
        raise LabError(
            f"{machine.name}: no SSH at {machine.address} after {SSH_TIMEOUT_SECONDS} s; look into {console}"
        )


def init_process(machine: Machine) -> Identity | None:
    """PID 1 of a running guest, as the host sees it."""
    return machine.process.child() if machine.process else None


def ask_to_power_off(machine: Machine) -> None:
    """Begin an orderly shutdown and do not wait for it. Nothing happens to a guest that is off."""
    first = init_process(machine)
    if first:
        first.signal(_POWER_OFF)


def end(machine: Machine) -> None:
    """Power a guest off and take away what it leaves on the host; its files stay. Fine if it is off."""
    supervisor = machine.process
    if supervisor and supervisor.alive():
        ask_to_power_off(machine)
        wait_until(lambda: not supervisor.alive(), _POWER_OFF_SECONDS)
        supervisor.kill()
    clean(machine.guest, folder(machine.name))
    root.unmount(folder(machine.name))


def cut(machine: Machine) -> None:
    """End a guest as a power cut does: nothing in it hears of it. Its files stay as they were at that moment.

    What it had written and not yet synced stays as well, for the memory of this machine has it: more than a
    disk would keep.
    """
    # First the network, or the kernel would end its connections with a word to the other side.
    with contextlib.suppress(LabError):
        run(["ip", "link", "delete", "dev", f"vb-{machine.guest}"])
    if machine.process:
        machine.process.kill()
    clean(machine.guest, folder(machine.name))
    root.unmount(folder(machine.name))


def clean(guest: str, files: Folder | None = None) -> None:
    """End what is left of a guest: a killed systemd-nspawn leaves its whole guest running, and its locks."""
    cgroup.kill_all(guest)
    cgroup.remove(guest)
    # The kernel takes the link away some time after the last process; the guest cannot start again before.
    with contextlib.suppress(LabError):
        run(["ip", "link", "delete", "dev", f"vb-{guest}"])
    if files and files.root.is_dir():
        inode = files.root.stat()
        (_NSPAWN_RUN / "locks" / f"inode-{inode.st_dev}:{inode.st_ino}").unlink(missing_ok=True)
    for part in ("propagate", "unix-export"):
        left = _NSPAWN_RUN / part / guest
        if left.is_mount():
            run(["umount", "--lazy", str(left)])
        shutil.rmtree(left, ignore_errors=True)
