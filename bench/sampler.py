"""Runs on the core while a benchmark lasts: twice a second a JSON line of figures, till nobody reads."""

import json
import os
import subprocess
import time

UNITS = ("prosody", "nginx", "jicofo")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PERIOD_SECONDS = 0.5


def read(path: str) -> str:
    with open(path, encoding="ascii", errors="replace") as stream:
        return stream.read()


def main_process(unit: str) -> int:
    """Number of the main process of a unit; 0 where it does not run."""
    command = ["systemctl", "show", "-p", "MainPID", "--value", f"{unit}.service"]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() or 0)


def family(process: int) -> list[int]:
    """A process and its children."""
    children = read(f"/proc/{process}/task/{process}/children").split()
    return [process, *(int(child) for child in children)]


def usage(process: int) -> tuple[float, int, int]:
    """CPU seconds, memory in kB and open files of one process."""
    # The name in brackets may hold anything; numbers follow it, with utime and stime as fields 14 and 15.
    fields = read(f"/proc/{process}/stat").rsplit(")", 1)[1].split()
    cpu_seconds = (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
    memory = [line for line in read(f"/proc/{process}/status").splitlines() if line.startswith("VmRSS:")]
    return cpu_seconds, int(memory[0].split()[1]) if memory else 0, len(os.listdir(f"/proc/{process}/fd"))


def of_unit(process: int) -> dict[str, float]:
    """What a unit with all its processes has used so far, and holds now."""
    cpu_seconds, memory, files = 0.0, 0, 0
    for member in family(process):
        try:
            used = usage(member)
        except (FileNotFoundError, ProcessLookupError):
            continue
        cpu_seconds, memory, files = cpu_seconds + used[0], memory + used[1], files + used[2]
    return {"cpuSeconds": round(cpu_seconds, 2), "memoryKilobytes": memory, "files": files}


def machine() -> dict[str, float]:
    """Seconds that all cores together were busy, and those that a hypervisor kept for others."""
    words = [int(word) for word in read("/proc/stat").split()[1:9]]
    user, nice, system, _idle, _wait, irq, softirq, steal = words
    busy = user + nice + system + irq + softirq
    return {"busySeconds": busy / TICKS_PER_SECOND, "stealSeconds": steal / TICKS_PER_SECOND}


def main() -> None:
    processes = {unit: main_process(unit) for unit in UNITS}
    while True:
        sample = {unit: of_unit(process) for unit, process in processes.items() if process}
        try:
            print(json.dumps({**sample, "machine": machine()}), flush=True)
        except BrokenPipeError:
            return
        time.sleep(PERIOD_SECONDS)


main()
