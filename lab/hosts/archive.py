"""The lab's own package repository: CACHE/packages/repository over http, read-only, on the bridge alone."""

from __future__ import annotations

import os
import socket
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

import network
import servers
from base import LabError, progress, wait_until
from process import detach
from state import cache_folder, lab_folder

PORT = 8613
_NAME = "archive"


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder; no listings, nothing that a link leads out of it."""

    server_version = "amlab"
    protocol_version = "HTTP/1.1"

    def send_head(self) -> BinaryIO | None:
        """Answer the head of a GET or HEAD request; the open file, or None after an error."""
        wanted = os.path.realpath(self.translate_path(self.path))
        top = os.path.realpath(self.directory)
        if not wanted.startswith(top + os.sep) or not os.path.isfile(wanted):
            self.send_error(404)
            return None
        return super().send_head()


def url() -> str:
    """Where the guests find the repository."""
    return f"http://{network.GATEWAY}:{PORT}/"


def packages_folder() -> Path:
    """CACHE/packages/repository: what lies beside it, the signing key above all, is nobody else's."""
    return cache_folder() / "packages" / "repository"


def _answers() -> bool:
    try:
        with socket.create_connection((str(network.GATEWAY), PORT), timeout=1):
            return True
    except OSError:
        return False


def start() -> str:
    """Serve CACHE/packages/repository until `stop`, or until the last machine of all labs goes; its URL.

    A server that another lab of this machine started is shared. Raises LabError.
    """
    packages = packages_folder()
    if not packages.is_dir():
        raise LabError(f"{packages} does not exist: nothing to serve; build the lab's packages first")
    lab_folder().mkdir(parents=True, exist_ok=True)
    network.claim(lab_folder())
    with network.shared():
        running = servers.find(_NAME)
        if running:
            if Path(running.folder) != packages:
                progress(
                    f"{url()} already serves {running.folder}, started by another lab; it is used as it is"
                )
            return url()
        if _answers():
            raise LabError(f"port {PORT} of {network.GATEWAY} is taken by another program; end that one")
        command = [sys.executable, str(Path(__file__).with_name("lab")), "archive", "serve", str(packages)]
        log = lab_folder() / "archive.log"
        server = detach(command, log)
        servers.record(_NAME, servers.Server(server, str(packages)))
        if not wait_until(lambda: _answers() or not server.alive(), 10) or not server.alive():
            server.kill()
            raise LabError(f"the repository server does not answer at {url()}; its last words are in {log}")
    return url()


def stop() -> None:
    """End the server, unless another lab uses it; then it ends with the last of them."""
    with network.shared():
        others = network.other_labs()
        if others:
            progress(f"{url()} keeps running for {', '.join(sorted(others))}")
        else:
            servers.end(_NAME)
    network.release(lab_folder())


def serve(folder: str) -> None:
    """Be the server, until a signal ends it."""
    handler = partial(Handler, directory=folder)
    with ThreadingHTTPServer((str(network.GATEWAY), PORT), handler) as server:
        server.serve_forever()
