"""The `health` verb: asks once more what was verified last."""

from __future__ import annotations

from ..owed import store
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import VERIFIED, read_json
from .verify import VerifyManifest, parse, report, verify

# Long enough for answers that are late on a busy machine, and for one round of jicofo's own health check.
AGAIN_SECONDS = 30


def again(root: Root) -> VerifyManifest:
    """What this host was asked the last time, for once more; with less patience: nothing changed."""
    document = read_json(root.path(VERIFIED))
    if document is None:
        raise HostError("verification", "this host was never verified", "run pulumi up")
    wanted = parse(document)
    return VerifyManifest(wanted.checks, min(wanted.timeout_seconds, AGAIN_SECONDS))


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `health`."""
    return report(root, verify(root, again(root), store.pending_checks(root)))
