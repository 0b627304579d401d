"""What rclone says to Amazon about who owns a recording."""

import http.server
import shutil
import subprocess
import unittest

from audio_meet.recorder import storage
from machine import MachineCase
from serving import serve


class Wire(http.server.BaseHTTPRequestHandler):
    """A bucket that takes everything and remembers with which words."""

    acls: list[str | None] = []

    def do_PUT(self) -> None:  # noqa: N802 - as the library calls it
        self.rfile.read(int(self.headers["Content-Length"]))
        self.acls.append(self.headers["X-Amz-Acl"])
        self.answer(200)

    def do_HEAD(self) -> None:  # noqa: N802
        self.answer(200 if self.acls else 404)

    def answer(self, code: int) -> None:
        self.send_response(code)
        for name, value in (("ETag", '"0cc175b9c0f1b6a831c399e269772661"'), ("Content-Length", "1")):
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"\n")

    def log_message(self, *_: object) -> None:
        pass


@unittest.skipUnless(shutil.which("rclone"), "needs rclone")
class OwnerOfARecording(MachineCase):
    def test_the_owner_of_the_bucket_has_it_whatever_account_the_recorder_is_of(self) -> None:
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Wire)
        serve(self, server)
        place = {"bucket": "b", "region": "eu-central-1", "prefix": ""}
        keys = {"accessKey": "AKIAEXAMPLE", "secretKey": "none"}
        environment = {
            **storage.environment(place, keys, self.machine.root),
            f"RCLONE_CONFIG_{storage.REMOTE.upper()}_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
            f"RCLONE_CONFIG_{storage.REMOTE.upper()}_FORCE_PATH_STYLE": "true",
            "PATH": "/usr/bin:/bin",
        }
        command = ["rclone", *storage.FLAGS, "rcat", f"{storage.REMOTE}:b/a.ogg"]
        subprocess.run(command, input=b"a", env=environment, check=True, timeout=60)
        self.assertEqual(Wire.acls, ["bucket-owner-full-control"])
