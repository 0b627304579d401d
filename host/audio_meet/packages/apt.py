"""apt and dpkg, driven without questions and with daemons kept down."""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import re
from collections.abc import Callable, Iterator

from ..network import way_out
from ..system import files
from ..system.errors import HostError
from ..system.root import Result, Root
from . import locks
from .repositories import with_patience

POLICY = "/usr/sbin/policy-rc.d"
POLICY_TEXT = b"#!/bin/sh\n# audio-meet: daemons stay as they are while packages install\nexit 101\n"
POLICY_SAVED = "/var/lib/audio-meet/policy-rc.d"
# Who holds a lock is waited for, and named, before apt begins (locks.py); this is for whoever comes between.
LOCK_SECONDS = 10
APT_TIMEOUT_SECONDS = 1800
ENVIRONMENT = {
    "DEBIAN_FRONTEND": "noninteractive",
    "NEEDRESTART_MODE": "l",
    "APT_LISTCHANGES_FRONTEND": "none",
}


def get(root: Root, *arguments: str, folder: str = "/") -> Result:
    """apt-get without questions; it waits for others who work with packages and keeps changed configuration
    files. `folder`: where it runs, which is where `download` puts what it fetches."""
    options = [
        f"DPkg::Lock::Timeout={LOCK_SECONDS}",
        "Dpkg::Options::=--force-confdef",
        "Dpkg::Options::=--force-confold",
        "Acquire::Retries=2",
    ]
    proxies, variables = way_out.of(root).apt()
    words = [word for option in [*options, *proxies] for word in ("-o", option)]
    environment = {**ENVIRONMENT, **variables}
    there = ["env", f"--chdir={root.path(folder)}"] if folder != "/" else []
    command = [*there, "apt-get", "-q", "-y", *words, *arguments]
    return locks.undisturbed(
        root, lambda: root.run(command, timeout_seconds=APT_TIMEOUT_SECONDS, env=environment)
    )


def error_of(result: Result) -> str:
    """The line with which apt says what is wrong."""
    lines = [line.strip() for line in (result.err + "\n" + result.out).splitlines()]
    errors = [line for line in lines if line.startswith("E: ")]
    telling = [line for line in lines if re.search(r"Depends:|error|unmet|not going to be installed", line)]
    return (
        (errors[:1] + telling[:1] + [result.last_line()])[0]
        if errors
        else (telling or [result.last_line()])[0]
    )


def installed(root: Root, names: list[str] | None = None) -> dict[str, str]:
    """Version by name of packages that are completely installed; all of them without `names`."""
    return states(root, names)[0]


def states(root: Root, names: list[str] | None = None) -> tuple[dict[str, str], list[str]]:
    """The same, and the names of those that somebody holds back (apt-mark hold)."""
    template = "${Package}\t${db:Status-Status}\t${Version}\t${db:Status-Want}\n"
    result = root.run(["dpkg-query", "-W", f"-f={template}", *(names or [])])
    # 1: some names are of no package. With another code, or no package at all, nothing is known; what is here
    # would be taken for what came with ours.
    is_told = result.code in (0, 1) if names else result.code == 0 and result.out.strip()
    if not is_told:
        raise HostError(
            "dpkg-query", f"cannot list the installed packages: {result.last_line()}", "try again"
        )
    rows = [line.split("\t") for line in result.out.splitlines()]
    present = {row[0]: row[2] for row in rows if len(row) >= 3 and row[1] == "installed"}
    return present, sorted(row[0] for row in rows if row[3:] == ["hold"])


def available(root: Root, name: str) -> list[str]:
    """Versions of a package that the sources offer, newest first."""
    told = root.run(["apt-cache", "madison", name])
    if told.code != 0:
        raise HostError("apt-cache", f"cannot list the versions of {name}: {told.last_line()}", "try again")
    rows = [[word.strip() for word in line.split("|")] for line in told.out.splitlines()]
    versions = list(dict.fromkeys(row[1] for row in rows if len(row) >= 3 and row[0] == name))
    return sorted(versions, key=functools.cmp_to_key(compare(root)), reverse=True)


