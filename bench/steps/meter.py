"""Runs a command to its end in a network of its own, and writes what it and all its descendants have used.

    unshare --net python3 meter.py REPORT COMMAND [WORD …]

In that network every address of 203.0.113.0/24 (for documentation, RFC 5737) is this machine, and says at
port 22 what a server for SSH says first: the program waits for that before it goes on. Nothing gets out.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
LOOK_EVERY_SECONDS = 0.02
# the SDK's runner of a program; the plugins are processes of Node as well, without it among their words
PROGRAM = "@pulumi/pulumi/cmd/run"


def open_network() -> None:
    for words in ("link set lo up", "route add local 203.0.113.0/24 dev lo"):
        subprocess.run(["ip", *words.split()], check=True)
    listener = socket.create_server(("0.0.0.0", 22), backlog=256)

    def greet() -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"SSH-2.0-bench\r\n")

    threading.Thread(target=greet, daemon=True).start()


def peak_kilobytes(process: Path) -> int:
    """Most memory that a process has held, if it runs the program; else 0."""
    try:
        if PROGRAM not in (process / "cmdline").read_text().replace("\0", " "):
            return 0
        lines = (process / "status").read_text().splitlines()
    except OSError:
        return 0
    return max((int(line.split()[1]) for line in lines if line.startswith("VmHWM:")), default=0)


def descendants(pid: int) -> list[int]:
    """The processes below one, whoever has become their parent meanwhile: all of them end up at this one."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(stat.parent.name))
    found = list(children.get(pid, []))
    for each in found:
        found += children.get(each, [])
    return found


def main() -> int:
    report, *command = sys.argv[1:]
    open_network()
    # whoever loses its parent becomes a child of this process, so that what it used is counted
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.monotonic()
    child = subprocess.Popen(command)
    peak = 0
    while child.poll() is None:
        for pid in descendants(os.getpid()):
            peak = max(peak, peak_kilobytes(Path("/proc", str(pid))))
        time.sleep(LOOK_EVERY_SECONDS)
    wall = time.monotonic() - started
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = {
        "wallSeconds": round(wall, 3),
        "cpuSeconds": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 3),
        "programMegabytes": round(peak / 1024),
    }
    Path(report).write_text(json.dumps(used))
    return child.returncode


sys.exit(main())
