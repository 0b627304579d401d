"""The `take-over` verb: a Jitsi of the operator's own is stopped and put aside, and nothing of it is lost.

All that can refuse comes first, while it still serves. From its stop on, the verb can be run again wherever
it was interrupted, and `give-back` leads back from there as well.
"""

from __future__ import annotations

from ..packages import locks
from ..system import systemd
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from ..system.summary import say
from . import debs, found, record, services, trees

NEXT = "pulumi up; the way back: pulumi destroy, then audio-meet give-back"


def show(root: Root) -> str:
    """What would go aside, a line each; changes nothing."""
    if record.load(root):
        return f"a Jitsi is already put aside in {record.FOLDER}"
    _refuse_deployment(root)
    there = found.look(root)
    lines = [f"domain: {', '.join(there.domains) or 'none (no page is served here)'}"]
    lines += [f"unit, stopped: {name}" for name in there.units]
    lines += [f"package, purged: {name} {version}" for name, version in there.packages.items()]
    lines += [f"put aside: {path}" for path in there.places]
    lines += [f"account, to be named in jitsi:access: {name}" for name in there.accounts]
    return "\n".join(lines)


def take_over(root: Root) -> str:
    """Put it aside; returns the summary."""
    noted = record.load(root)
    if noted and noted["phase"] == record.RETURNING:
        raise HostError("take-over", "the way back has begun", "run audio-meet give-back first")
    if noted and noted["phase"] == record.TAKEN:
        return f"nothing to change: it is put aside in {record.FOLDER}; next: {NEXT}"
    noted = noted or _prepare(root)
    services.stop(root, noted["units"])
    debs.keep_answers(root)
    staying = [path for path in noted["places"] if not trees.is_aside(root, path)]
    noted["owners"] = {**noted["owners"], **trees.owners(root, staying)}
    record.save(root, noted)
    for path in noted["places"]:
        trees.put_aside(root, path)
    services.reload_nginx(root, noted)
    debs.purge(root, list(noted["packages"]))
    systemd.order(root, "daemon-reload")
    record.save(root, {**noted, "phase": record.TAKEN})
    count = len(noted["packages"])
    return f"put aside in {record.FOLDER}: {len(noted['places'])} paths, {count} packages; next: {NEXT}"


def _prepare(root: Root) -> Json:
    """All that can be done while it still serves; returns the note, which is saved."""
    _refuse_deployment(root)
    locks.wait(root)
    there = found.look(root)
    record.prepare(root)
    debs.fetch(root, there.packages)
    users = {names[0] for names in trees.owners(root, there.places).values() if names[0]}
    noted: Json = {
        "phase": record.TAKING,
        "packages": there.packages,
        "units": [services.state_of(name, unit) for name, unit in there.units.items()],
        "nginx": services.is_nginx_up(root),
        "places": there.places,
        "owners": {},
        "memberships": debs.memberships(root, sorted(users)),
        **debs.notes(root, there.packages),
    }
    record.save(root, noted)
    return noted


def _refuse_deployment(root: Root) -> None:
    there = record.deployed(root)
    if there:
        cause = f"this host has a deployment already ({', '.join(there)})"
        raise HostError("take-over", cause, "nothing has to be put aside for it; pulumi destroy removes it")


def run(root: Root, arguments: list[str]) -> int:
    """The verb `take-over`."""
    if arguments[1:] == ["show"]:
        return say(root, show(root))
    with root.lock(arguments[0]):
        return say(root, take_over(root))
