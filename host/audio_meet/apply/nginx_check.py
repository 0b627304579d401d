"""nginx's own check on a copy of its folder, since the includes of a configuration name absolute paths."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ..system.files import CANDIDATE_PREFIX
from ..system.manifest import FileSpec
from ..system.root import Root

FOLDER = "/etc/nginx"


def check(root: Root, spec: FileSpec) -> str:
    """The first complaint about the folder with every candidate of the group in its place, or nothing."""
    if not spec.path.startswith(f"{FOLDER}/"):
        return f"it is outside {FOLDER}, so nginx does not read it"
    with tempfile.TemporaryDirectory(prefix="audio-meet-nginx-") as folder:
        stage = Path(folder) / "nginx"
        _copy(root, stage)
        result = root.run(["nginx", "-t", "-c", str(stage / "nginx.conf")])
        if result.code == 0:
            return ""
        lines = [line.replace(str(stage), FOLDER).strip() for line in result.err.splitlines()]
    serious = [line for line in lines if "[emerg]" in line or "[crit]" in line]
    return (serious or [line for line in lines if line] or [result.last_line()])[0]


def _copy(root: Root, stage: Path) -> None:
    """The folder as it will be: candidates under their names, links as files, paths turned to the copy."""
    source = root.path(FOLDER)
    for path in sorted(source.rglob("*"), key=lambda p: (p.name.startswith(CANDIDATE_PREFIX), p)):
        # a link into nowhere is nginx's to complain about only where it is included
        if not path.is_file():
            continue
        target = stage / path.relative_to(source)
        target = target.with_name(target.name.removeprefix(CANDIDATE_PREFIX))
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        content = target.read_bytes()
        target.write_bytes(content.replace(f"{FOLDER}/".encode(), f"{stage}/".encode()))
