"""Runs on a host while somebody measures: again and again a JSON line of figures, till nobody reads.

Arguments: seconds between two lines, and the port of loopback on which a bridge tells its statistics.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.request

UNITS = ("jitsi-videobridge2", "prosody", "prosody-jvb", "jicofo", "nginx", "coturn")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
ANSWER_SECONDS = 2.0
# systemd is asked again so often, and when a daemon has ended: asking costs more than all the rest of a look.
PROCESSES_HOLD_SECONDS = 5.0


def read(path: str) -> str:
    with open(path, encoding="ascii", errors="replace") as stream:
        return stream.read()


def usage(process: int) -> tuple[float, int, int]:
    """CPU seconds, memory in kB and open files of one process."""
    # The name in brackets may hold anything; numbers follow it, with utime and stime as fields 14 and 15.
    fields = read(f"/proc/{process}/stat").rsplit(")", 1)[1].split()
    memory = [line for line in read(f"/proc/{process}/status").splitlines() if line.startswith("VmRSS:")]
    cpu_seconds = (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND
    return cpu_seconds, int(memory[0].split()[1]) if memory else 0, len(os.listdir(f"/proc/{process}/fd"))


def main_processes() -> dict[str, int]:
    """Number of the main process of each unit that runs here."""
    names = [f"{unit}.service" for unit in UNITS]
    command = ["systemctl", "show", "-p", "MainPID", "--value", *names]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return {unit: int(number) for unit, number in zip(UNITS, told, strict=True) if number != "0"}


def of_unit(process: int) -> dict[str, float]:
    """What a daemon with its children has used so far, and holds now."""
    cpu_seconds, memory, files = 0.0, 0, 0
    children = read(f"/proc/{process}/task/{process}/children").split()
    for member in [process, *map(int, children)]:
        # It may have ended since.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            used = usage(member)
            cpu_seconds, memory, files = cpu_seconds + used[0], memory + used[1], files + used[2]
    return {"cpuSeconds": round(cpu_seconds, 2), "memoryKilobytes": memory, "files": files}


def machine() -> dict[str, float]:
    """Seconds that all cores together were busy, and those that a hypervisor kept for others."""
    words = [int(word) for word in read("/proc/stat").split()[1:9]]
    user, nice, system, _idle, _wait, irq, softirq, steal = words
    busy = user + nice + system + irq + softirq
    return {"busySeconds": busy / TICKS_PER_SECOND, "stealSeconds": steal / TICKS_PER_SECOND}


def bridge(port: str) -> dict[str, float]:
    """What the bridge says of itself; it looks at itself each five seconds."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/colibri/stats", timeout=ANSWER_SECONDS) as answer:
        said = json.load(answer)
    return {
        "endpoints": said.get("local_endpoints", said.get("endpoints", 0)),
        "packetsInPerSecond": said.get("packet_rate_download", 0),
        "packetsOutPerSecond": said.get("packet_rate_upload", 0),
        "kilobitsOutPerSecond": said.get("bit_rate_upload", 0),
        "stress": said.get("stress_level", 0),
    }


def look(processes: dict[str, int], port: str) -> dict[str, object]:
    """One line of figures. FileNotFoundError or ProcessLookupError: a daemon has ended."""
    line: dict[str, object] = {
        "units": {unit: of_unit(process) for unit, process in processes.items()},
        "cores": os.cpu_count(),
        **machine(),
    }
    # No bridge here, or one that does not answer: then the figure is missing.
    with contextlib.suppress(OSError):
        line["bridge"] = bridge(port)
    return line


def main() -> None:
    period_seconds, port = float(sys.argv[1]), sys.argv[2]
    processes, asked = main_processes(), time.monotonic()
    while True:
        if time.monotonic() - asked > PROCESSES_HOLD_SECONDS:
            processes, asked = main_processes(), time.monotonic()
        try:
            line = json.dumps(look(processes, port))
        except (FileNotFoundError, ProcessLookupError):
            asked = 0.0
            continue
        try:
            print(line, flush=True)
        except BrokenPipeError:
            return
        time.sleep(period_seconds)


main()
