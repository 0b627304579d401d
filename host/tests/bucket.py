"""A real S3 server for tests (VersityGW, which the lab builds), and a way to it that can be cut."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

CACHE = Path(os.environ.get("AUDIO_MEET_CACHE") or Path.home() / ".cache/audio-meet")
SERVER = CACHE / "storage/versitygw"
MISSING = [str(tool) for tool in (SERVER, shutil.which("rclone") or "rclone") if not Path(tool).exists()]


def free_port() -> int:
    """A port of loopback that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """One storage with the bucket "recordings"; `objects` are its files."""

    def __init__(self, case: unittest.TestCase) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="audio-meet-bucket-"))
        self.objects = self.folder / "data/recordings"
        self.objects.mkdir(parents=True)
        (self.folder / "meta").mkdir()
        self.keys = {"accessKey": "AKTEST" + secrets.token_hex(6), "secretKey": secrets.token_hex(20)}
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        case.addCleanup(shutil.rmtree, self.folder)
        case.addCleanup(self.stop)
        self.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        login = {
            "ROOT_ACCESS_KEY_ID": self.keys["accessKey"],
            "ROOT_SECRET_ACCESS_KEY": self.keys["secretKey"],
        }
        own = ["posix", "--sidecar", str(self.folder / "meta"), str(self.folder / "data")]
        self.process = subprocess.Popen(
            [str(SERVER), "--port", f"127.0.0.1:{self.port}", "--region", "us-east-1", *own],
            env={"PATH": os.environ["PATH"], **login},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise RuntimeError("the storage does not start")

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None


class CuttingProxy:
    """Hands connections on to the server, and cuts each one after so many bytes towards it until `repair`."""

    def __init__(self, case: unittest.TestCase, server: Server, after_bytes: int) -> None:
        self.server = server
        self.left: int | None = after_bytes
        self.cuts = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        case.addCleanup(self.listener.close)
        threading.Thread(target=self._accept, daemon=True).start()

    def repair(self) -> None:
        self.left = None

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self.server.port)) as upstream:
            back = threading.Thread(target=self._pump, args=(upstream, client, False), daemon=True)
            back.start()
            self._pump(client, upstream, True)
            back.join()

    def _pump(self, source: socket.socket, target: socket.socket, counts: bool) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while block := source.recv(65536):
                passed += len(block)
                if counts and self.left is not None and passed > self.left:
                    self.cuts += 1
                    break
                target.sendall(block)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
