"""The `metrics` verb: figures that no exporter has, in a file that the node exporter reads.

Run by a timer. What cannot be read is left out, so that the rules notice its absence; the rest is written.
"""

from __future__ import annotations

import json
import os
import ssl
import time
from collections.abc import Callable

from ..drift import drift
from ..owed import store
from ..packages import apt
from ..recorder import recorder, upload_config, upload_queue
from ..system import documents, systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.summary import say
from ..watchdog import book, rules
from .kinds import host

# name, labels, value
Sample = tuple[str, dict[str, str], float]


def write(root: Root, wanted_path: str, target: str) -> str:
    """Measure what the file `wanted_path` asks for and write it to `target` at once; returns the summary."""
    wanted = documents.load(root.read(wanted_path))
    fields = {"certificates": list, "packages": list, "units": list, "gauges": dict}
    documents.fields(wanted, "metrics", fields, {"recordings": str})
    samples = measure(root, wanted)
    file = root.path(target)
    if not file.parent.is_dir():
        raise HostError(str(file.parent), "does not exist", "start prometheus-node-exporter")
    temporary = file.with_name(f".{file.name}.new")
    temporary.write_text(text_of(samples), encoding="utf-8")
    temporary.chmod(0o644)
    os.replace(temporary, file)
    return f"{len(samples)} metrics written"


def measure(root: Root, wanted: Json) -> list[Sample]:
    """Every figure: of the plan, certificates, versions, open files, recordings, watchdog, drift."""
    samples: list[Sample] = [("audio_meet_info", {"host": root.host()}, 1)]
    samples += [(name, {}, float(value)) for name, value in sorted(wanted["gauges"].items())]
    for path in wanted["certificates"]:
        end = certificate_end(root, path)
        if end is not None:
            samples.append(("audio_meet_certificate_not_after_seconds", {"path": path}, end))
    parts: list[Callable[[], list[Sample]]] = [
        lambda: _packages(root, wanted["packages"]),
        lambda: _open_files(root, wanted["units"]),
        lambda: _recordings(root, wanted["recordings"]) if "recordings" in wanted else [],
        lambda: _watchdog(root),
        lambda: _owed(root),
        lambda: [("audio_meet_drift_entries", {}, float(len(drift.drift(root, of_unit=True)["drift"])))],
    ]
    for part in parts:
        try:
            samples += part()
        except HostError as error:
            root.note(f"left out: {error.what}: {error.cause}")
    samples.append(("audio_meet_measured_seconds", {}, float(int(time.time()))))
    return samples


def certificate_end(root: Root, path: str) -> float | None:
    """When the first certificate of a PEM file ends, in seconds since the epoch; None where there is none."""
    result = root.run(["openssl", "x509", "-noout", "-enddate", "-in", str(root.path(path))])
    _, _, end = result.out.strip().partition("notAfter=")
    return float(ssl.cert_time_to_seconds(end)) if result.code == 0 and end else None


def _packages(root: Root, names: list[str]) -> list[Sample]:
    found = sorted(apt.installed(root, names).items()) if names else []
    return [
        ("audio_meet_package_info", {"package": name, "version": version}, 1.0) for name, version in found
    ]


def _open_files(root: Root, units: list[str]) -> list[Sample]:
    samples: list[Sample] = []
    for name, unit in systemd.show(root, units).items():
        pid = int(unit.get("MainPID") or 0)
        limit = host.open_files_limit(root, pid)
        try:
            count = sum(1 for _ in root.path(f"/proc/{pid}/fd").iterdir()) if pid else 0
        except OSError:
            continue
        if limit:
            samples.append(("audio_meet_open_files", {"unit": name}, float(count)))
            samples.append(("audio_meet_open_files_limit", {"unit": name}, float(limit)))
    return samples


def _recordings(root: Root, path: str) -> list[Sample]:
    """What is on its way to the bucket, by the document of a recorder; a moment only where one waits."""
    try:
        on_the_way = upload_queue.on_the_way(upload_config.read(root, path))
        since = sorted(upload_queue.handed_over_at(folder) for folder in on_the_way)
    except OSError:
        return []  # not there yet, or one has just arrived; a minute later it is told
    resigned = sum(1 for folder in on_the_way if upload_queue.remembered(folder).get("resigned"))
    samples: list[Sample] = [("audio_meet_recordings_waiting", {}, float(len(since)))]
    if since:
        samples.append(("audio_meet_recordings_waiting_since_seconds", {}, float(int(since[0]))))
    samples.append(("audio_meet_recordings_given_up", {}, float(resigned)))
    samples.append(("audio_meet_recorder_full", {}, float(root.path(recorder.FULL).exists())))
    return samples


def _watchdog(root: Root) -> list[Sample]:
    """How often each rule acted since boot, whether it is stuck, and when the watchdog looked last."""
    told = book.read(root)
    if told is None:
        return []
    samples: list[Sample] = []
    for rule in rules.RULES:
        is_stuck = any(name.partition(" ")[0] == rule.name for name in told.stuck)
        labels = {"rule": rule.name}
        samples.append(("audio_meet_watchdog_acts", labels, float(told.counts.get(rule.name, 0))))
        samples.append(("audio_meet_watchdog_stuck", labels, float(is_stuck)))
    return [*samples, ("audio_meet_watchdog_looked_seconds", {}, float(int(told.looked)))]


def _owed(root: Root) -> list[Sample]:
    """Restarts that wait, since when the first one does, and whether one of them went wrong."""
    waiting = store.entries(root)
    samples: list[Sample] = [("audio_meet_owed_restarts", {}, float(sum(len(one.units) for one in waiting)))]
    if waiting:
        since = min(one.since for one in waiting)
        samples.append(("audio_meet_owed_since_seconds", {}, float(int(since))))
    samples.append(("audio_meet_owed_failed", {}, float(store.failure(root) is not None)))
    return samples


def text_of(samples: list[Sample]) -> str:
    """Prometheus's text format; all of these are gauges."""
    lines: list[str] = []
    for name in dict.fromkeys(sample[0] for sample in samples):
        lines.append(f"# TYPE {name} gauge")
        for _, labels, value in (sample for sample in samples if sample[0] == name):
            # JSON quotes a text as the format wants it
            inside = ",".join(f"{key}={json.dumps(text)}" for key, text in labels.items())
            lines.append(f"{name}{{{inside}}} {value:.17g}" if inside else f"{name} {value:.17g}")
    return "\n".join(lines) + "\n"


def run(root: Root, arguments: list[str]) -> int:
    """The verb `metrics WANTED TARGET`."""
    return say(root, write(root, arguments[1], arguments[2]))
