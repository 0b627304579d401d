"""The command line of the lab."""

from __future__ import annotations

import argparse
import json
import os
import sys
from typing import Any

import archive
import choice
import cloud
import guest
import image
import machines
import network
import request
import status
import storage
import suites
from base import LabError, progress
from prepare import prepare
from process import CLEAN_ENVIRONMENT
from state import load

_CREATE_HELP = """\
Reads one JSON object from stdin: name, address, hostPrivateKey, hostPublicKey, authorizedKey, and optionally
suite (trixie), mirror, memoryMegabytes, cpuShare (1024 is everybody's weight), clientPrivateKey.
Instances of EC2's stand-in have, in place of the keys `cloud`: network, gateway, userData, firewall,
publicKey.
Prints one line of JSON: name, address, state.
"""
_CLOUD_HELP = """\
Reads one JSON object from stdin, all that there shall be: networks (vpc, gateway as ADDRESS/BITS), elastic
(address, privateAddress), firewalls (by name of the instance: ingress and egress, each a list of protocol,
fromPort, toPort, ends).
"""


def _prepare(_: argparse.Namespace) -> None:
    installed = prepare()
    progress(
        f"installed {', '.join(installed)}" if installed else "everything that lab hosts need is installed"
    )


def _image(options: argparse.Namespace) -> None:
    print(image.ensure(options.suite, options.mirror, options.cloud))


def _create(_: argparse.Namespace) -> None:
    try:
        values = json.load(sys.stdin)
    except ValueError:
        # the error's own text would quote the input, which holds private keys
        raise LabError("stdin: not JSON; see `lab create --help`") from None
    machine = machines.create(request.parse(values))
    print(json.dumps({"name": machine.name, "address": machine.address, "state": "running"}))


def _cloud(_: argparse.Namespace) -> None:
    try:
        values = json.load(sys.stdin)
    except ValueError as error:
        raise LabError(f"stdin: not JSON: {error}") from error
    cloud.apply(cloud.parse(values))


def _delete(options: argparse.Namespace) -> None:
    existed = machines.delete(options.name)
    progress(f"{options.name}: {'deleted' if existed else 'there is none'}")


def _stop(options: argparse.Namespace) -> None:
    machines.stop(options.name, options.at_once)


def _start(options: argparse.Namespace) -> None:
    booted, known = machines.start([options.name] if options.name else [])
    progress(f"{booted} of {known} machines were down" + (" and answer again" if booted else ""))


def _status(options: argparse.Namespace) -> None:
    found = status.rows()
    print(json.dumps(found) if options.json else status.table(found))


def _down(options: argparse.Namespace) -> None:
    deleted = machines.down(options.at_once)
    words = [f"{deleted} machines deleted"] if deleted else []
    words.append("nothing of this lab is left")
    if others := sorted(network.other_labs()):
        words.append(f"the bridge, the package server and the storage stay for another lab, {others[0]}")
    progress("; ".join(words))


def _names(_: argparse.Namespace) -> None:
    known = machines.name({str(name): str(address) for name, address in json.load(sys.stdin).items()})
    progress(f"{known} machines know these names")


def _exec(options: argparse.Namespace) -> None:
    machine = load(request.checked_name(options.name))
    first = guest.init_process(machine) if machine else None
    if not first:
        raise LabError(
            f"{options.name}: not running; `lab status` lists the machines, `lab start` boots them"
        )
    command = options.command[1:] if options.command[:1] == ["--"] else options.command
    if not command:
        raise LabError("exec: no command; use `lab exec NAME -- COMMAND…`")
    enter = ["nsenter", f"--target={first.pid}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"]
    environment = {
        **CLEAN_ENVIRONMENT,
        "HOME": "/root",
        "USER": "root",
        "TERM": os.environ.get("TERM", "dumb"),
    }
    os.execvpe("nsenter", [*enter, "--root", "--wd", *command], environment)


def _archive(options: argparse.Namespace) -> None:
    if options.action == "serve":
        archive.serve(options.folder)
    elif options.action == "start":
        print(archive.start())
    else:
        archive.stop()


def _choose(options: argparse.Namespace) -> None:
    if options.stack_file == "mirror":
        choice.look_into_mirror()
    else:
        print(choice.headline(options.stack_file, os.environ))


def _storage(options: argparse.Namespace) -> None:
    if options.action == "serve":
        storage.serve(options.port)
    elif options.action == "start":
        print(json.dumps(storage.start(options.port)))
    elif options.action == "login":
        print(json.dumps(storage.login(options.port)))
    else:
        storage.stop(options.port)


def parser() -> argparse.ArgumentParser:
    """All commands and their arguments."""
    top = argparse.ArgumentParser(prog="lab", description="Real systemd hosts on this machine.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, action: Any, text: str, **more: Any) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, **more)
        added.set_defaults(action_function=action)
        return added

    command("prepare", _prepare, "install the host packages that the lab needs")
    building = command("image", _image, "build a guest image, unless it is there")
    building.add_argument("suite", metavar="SUITE", help=", ".join(suites.SUITES))
    building.add_argument("--mirror", help="where to get the packages from")
    building.add_argument("--cloud", action="store_true", help="the one with cloud-init, for EC2's instances")
    command("create", _create, "make or finish one machine and boot it", description=_CREATE_HELP)
    command("cloud", _cloud, "give instances their networks and firewalls", description=_CLOUD_HELP)
    command("delete", _delete, "remove one machine").add_argument("name", metavar="NAME")
    stopping = command("stop", _stop, "power one machine off")
    stopping.add_argument("name", metavar="NAME")
    stopping.add_argument("--at-once", action="store_true", help="as a power cut does")
    command("start", _start, "boot machines that are down").add_argument("name", metavar="NAME", nargs="?")
    command("status", _status, "list the machines").add_argument("--json", action="store_true")
    removing = command("down", _down, "remove all machines and every left-over")
    removing.add_argument("--at-once", action="store_true", help="without shutting them down")
    command("names", _names, "let the machines know names, a JSON object on stdin: name → address")
    inside = command("exec", _exec, "run a command inside a machine")
    inside.add_argument("name", metavar="NAME")
    inside.add_argument("command", nargs=argparse.REMAINDER, metavar="-- COMMAND…")
    serving = command("archive", _archive, "serve the lab's own packages to the machines")
    serving.add_argument("action", choices=["start", "stop", "serve"], metavar="start|stop")
    serving.add_argument("folder", nargs="?", help=argparse.SUPPRESS)
    choosing = command(
        "choose", _choose, "decide, once for a lab, on real packages or stand-ins, and on its guests"
    )
    choosing.add_argument(
        "stack_file", metavar="FILE|mirror", help="the stack file; or see what the mirror has"
    )
    keeping = command("storage", _storage, "be an S3 storage for the machines; `start` prints its login")
    keeping.add_argument("action", choices=["start", "login", "stop", "serve"], metavar="start|login|stop")
    keeping.add_argument("--port", type=int, default=storage.PORT, help=f"default: {storage.PORT}")
    return top


def main() -> int:
    """Run one command; its exit status."""
    options = parser().parse_args()
    os.umask(0o022)  # a guest's / must be open to its daemons whatever the caller's mask is
    try:
        options.action_function(options)
    except (LabError, OSError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("lab: interrupted; the same command finishes what it began", file=sys.stderr)
        return 130
    return 0
