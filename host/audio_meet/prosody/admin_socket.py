"""Whether a Prosody runs: it answers on the admin socket in its data folder."""

from __future__ import annotations

import socket
import time

from ..system.errors import HostError
from ..system.root import Root


def answers(root: Root, data_path: str) -> bool:
    """Whether the Prosody with that data folder answers on its admin socket.

    Without the socket, or with nobody behind it, none runs. One that is too busy to answer is asked again:
    HostError, since its accounts and sessions are not those of a Prosody that is down.
    """
    path = str(root.path(data_path) / "prosody.sock")
    deadline = time.monotonic() + root.settle_seconds
    while True:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            try:
                connection.connect(path)
                return True
            except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
                return False
            except OSError as error:
                cause = f"cannot tell whether Prosody runs: {error.strerror or error}"
        if time.monotonic() >= deadline:
            raise HostError(path, cause, "see its journal, then try again")
        time.sleep(root.poll_seconds)


def wait(root: Root, data_path: str, what: str) -> None:
    """Wait for a Prosody that has just been started; `what` needs it."""
    deadline = time.monotonic() + root.settle_seconds
    while not answers(root, data_path):
        if time.monotonic() >= deadline:
            raise HostError(
                what,
                f"no Prosody answers at {data_path}/prosody.sock",
                "start that instance; it needs the module admin_shell",
            )
        time.sleep(0.1)