def candidates(root: Root, names: list[str]) -> dict[str, str]:
    """The version of each package that apt would install; without those of which it knows none."""
    told = root.run(["apt-cache", "policy", *names]).out if names else ""
    found, name = {}, ""
    for line in told.splitlines():
        name = line.rstrip(":") if line[:1].strip() else name
        label, _, version = line.strip().partition(": ")
        if label == "Candidate" and version != "(none)":
            found[name] = version
    return {known: found[known] for known in names if known in found}


def compare(root: Root) -> Callable[[str, str], int]:
    """A comparison of two versions by dpkg's own rules."""

    def order(first: str, second: str) -> int:
        if first == second:
            return 0
        return 1 if root.run(["dpkg", "--compare-versions", first, "gt", second]).code == 0 else -1

    return order


def satisfies(version: str | None, pattern: str) -> bool:
    """Whether an installed version is the wanted one, or fits the pattern; "*" takes any."""
    return version is not None and (version == pattern or fnmatch.fnmatchcase(version, pattern))


def update(root: Root) -> None:
    """Read the package lists anew, patiently; what stays unreachable becomes a note."""

    def attempt() -> None:
        result = get(root, "update")
        missing = [line for line in (result.err + result.out).splitlines() if "Failed to fetch" in line]
        if result.code != 0 or missing:
            cause = missing[0][3:] if missing else error_of(result)
            remedy = f"correct the addresses of its repositories, or {way_out.REMEDY}"
            raise HostError("apt-get update", cause, remedy)

    with_patience(attempt, "apt-get update")


def repair(root: Root) -> None:
    """Finish what an interrupted dpkg left half done; what another one is still doing is left to it."""
    half_done = audit(root)
    updates = root.path("/var/lib/dpkg/updates")
    interrupted = updates.is_dir() and any(updates.iterdir())
    if interrupted or half_done:
        command = ["dpkg", "--force-confdef", "--force-confold", "--configure", "-a"]
        locks.undisturbed(
            root, lambda: root.run(command, timeout_seconds=APT_TIMEOUT_SECONDS, env=ENVIRONMENT)
        )


def audit(root: Root) -> str:
    """What dpkg calls half installed, once nobody works with packages; "" where all is well."""
    result = locks.undisturbed(root, lambda: root.run(["dpkg", "--audit"]), asks=True)
    return " ".join(result.out.split())


@contextlib.contextmanager
def daemons_stay_down(root: Root) -> Iterator[None]:
    """While this lasts no package starts, stops or restarts a daemon (policy-rc.d, invoke-rc.d(8)).

    A policy of somebody else is put aside and comes back, also after an interruption.
    """
    saved = root.path(POLICY_SAVED)
    file = root.path(POLICY)
    if files.content_of(root, POLICY) != POLICY_TEXT and file.exists():
        saved.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        saved.write_bytes(file.read_bytes())
        saved.chmod(file.stat().st_mode & 0o777)
    owner, group = root.default_owner
    policy = {"mode": "0755", "owner": owner, "group": group, "sha256": ""}
    files.make_folders(root, POLICY)
    files.put_back(root, POLICY, policy, POLICY_TEXT)
    try:
        yield
    finally:
        restore_policy(root)


def restore_policy(root: Root) -> None:
    """Take our policy-rc.d away and bring back the one that was there."""
    saved = root.path(POLICY_SAVED)
    if files.content_of(root, POLICY) != POLICY_TEXT:
        return
    if saved.exists():
        owner, group = root.default_owner
        mode = f"{saved.stat().st_mode & 0o777:04o}"
        files.put_back(root, POLICY, {"mode": mode, "owner": owner, "group": group}, saved.read_bytes())
        saved.unlink()
    else:
        files.put_back(root, POLICY, None, b"")
