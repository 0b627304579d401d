"""Accounts of a Prosody, brought to what is wanted without a password in any argv.

A stored account is compared by its SCRAM keys, so that nothing is written, and no session is cut, when the
password is the right one already.
"""

from __future__ import annotations

import time

from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Result, Root, text_of
from . import admin_socket
from .programs import prosodyctl
from .store import scram_matches, store_file

# prosodyctl waits for ever when the two lines on stdin differ or one is missing.
PROSODYCTL_TIMEOUT_SECONDS = 10


def converge(root: Root, accounts: list[Json]) -> list[str]:
    """Make each account exist with the password of its file; returns what was done, one entry per account."""
    done = []
    for account in accounts:
        verb = needed(root, account)
        if verb:
            password = _password(root, account)
            admin_socket.wait(root, account["dataPath"], account["jid"])
            _change(root, account, verb, password)
            if verb == "passwd" and account.get("endSessions"):
                failed = _end_sessions(root, account)
                if failed:
                    cause, command = failed
                    raise HostError(
                        account["jid"], f"its password was changed, but {cause}", f"run {command}"
                    )
            done.append(f"{account['jid']} {'created' if verb == 'adduser' else 'changed'}")
    return done


def _end_sessions(root: Root, account: Json) -> tuple[str, str] | None:
    """Prosody 13 ends them by itself; the module daemon_sessions of ours keeps it from that for daemons.

    Returns what failed and the command that repeats it; None where they are ended.
    """
    command = prosodyctl(root, account["config"], "shell", "c2s", "close", account["jid"])
    closed = root.run(command, timeout_seconds=PROSODYCTL_TIMEOUT_SECONDS)
    if closed.code == 0:
        return None
    return f"its sessions may still be open: {closed.last_line()}", " ".join(command)


def _password(root: Root, account: Json) -> str:
    path = account["passwordFile"]
    try:
        password = root.read(path).rstrip("\n")
    except FileNotFoundError:
        raise HostError(
            path, f"missing, but {account['jid']} needs it", "run the secrets step first"
        ) from None
    if not password or "\n" in password:
        raise HostError(
            path, "does not hold exactly one line", "send the password again with the secrets step"
        )
    return password


def needed(root: Root, account: Json) -> str:
    """What makes the stored account the wanted one: "adduser", "passwd", or "" where it is so already."""
    password = _password(root, account)
    try:
        stored = text_of(store_file(root, account["dataPath"], "accounts", account["jid"]))
    except FileNotFoundError:
        return "adduser"
    return "" if scram_matches(stored, password) else "passwd"


def _change(root: Root, account: Json, verb: str, password: str) -> None:
    """One retry: a Prosody that has just started may not have its admin socket in full swing."""
    result = Result(1, "", "")
    for _ in range(2):
        result = root.run(
            prosodyctl(root, account["config"], verb, account["jid"]),
            stdin=f"{password}\n{password}\n",
            timeout_seconds=PROSODYCTL_TIMEOUT_SECONDS,
        )
        deadline = time.monotonic() + min(1.0, root.settle_seconds)
        while time.monotonic() < deadline:
            if not needed(root, account):
                return
            time.sleep(0.05)
        verb = needed(root, account)
    cause = result.last_line().replace(password, "***")
    raise HostError(
        account["jid"],
        f"prosodyctl {verb} failed: {cause}",
        f"check that {account['config']} defines that host",
    )


def delete(root: Root, accounts: list[Json]) -> list[str]:
    """Delete accounts, and end their sessions at a running Prosody.

    A host that takes passwords no more refuses to delete its accounts. They must not be there when it takes
    some again, so that their files are removed.
    """
    done = []
    for account in accounts:
        stored = store_file(root, account["dataPath"], "accounts", account["jid"])
        if not stored.exists():
            continue
        if admin_socket.answers(root, account["dataPath"]):
            command = prosodyctl(root, account["config"], "deluser", account["jid"])
            root.run(command, timeout_seconds=PROSODYCTL_TIMEOUT_SECONDS)
            failed = _end_sessions(root, account)
            if failed:
                cause, repeat = failed
                root.note(f"{account['jid']} is deleted, but {cause}; run {repeat}")
        for store in ("accounts", "account_roles"):
            store_file(root, account["dataPath"], store, account["jid"]).unlink(missing_ok=True)
        done.append(f"{account['jid']} deleted")
    return done
