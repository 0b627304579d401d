"""The `give-back` verb: the operator's own Jitsi is what it was before the take-over, and runs again.

Copies come first, so that the packages find their configuration and make no new one; whatever their scripts
changed is replaced by what was put aside. It can be run again wherever it was interrupted.
"""

from __future__ import annotations

import shutil

from .. import uninstall
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.summary import say
from . import debs, found, record, services, trees


def give_back(root: Root) -> str:
    """Give it back; returns the summary."""
    noted = record.load(root)
    if noted is None:
        raise HostError("give-back", f"nothing is put aside ({record.FOLDER})", "nothing has to be done")
    there = record.deployed(root)
    if there:
        cause = f"this host still has {', '.join(there)}"
        raise HostError("give-back", cause, "run pulumi destroy first")
    if noted["phase"] != record.RETURNING:
        for path in noted["places"]:
            trees.displace(root, path)
        noted["phase"] = record.RETURNING
        record.save(root, noted)
    _packages(root, noted)
    for path in noted["places"]:
        trees.give_back(root, path)
    trees.set_owners(root, noted["owners"])
    if any(path.startswith(found.AUTHORITIES) for path in noted["places"]):
        root.run(["update-ca-certificates"])
    running = services.start(root, noted)
    helper_leaves = record.leaves(root)
    shutil.rmtree(root.path(record.FOLDER))
    parts = [f"given back: {len(noted['places'])} paths, {len(noted['packages'])} packages"]
    parts += ["running: " + ", ".join(running)] if running else []
    parts += [uninstall.uninstall(root)] if helper_leaves else []
    return "; ".join(parts)


def _packages(root: Root, noted: Json) -> None:
    for path in noted["places"]:
        trees.copy_back(root, path)
    debs.give_answers(root)
    debs.install(root, noted)
    present = debs.memberships(root, noted["memberships"])
    for user, groups in noted["memberships"].items():
        for group in groups:
            if group not in present[user]:
                root.run(["gpasswd", "--add", user, group])


def run(root: Root, arguments: list[str]) -> int:
    """The verb `give-back`."""
    with root.lock(arguments[0]):
        return say(root, give_back(root))
