"""A recorder in a folder: its document, its folders, and recordings that were handed over."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

from audio_meet.recorder import recorder, upload_config
from machine import USER, MachineCase

CONFIG = "/etc/audio-meet/recorder/upload.json"
KEYS = "/etc/audio-meet/secrets/storage.json"
NAME = "20260102T140313Z-session"


class RecordingCase(MachineCase):
    """A test with a recorder; `self.document` may be changed before `write`."""

    def setUp(self) -> None:
        super().setUp()
        patched = mock.patch.object(recorder, "USER", USER)
        patched.start()
        self.addCleanup(patched.stop)
        self.folder = self.machine.root.path("/var/lib/audio-meet-recordings")
        for name in recorder.SHARED:
            (self.folder / name).mkdir(parents=True)
        jibri = {"unit": "jibri.service", "finalize": "/bin/false"}
        self.document: dict[str, Any] = {
            "deployment": "meet.example.org",
            "recorder": "rec-1",
            "folder": "/var/lib/audio-meet-recordings",
            "storage": {
                "bucket": "recordings",
                "region": "us-east-1",
                "prefix": "meet",
                "probe": ".audio-meet-probe-rec-1",
                "endpoint": "http://127.0.0.1:1",
                "keyFile": KEYS,
            },
            "retryDays": 7,
            "keepDays": 0,
            "receivers": {},
            "jibri": {**jibri, "health": "http://127.0.0.1:1", "internal": "http://127.0.0.1:1"},
            "disk": {"stopBelowPercent": 0, "resumeAbovePercent": 0, "endBelowPercent": 0},
        }
        self.keys = {"accessKey": "AK", "secretKey": "SK"}

    def write(self) -> None:
        """The document and the keys as the steps would leave them."""
        self.machine.write(CONFIG, json.dumps(self.document))
        self.machine.write(KEYS, json.dumps(self.keys), 0o600)

    def config(self) -> upload_config.Config:
        self.write()
        return upload_config.read(self.machine.root, CONFIG)

    def handed_over(self, name: str = NAME, size: int = 200_000) -> bytes:
        """A recording that the finalize script has put there; returns its sound."""
        folder = self.folder / "handover" / name
        folder.mkdir()
        sound = os.urandom(size)
        (folder / "room_2026.ogg").write_bytes(sound)
        (folder / "metadata.json").write_text('{"meeting_url": "https://meet.example.org/room"}')
        return sound

    def left_behind(self, name: str = NAME) -> None:
        """A recording where jibri wrote it, and a finalize script that hands over."""
        script = self.machine.bin / "finalize"
        script.write_text(f'#!/bin/sh\nmv "$1" {self.folder}/handover/\n')
        script.chmod(0o755)
        self.document["jibri"]["finalize"] = str(script)
        self.machine.command("runuser", 'shift 3; exec "$@"')
        (self.folder / "recordings" / name).mkdir()
        (self.folder / "recordings" / name / "room.ogg").write_text("sound")

    def upload(self) -> str:
        self.write()
        return self.ok("upload", CONFIG)

    def upload_refused(self) -> str:
        self.write()
        return self.refused("upload", CONFIG)

    def memory(self, name: str = NAME) -> dict[str, Any]:
        value = json.loads((self.folder / "queue" / f"{name}.json").read_text())
        assert isinstance(value, dict)
        return value

    def remember(self, name: str = NAME, **changes: Any) -> None:
        file = self.folder / "queue" / f"{name}.json"
        file.write_text(json.dumps({**self.memory(name), **changes}))

    def here(self) -> list[str]:
        """Everything that is still on the disk, without the uploader's memory."""
        found = [path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file()]
        return sorted(str(path) for path in found if len(Path(path).parts) > 2)
