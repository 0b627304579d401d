"""What `lab status` tells about the machines of this lab."""

from __future__ import annotations

from typing import Any

from state import Machine, folder, load, names

COLUMNS = ["name", "state", "address", "suite", "pid", "memoryMegabytes", "cpuShare"]


def _row(name: str, machine: Machine | None) -> dict[str, Any]:
    if not machine or not machine.complete:
        return {**dict.fromkeys([*COLUMNS, "login"]), "name": name, "state": "unfinished"}
    files = folder(name)
    login = f"ssh -i {files.key} -o UserKnownHostsFile={files.known_hosts} root@{machine.address}"
    return {
        "name": name,
        "state": "running" if machine.running else "down",
        "address": machine.address,
        "suite": machine.suite,
        "pid": machine.process.pid if machine.process and machine.running else None,
        "memoryMegabytes": machine.memory_megabytes,
        "cpuShare": machine.cpu_share,
        "login": login if files.key.exists() else None,
    }


def rows() -> list[dict[str, Any]]:
    """One row for each machine folder; state is running, down or unfinished; unknown values are None."""
    return [_row(name, load(name)) for name in names()]


def table(found: list[dict[str, Any]]) -> str:
    """The rows as aligned text, without the column for logging in."""
    cells = [COLUMNS, *[["-" if row[c] is None else str(row[c]) for c in COLUMNS] for row in found]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in cells
    )
