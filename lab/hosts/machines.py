"""Create, delete, stop and start machines: the verbs behind the command line."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import cgroup
import cloud
import groups
import guest
import image
import network
import root
import seed
import storage
from base import LabError, progress
from request import Request, checked_name
from state import (
    Folder,
    Machine,
    folder,
    lab_folder,
    lab_prefix,
    load,
    machine_lock,
    machines_folder,
    names,
    remove_tree,
    save,
)


def create(request: Request) -> Machine:
    """The machine, up and answering; made, finished, booted or only looked at, whatever it needs."""
    machine = request.machine
    files = folder(machine.name)
    with machine_lock(machine.name):
        known = load(machine.name)
        if known and known.complete:
            machine = _adopt(known, machine, request, files)
        else:
            machine = _make(request, files)
        if not machine.running:
            network.claim(files.path, machine.address)
            machine = _boot(machine)
        wait_for_ssh(machine)
    return machine


def _make(request: Request, files: Folder) -> Machine:
    machine = request.machine
    guest.clean(machine.guest, files)
    remove_tree(files.path)
    image.ensure(machine.suite, machine.mirror, machine.is_instance)
    files.path.mkdir(parents=True, mode=0o700)
    try:
        save(machine)
        network.claim(files.path, machine.address)
        root.mount(files, Path(machine.image))
        _write_individual(request, files)
        return save(replace(machine, complete=True))
    except LabError:
        remove_tree(files.path)
        network.release(files.path)
        raise


def _write_individual(request: Request, files: Folder) -> None:
    """What makes a mounted root this machine and no other."""
    machine = request.machine
    root.mask_generators(files)
    if request.launch:
        seed.write(files, machine, request.launch.user_data, request.launch.public_key)
        root.write_package_key(files)
        groups.enforce(machine, request.launch.firewall)
    else:
        root.write_identity(files, machine, request.host_private_key)
        root.write_client_files(files, machine, request.client_private_key)


def _boot(machine: Machine) -> Machine:
    """Boot a guest; an instance is behind its security groups before anything in it runs."""
    machine = guest.boot(machine)
    if machine.is_instance:
        groups.set_when_possible(machine)
    return machine


def wait_for_ssh(machine: Machine) -> None:
    """Wait until the machine can be logged in to. Raises LabError when it cannot."""
    guest.wait_for_ssh(machine, groups.answers if machine.is_instance else guest.answers)


def _adopt(known: Machine, wanted: Machine, request: Request, files: Folder) -> Machine:
    """A machine that exists: what identifies it must agree, what can change is changed."""
    for key in ("address", "suite", "mirror", "host_public_key", "network", "gateway"):
        if getattr(known, key) != getattr(wanted, key):
            raise LabError(
                f"{known.name} exists with another {key.replace('_', ' ')} ({getattr(known, key)}); "
                f"run `lab delete {known.name}` first, or take another name"
            )
    changed = replace(
        known,
        authorized_key=wanted.authorized_key,
        memory_megabytes=wanted.memory_megabytes,
        cpu_share=wanted.cpu_share,
    )
    if changed != known:
        if changed.authorized_key:
            root.mount(files, Path(known.image))
            root.write_authorized_key(files, changed)
        if changed.running:
            cgroup.prepare(changed.guest, changed.memory_megabytes, changed.cpu_share)
        save(changed)
    if not changed.is_instance:
        root.write_client_files(files, changed, request.client_private_key)
    return changed


def delete(name: str) -> bool:
    """Power the machine off and remove all that belongs to it; False if there was none."""
    with machine_lock(checked_name(name)):
        files = folder(name)
        existed = files.path.exists()
        machine = load(name)
        if machine:
            guest.end(machine)
        guest.clean(lab_prefix() + name, files)
        remove_tree(files.path)
        network.release(files.path)
    if not names():
        network.release(lab_folder())
        _remove_empty()
    return existed


def _recorded(name: str) -> Machine:
    machine = load(checked_name(name))
    if not machine or not machine.complete:
        raise LabError(f"{name}: no such machine; `lab status` lists them")
    return machine


def stop(name: str, at_once: bool = False) -> None:
    """Power the machine off and keep it; `at_once`, as a power cut does. Fine if it is off."""
    with machine_lock(checked_name(name)):
        machine = _recorded(name)
        (guest.cut if at_once else guest.end)(machine)
        machine.with_process(None)


def start(wanted: list[str]) -> tuple[int, int]:
    """Boot the machines of these names (none: all) that are down; how many were, of how many."""
    machines = [_recorded(name) for name in wanted] or complete_machines()
    if machines:
        cloud.restore()
    booted = []
    for machine in machines:
        with machine_lock(machine.name):
            machine = _recorded(machine.name)
            network.claim(folder(machine.name).path, machine.address)
            if not machine.running:
                progress(f"booting {machine.name}")
                booted.append(_boot(machine))
    for machine in booted:
        wait_for_ssh(machine)
    return len(booted), len(machines)


def complete_machines() -> list[Machine]:
    """All machines of this lab that are finished."""
    found = [load(name) for name in names()]
    return [machine for machine in found if machine and machine.complete]


def name(addresses: dict[str, str]) -> int:
    """Let every machine know these names (name → address); how many machines there are."""
    machines = complete_machines()
    for machine in machines:
        root.write_names(folder(machine.name), machine, addresses)
    return len(machines)


def down(at_once: bool = False) -> int:
    """Delete all machines and whatever a crash left of this lab; how many machines there were.

    `at_once`: without a shutdown, of which nothing would stay.
    """
    found = names()
    for machine in complete_machines():
        if at_once:
            with machine_lock(machine.name):
                guest.cut(machine)
        else:
            # all of them; the deletions then wait for one shutdown, not for each
            guest.ask_to_power_off(machine)
    for name in found:
        progress(f"deleting {name}")
        try:
            delete(name)
        except LabError as error:  # one machine that resists does not keep the others alive
            progress(f"{name}: {error}")
    for left in cgroup.groups(lab_prefix()):
        guest.clean(left)
    cloud.clear()
    cloud.forget_account()
    network.release_lab()
    storage.remove_left()
    remove_tree(machines_folder())
    _remove_empty()
    return len(found)


def _remove_empty() -> None:
    """Remove this lab's folders if they are empty; another command may be filling them just now."""
    if not names():
        for log in lab_folder().glob("*.log"):
            log.unlink(missing_ok=True)
    for empty in (machines_folder(), lab_folder()):
        with contextlib.suppress(OSError):
            empty.rmdir()
