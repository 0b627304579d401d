"""The daemons' own checkers, run on a candidate before it goes live; silence is consent."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from ..system.errors import HostError
from ..system.files import candidate_path
from ..system.manifest import FileSpec
from ..system.root import Root
from . import nginx_check, prosody_check

REMEDY = "the previous version stays in place; correct the configuration and apply again"


def check_all(root: Root, specs: list[FileSpec]) -> None:
    """Run the checker of every candidate, side by side, and raise the first complaint in order of path."""
    checked = [spec for spec in specs if spec.check]
    if not checked:
        return
    with ThreadPoolExecutor(max_workers=4) as pool:
        complaints = list(pool.map(lambda spec: _checker(spec, checked)(root, spec), checked))
    refused = [(spec, words) for spec, words in zip(checked, complaints, strict=True) if words]
    # one look at a folder is the complaint of each of its files: the one that it names comes first
    for spec, words in sorted(refused, key=lambda one: one[0].path not in one[1]):
        raise HostError(spec.path, f"refused by its checker: {words}", remedy(spec))


def remedy(spec: FileSpec) -> str:
    """What to do about a file that is refused: settings of the operator's own in it are looked at first."""
    if spec.origin is None:
        return REMEDY
    words = f"correct {spec.origin}, whose settings are in it, and apply again"
    return f"the previous version stays in place; {words}"


def _checker(spec: FileSpec, together: list[FileSpec]) -> Callable[[Root, FileSpec], str]:
    if spec.check == "unit":
        return partial(check_unit, others=[other for other in together if other.check == "unit"])
    return CHECKERS[str(spec.check)]


def check_nft(root: Root, spec: FileSpec) -> str:
    """Let nft read the rules without applying them."""
    result = root.run(["nft", "-c", "-f", str(candidate_path(root, spec.path))])
    # nft says "file:line:column: Error: what", then quotes the line
    return "" if result.code == 0 else (result.err.strip().splitlines() or [result.last_line()])[0]


def check_unit(root: Root, spec: FileSpec, others: Sequence[FileSpec] = ()) -> str:
    """Let systemd-analyze read a unit or a drop-in under its right name; every remark about it counts.

    `others` come with it and may be units that it asks for.

    Unknown keys and bad values only make a line of output, so the exit code alone is no verdict.
    """
    live = Path(spec.path)
    unit = live.parent.name.removesuffix(".d") if live.parent.suffix == ".d" else live.name
    with tempfile.TemporaryDirectory(prefix="audio-meet-unit-") as folder:
        for other in others:
            if Path(other.path).parent.suffix != ".d":
                (Path(folder) / Path(other.path).name).write_bytes(other.content)
        if live.parent.suffix != ".d":
            (Path(folder) / live.name).write_bytes(spec.content)
            remarks, code = _verify(root, folder, live.name)
        else:
            show = ["systemctl", "show", "--property=FragmentPath", "--value", "--", unit]
            base = root.run(show).out.strip()
            if not base or not Path(base).is_file():
                return f"{unit}, which it adds to, is not installed"
            shutil.copyfile(base, Path(folder) / unit)
            before, _ = _verify(root, folder, unit)
            (Path(folder) / live.parent.name).mkdir()
            (Path(folder) / live.parent.name / live.name).write_bytes(spec.content)
            remarks, code = _verify(root, folder, unit)
            # what systemd remarks of the unit as its package made it is not ours
            remarks = [line for line in remarks if line not in before]
            code = code if remarks else 0
    # remarks about other units of the host are not ours
    ours = [line for line in remarks if unit in line or live.name in line]
    if code != 0 and not ours:
        return remarks[0] if remarks else f"systemd-analyze verify ended with {code}"
    return ours[0] if ours else ""


def _verify(root: Root, folder: str, unit: str) -> tuple[list[str], int]:
    result = root.run(["systemd-analyze", "verify", "--man=no", str(Path(folder) / unit)])
    lines = [line.replace(f"{folder}/", "").strip() for line in result.err.splitlines()]
    return [line for line in lines if line], result.code


def check_sysctl(root: Root, spec: FileSpec) -> str:
    """Syntax of sysctl.d: `key = value`, a leading "-" to ignore errors, comments with "#" or ";"."""
    del root
    for number, line in enumerate(spec.content.decode(errors="replace").splitlines(), 1):
        text = line.strip()
        if text and text[0] not in "#;" and not re.fullmatch(r"-?[A-Za-z0-9_./*\[\]-]+\s*=\s*\S.*", text):
            return f"line {number} is not of the form key = value"
    return ""


def _program(*command: str) -> Callable[[Root, FileSpec], str]:
    """A checker that is a command with the candidate as its last word."""

    def check(root: Root, spec: FileSpec) -> str:
        result = root.run([*command, str(candidate_path(root, spec.path))])
        if result.code == 0:
            return ""
        lines = [line.strip() for line in (result.out + "\n" + result.err).splitlines()]
        telling = [line for line in lines if re.search(r"fail|error|:\s*\d+:|unmarshal", line, re.IGNORECASE)]
        return (telling or [result.last_line()])[-1]

    return check


CHECKERS: dict[str, Callable[[Root, FileSpec], str]] = {
    "prosody": prosody_check.check,
    "nft": check_nft,
    "unit": check_unit,
    "sysctl": check_sysctl,
    "nginx": nginx_check.check,
    "prometheus": _program("promtool", "check", "config"),
    "rules": _program("promtool", "check", "rules"),
    "alertmanager": _program("amtool", "check-config"),
}
