"""The verb `remove-certificate`: the account at the authority is closed, the certificate forgotten."""

from __future__ import annotations

import shutil

from ..system.root import Root
from ..system.summary import say
from . import certbot
from .certificate import RECORD, load


def remove(root: Root) -> str:
    """Close the account, forget certificate and key; what daemons read goes with the groups that brought it.

    The certificate is not revoked: its key goes, and nobody else has had it.
    """
    record = load(root)
    if not record:
        return "nothing to remove"
    certbot.unregister(root, certbot.parse(record["manifest"]))
    for folder in (certbot.FOLDER, certbot.REHEARSAL, certbot.WEBROOT):
        shutil.rmtree(root.path(folder), ignore_errors=True)
    root.path(RECORD).unlink(missing_ok=True)
    return f"removed: {certbot.FOLDER}"


def run(root: Root, arguments: list[str]) -> int:
    """The verb `remove-certificate`."""
    with root.lock(arguments[0]):
        return say(root, remove(root))
