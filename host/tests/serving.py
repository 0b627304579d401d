"""A server of a test, in a thread until the test ends."""

import socketserver
import threading
from unittest import TestCase


def serve(case: TestCase, server: socketserver.TCPServer) -> None:
    """Serve until the end of a test case."""
    # A client that gave up between select and accept would leave accept, and so shutdown, waiting for ever.
    server.socket.settimeout(1)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    case.addCleanup(server.server_close)
    case.addCleanup(server.shutdown)
