"""A reload of nginx that is over when it has happened.

`systemctl reload` returns once nginx has been told. Only then it reads, opens new sockets and starts new
workers; if that fails (a taken address, which `nginx -t` lets pass) it goes on as before and tells its log.
"""

from __future__ import annotations

import time

from ..system import systemd
from ..system.errors import HostError
from ..system.root import Root

UNIT = "nginx.service"


def reload(root: Root) -> None:
    """Have nginx read its configuration and wait for the first worker that has it."""
    main = systemd.show(root, [UNIT])[UNIT].get("MainPID", "0")
    before = _children(root, main)
    systemd.order(root, "reload", UNIT)
    deadline = time.monotonic() + root.settle_seconds
    while before and not _children(root, main) - before:
        if time.monotonic() >= deadline:
            raise HostError(UNIT, "still uses its old configuration (see /var/log/nginx/error.log)", "")
        time.sleep(0.05)


def _children(root: Root, process: str) -> set[str]:
    """Processes that a process has started; none where the kernel does not say (proc_pid_children(5))."""
    try:
        return set(root.read(f"/proc/{process}/task/{process}/children").split())
    except OSError:
        return set()
