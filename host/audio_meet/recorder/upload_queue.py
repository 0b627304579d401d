"""Recordings on their way to the bucket, what is remembered of each, and copies of those that arrived."""

from __future__ import annotations

import json
import os
import shutil
import time
from datetime import datetime, timezone
from pathlib import Path

from ..system.documents import Json
from ..system.root import text_of
from .upload_config import Config, write_shared

MEMORY = ".json"


def waiting(config: Config) -> list[Path]:
    """Folders of recordings that are on their way, the oldest first."""
    return sorted(path for path in config.queue.iterdir() if path.is_dir() and not path.is_symlink())


def on_the_way(config: Config) -> list[Path]:
    """Folders of recordings that are not in the bucket yet: just handed over, or waiting."""
    return [*sorted(path for path in config.handover.iterdir() if path.is_dir()), *waiting(config)]


def handed_over_at(folder: Path) -> float:
    """When a recording had ended, in epoch seconds: by the name that the finalize script gave it."""
    moment, _, _ = folder.name.partition("-")
    try:
        return datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc).timestamp()
    except ValueError:
        return folder.stat().st_mtime


def remembered(folder: Path) -> Json:
    """What the uploader knows of a recording; empty for a new one, or where a crash left half a line."""
    try:
        value = json.loads(text_of(memory_of(folder)))
        return value if isinstance(value, dict) else {}
    except (FileNotFoundError, ValueError):
        return {}


def remember(folder: Path, memory: Json) -> None:
    """Keep what the uploader knows of a recording."""
    write_shared(memory_of(folder), json.dumps(memory))


def why(folder: Path) -> str:
    """A recording, and for what reason it still waits."""
    return f"{folder.name}: {remembered(folder).get('reason', 'not tried')}"


def hurry(config: Config) -> None:
    """Let every recording be tried at the next run."""
    for folder in waiting(config):
        remember(folder, {**remembered(folder), "next": 0})


def memory_of(folder: Path) -> Path:
    """Where the uploader keeps what it knows of a recording: beside it."""
    return folder.with_name(folder.name + MEMORY)


def take_over(config: Config) -> None:
    """What was handed over leaves the folder that starts this program: else it would start again at once."""
    for folder in sorted(config.handover.iterdir()):
        if folder.is_symlink() or not folder.is_dir():
            folder.unlink()
        else:
            os.rename(folder, config.queue / folder.name)


def clear_kept(config: Config) -> list[str]:
    """Delete copies whose time is over; all of them, the oldest first, while the disk is nearly full.

    Returns what could not be deleted, in words.
    """
    troubles = []
    copies = sorted((path.stat().st_mtime, path) for path in config.kept.iterdir() if path.is_dir())
    for since, copy in copies:
        is_old = time.time() - since >= config.raw["keepDays"] * 86400
        if is_old or config.free_percent() < config.raw["disk"]["resumeAbovePercent"]:
            try:
                shutil.rmtree(copy)
            except OSError as error:
                troubles.append(f"the copy {copy.name} could not be deleted: {error.strerror or error}")
    return troubles
