"""The `remove-packages` verb: what the packages step added goes, and nothing else."""

from __future__ import annotations

from ..edits import found, kept
from ..owed import store
from ..system.errors import HostError
from ..system.root import Root
from ..system.state import State
from ..system.summary import say
from . import apt, baseline, repositories, system_accounts, unpack


def remove(root: Root) -> str:
    """Purge what was installed by us and is needed by nothing else, and remove sources, keys and pins."""
    state = State(root)
    record = state.packages()
    apt.restore_policy(root)
    if not record:
        return "nothing to change"
    before = record.get("before", {})
    around = record.get("surroundings", {})
    ours = [name for name, version in before.items() if version is None]
    added = record.get("added", [])
    # Noted before the first purge, which takes the scripts that name them.
    accounts = record.setdefault("accounts", system_accounts.made_by(root, around, added))
    baseline.keep(root, state, around, added)
    state.save_packages(record)
    purged = _purge(root, [name for name in ours if name in apt.installed(root)])
    purged += _purge_unneeded(root, set(added))
    purged += unpack.remove(root, record)
    returned = baseline.give_back(root, state, around)
    gone = system_accounts.drop(root, accounts)
    going = [*record.get("sources", {}), *record.get("keys", {})]
    kept.put_aside(root, found.sources(root, record), going)
    for path in going:
        repositories.write_text(root, path, "")
    state.forget_packages()
    parts = ["removed: " + (", ".join(purged) or "package sources and pins")]
    parts += ["accounts: " + ", ".join(gone)] if gone else []
    parts += ["restored: " + ", ".join(returned)] if returned else []
    return "; ".join(parts)


def _purge(root: Root, names: list[str]) -> list[str]:
    if not names:
        return []
    result = apt.get(root, "purge", *names)
    if result.code != 0:
        raise HostError(
            " ".join(names), f"apt-get purge failed: {apt.error_of(result)}", "see /var/log/apt/term.log"
        )
    return names


def _purge_unneeded(root: Root, added: set[str]) -> list[str]:
    """Dependencies that came with our packages and that apt itself calls unneeded now.

    Recommended is not needed: libuuid1 of every Debian recommends uuid-runtime, which came with the bridge.
    """
    kinds = ("Recommends", "Suggests")
    options = [word for kind in kinds for word in ("-o", f"APT::AutoRemove::{kind}Important=false")]
    purged: list[str] = []
    for _ in range(5):
        told = apt.get(root, "--simulate", *options, "autoremove")
        if told.code != 0:
            cause = f"cannot list the packages that are no longer needed: {apt.error_of(told)}"
            raise HostError(
                "apt-get autoremove", cause, "correct that, then run audio-meet remove-packages again"
            )
        unneeded = [line.split()[1] for line in told.out.splitlines() if line.startswith("Remv ")]
        names = sorted({name.partition(":")[0] for name in unneeded} & added)
        if not names:
            break
        purged += _purge(root, names)
    return purged


def run(root: Root, arguments: list[str]) -> int:
    """The verb `remove-packages`."""
    with root.lock(arguments[0]):
        store.forget(root, store.PACKAGES)
        return say(root, remove(root))
