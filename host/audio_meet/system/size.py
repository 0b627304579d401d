"""Cores and memory of the machine as its processes may use them, and the heaps that follow."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from .manifest import FileSpec, HeapSpec
from .root import Root, text_of

MEBIBYTE = 1024 * 1024
# Heaps come in steps of this size, so that a kernel that reserves a little more memory restarts nothing.
HEAP_STEP_MEGABYTES = 16


def memory_megabytes(root: Root) -> int:
    """Mebibytes of memory: the machine's, or the cgroup limit (v1 or v2) that is below it."""
    limits = [_meminfo_total(root)]
    for file in _cgroup_files(root, "memory", "memory.max", "memory.limit_in_bytes"):
        with contextlib.suppress(ValueError):
            limits.append(int(text_of(file)))
    return min(limits) // MEBIBYTE


def cores(root: Root) -> int:
    """Whole processors that may be used: affinity, or the cgroup quota that is below it; at least one."""
    counts = [float(len(os.sched_getaffinity(0)))]
    for file in _cgroup_files(root, "cpu", "cpu.max", "cpu.cfs_quota_us"):
        with contextlib.suppress(ValueError, ZeroDivisionError, OSError):
            words = text_of(file).split()
            period = words[1] if len(words) > 1 else text_of(file.parent / "cpu.cfs_period_us")
            quota = int(words[0]) / int(period)
            if quota > 0:
                counts.append(quota)
    return max(1, int(min(counts)))


def size_report(root: Root) -> dict[str, int]:
    """Cores and memory as the program is told of them."""
    return {"cores": cores(root), "memoryMegabytes": memory_megabytes(root)}


def heap_file(root: Root, heap: HeapSpec) -> FileSpec:
    """The file with the heap size of a Java daemon, from the memory of this host."""
    wanted = int(memory_megabytes(root) * heap.share) // HEAP_STEP_MEGABYTES * HEAP_STEP_MEGABYTES
    megabytes = max(heap.minimum_megabytes, min(heap.maximum_megabytes, wanted))
    owner, group = root.default_owner
    content = f"{heap.variable}={megabytes}m\n".encode()
    return FileSpec(heap.path, content, 0o644, owner, group, heap.units)


def _meminfo_total(root: Root) -> int:
    for line in root.read("/proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            return int(line.split()[1]) * 1024
    raise ValueError("/proc/meminfo has no MemTotal")


def _cgroup_files(root: Root, controller: str, name_v2: str, name_v1: str) -> Iterator[Path]:
    """Limit files of the helper's own cgroup and of every cgroup above it."""
    try:
        lines = root.read("/proc/self/cgroup").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        number, controllers, path = line.split(":", 2)
        if number == "0" and not controllers:
            tops, name = [root.path("/sys/fs/cgroup"), root.path("/sys/fs/cgroup/unified")], name_v2
        elif controller in controllers.split(","):
            tops = [root.path(f"/sys/fs/cgroup/{controllers}"), root.path(f"/sys/fs/cgroup/{controller}")]
            name = name_v1
        else:
            continue
        for top in tops:
            folders = [
                top.joinpath(*path.strip("/").split("/")[:depth]) for depth in range(path.count("/") + 1)
            ]
            yield from (folder / name for folder in dict.fromkeys(folders) if (folder / name).is_file())
