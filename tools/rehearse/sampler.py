"""Runs on a host while a rehearsal lasts: every other second a JSON line of figures, till nobody reads.

Argument: the port of loopback on which a bridge tells its statistics.
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
PERIOD_SECONDS = 2.0


def read(path: str) -> str:
    with open(path, encoding="ascii", errors="replace") as stream:
        return stream.read()


def main_process(unit: str) -> int:
    """Number of the main process of a unit; 0 where it does not run."""
    command = ["systemctl", "show", "-p", "MainPID", "--value", f"{unit}.service"]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() or 0)


def usage(process: int) -> tuple[float, int]:
    """CPU seconds and memory in kB of one process."""
    # The name in brackets may hold anything; numbers follow it, with utime and stime as fields 14 and 15.
    fields = read(f"/proc/{process}/stat").rsplit(")", 1)[1].split()
    memory = [line for line in read(f"/proc/{process}/status").splitlines() if line.startswith("VmRSS:")]
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND, int(memory[0].split()[1]) if memory else 0


def of_unit(process: int) -> dict[str, float]:
    """What a unit with all its processes has used so far, and holds now."""
    cpu_seconds, memory = 0.0, 0
    for member in [process, *map(int, read(f"/proc/{process}/task/{process}/children").split())]:
        try:
            used = usage(member)
        except (FileNotFoundError, ProcessLookupError):
            continue
        cpu_seconds, memory = cpu_seconds + used[0], memory + used[1]
    return {"cpuSeconds": round(cpu_seconds, 2), "memoryKilobytes": memory}


def units() -> dict[str, dict[str, float]]:
    """Each daemon that runs here."""
    found: dict[str, dict[str, float]] = {}
    for unit in UNITS:
        try:
            process = main_process(unit)
            if process:
                found[unit] = of_unit(process)
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def bridge(port: str) -> dict[str, float]:
    """What the bridge says of itself; it looks at itself each five seconds."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/colibri/stats", timeout=PERIOD_SECONDS) as answer:
        said = json.load(answer)
    return {
        "endpoints": said.get("local_endpoints", said.get("endpoints", 0)),
        "packetsInPerSecond": said.get("packet_rate_download", 0),
        "packetsOutPerSecond": said.get("packet_rate_upload", 0),
        "kilobitsOutPerSecond": said.get("bit_rate_upload", 0),
        "stress": said.get("stress_level", 0),
    }


def busy() -> float:
    """Seconds that all cores together were busy."""
    user, nice, system, _idle, _wait, irq, softirq = (int(word) for word in read("/proc/stat").split()[1:8])
    return (user + nice + system + irq + softirq) / TICKS_PER_SECOND


def main() -> None:
    while True:
        line: dict[str, object] = {"units": units(), "busySeconds": busy(), "cores": os.cpu_count()}
        # No bridge here, or one that does not answer: then the figure is missing.
        with contextlib.suppress(OSError):
            line["bridge"] = bridge(sys.argv[1])
        try:
            print(json.dumps(line), flush=True)
        except BrokenPipeError:
            return
        time.sleep(PERIOD_SECONDS)


main()
