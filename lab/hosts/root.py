"""The root file system of a guest: an overlay on its image, and the files that make it this guest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import network
import suites
from base import LabError, run
from state import Folder, Machine, cache_folder, lab_folder, mounts_below

#: Sorts before the distribution's 80-container-host0.network, which asks for an address by DHCP.
NETWORK_FILE = "etc/systemd/network/10-host0.network"

#: systemd runs them at each daemon-reload, a dozen times while packages are installed, for disks, keys,
#: consoles and first boots that no guest has.
NEEDLESS_GENERATORS = (
    *("cryptsetup", "debug", "getty", "gpt-auto", "hibernate-resume", "integritysetup"),
    *("rc-local", "run", "ssh", "system-update", "tpm2", "veritysetup"),
)


def network_file(address: str, gateway: str, mtu_bytes: int) -> str:
    """The systemd.network(5) file of a guest: one static address (ADDRESS/BITS), one way out."""
    return (
        "[Match]\nName=host0\n\n"
        f"[Link]\nMTUBytes={mtu_bytes}\n\n"
        f"[Network]\nAddress={address}\nGateway={gateway}\n"
        "LinkLocalAddressing=no\nIPv6AcceptRA=no\nLLDP=no\nEmitLLDP=no\n"
    )


def hosts_file(name: str, address: str) -> str:
    """/etc/hosts of a guest, with the address that its own name leads to."""
    return f"127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n{address} {name}\n"


def own_address(machine: Machine) -> str:
    """What a machine's own name leads to in it: the address that others see, as on a server with DNS; or the
    loopback, as Debian's and Ubuntu's installers and many providers' images of Ubuntu have it."""
    return "127.0.1.1" if suites.named(machine.suite).has_habits else machine.address


def login(suite: str) -> str:
    """Who logs in to a guest."""
    return "ubuntu" if suites.named(suite).has_habits else "root"


def overlay_options(lower: Path, upper: Path, work: Path) -> str:
    """Options of mount(8) for the overlay. Raises LabError for paths that its syntax cannot hold."""
    for path in (lower, upper, work):
        if set(str(path)) & set(",:\\"):
            raise LabError(f"folder {path}: an overlay's path cannot hold , : or \\; choose another folder")
    return f"lowerdir={lower},upperdir={upper},workdir={work}"


def mount(files: Folder, image: Path) -> None:
    """Put the overlay at files.root, unless it is there already."""
    if files.root in mounts_below(files.root):
        return
    for part in (files.root, files.upper, files.work):
        part.mkdir(parents=True, exist_ok=True)
    options = overlay_options(image, files.upper, files.work)
    run(["mount", "-t", "overlay", "-o", options, "overlay", str(files.root)])


def unmount(files: Folder) -> None:
    """Take the overlay away; what the guest wrote stays in files.upper."""
    for point in mounts_below(files.root):
        run(["umount", "--lazy", str(point)])


def write_file(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file of a guest anew, never through a link, with a newline at its end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text if text.endswith("\n") else text + "\n")


def write_identity(files: Folder, machine: Machine, host_private_key: str) -> None:
    """Give a mounted root its name, address, SSH host key and way in. Raises LabError if keys differ."""
    root = files.root
    key = root / "etc/ssh/ssh_host_ed25519_key"
    write_file(key, host_private_key, 0o600)
    try:
        derived = run(["ssh-keygen", "-y", "-P", "", "-f", str(key)])
    except LabError as error:
        raise LabError(
            "hostPrivateKey: not an OpenSSH private key without passphrase; give an ed25519 one"
        ) from error
    public_key = machine.host_public_key or ""
    if derived.split()[:2] != public_key.split()[:2]:
        raise LabError("hostPublicKey does not belong to hostPrivateKey; give both halves of one ed25519 key")
    write_file(key.with_suffix(".pub"), public_key)
    write_file(root / "etc/hostname", machine.name)
    write_file(root / "etc/hosts", hosts_file(machine.name, own_address(machine)))
    write_network(files, f"{machine.address}/{network.NETWORK.prefixlen}", str(network.GATEWAY))
    write_authorized_key(files, machine)
    write_package_key(files)


def mask_generators(files: Folder) -> None:
    """Keep systemd from running NEEDLESS_GENERATORS in a guest (systemd.generator(7))."""
    folder = files.root / "etc/systemd/system-generators"
    folder.mkdir(parents=True)
    for name in NEEDLESS_GENERATORS:
        (folder / f"systemd-{name}-generator").symlink_to("/dev/null")


def write_network(files: Folder, address: str, gateway: str) -> None:
    """Give a mounted root its address (ADDRESS/BITS) and its way out."""
    write_file(files.root / NETWORK_FILE, network_file(address, gateway, network.mtu()))


def write_package_key(files: Folder) -> None:
    """Let the guest trust the lab's own packages, and those of a mirror (choice.py), where there are some."""
    keyrings = files.root / "usr/share/keyrings"
    keyrings.mkdir(parents=True, exist_ok=True)
    package_key = cache_folder() / "packages" / "keyring.gpg"
    if package_key.is_file():
        shutil.copy(package_key, keyrings / "audio-meet-lab.gpg")
    for key in lab_folder().glob("audio-meet-jitsi.*"):
        shutil.copy(key, keyrings)


def write_names(files: Folder, machine: Machine, names: dict[str, str]) -> None:
    """Let a guest know `names` (name → address), as DNS would: the lab has none."""
    lines = [f"{address}\t{name}\n" for name, address in sorted(names.items())]
    hosts = files.root / "etc/hosts"
    write_file(hosts, hosts_file(machine.name, own_address(machine)) + "".join(lines))


def write_authorized_key(files: Folder, machine: Machine) -> None:
    """Let the holder of the machine's authorized key, and nobody else, log in."""
    user = login(machine.suite)
    home = files.root / ("root" if user == "root" else f"home/{user}")
    owner = home.stat()
    write_file(home / ".ssh/authorized_keys", machine.authorized_key or "", 0o600)
    (home / ".ssh").chmod(0o700)
    for path in (home / ".ssh", home / ".ssh/authorized_keys"):
        os.chown(path, owner.st_uid, owner.st_gid)


def write_resolver(files: Folder, machine: Machine, servers: list[str]) -> None:
    """Tell resolved, where a guest has it, whom to ask; elsewhere systemd-nspawn writes /etc/resolv.conf."""
    if not suites.named(machine.suite).has_habits:
        return
    write_file(files.root / "etc/systemd/resolved.conf.d/lab.conf", f"[Resolve]\nDNS={' '.join(servers)}\n")
    link = files.root / "etc/resolv.conf"
    link.unlink(missing_ok=True)
    link.symlink_to("../run/systemd/resolve/stub-resolv.conf")


def write_client_files(files: Folder, machine: Machine, client_private_key: str | None) -> None:
    """What a person needs to log in, beside the record: known_hosts, and the key if it was given."""
    write_file(
        files.known_hosts, f"{machine.address} {' '.join((machine.host_public_key or '').split()[:2])}"
    )
    if client_private_key:
        write_file(files.key, client_private_key, 0o600)
