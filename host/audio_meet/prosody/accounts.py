"""Accounts and roster subscriptions of a Prosody, brought to what is wanted without a password in any argv.

A stored account is compared by its SCRAM keys, so that nothing is written, and no session is cut, when the
password is the right one already.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import socket
import time
from pathlib import Path

from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Result, Root, text_of
from .programs import prosodyctl

# prosodyctl waits for ever when the two lines on stdin differ or one is missing.
PROSODYCTL_TIMEOUT_SECONDS = 10


def store_name(text: str) -> str:
    """A host or user name as Prosody's file store writes it: all but letters and digits as %xx."""
    return "".join(
        c if c.isascii() and c.isalnum() else "".join(f"%{b:02x}" for b in c.encode()) for c in text
    )


def store_file(root: Root, data_path: str, store: str, jid: str) -> Path:
    """The file of one user in one store of a Prosody."""
    user, _, host = jid.partition("@")
    return root.path(data_path) / store_name(host) / store / f"{store_name(user)}.dat"


def scram_matches(stored: str, password: str) -> bool:
    """Whether an account file holds the SCRAM keys of a password (RFC 5802, section 3; SHA-1 or SHA-256)."""
    values = dict(re.findall(r'\["(\w+)"\]\s*=\s*"?([^";\n]*)"?;', stored))
    if not {"salt", "iteration_count", "stored_key", "server_key"} <= values.keys():
        return False
    name = "sha256" if len(values["stored_key"]) == 64 else "sha1"
    rounds = int(float(values["iteration_count"]))
    salted = hashlib.pbkdf2_hmac(name, password.encode(), values["salt"].encode(), rounds)
    client_key = hmac.digest(salted, b"Client Key", name)
    stored_key = hashlib.new(name, client_key).hexdigest()
    server_key = hmac.digest(salted, b"Server Key", name).hex()
    same = hmac.compare_digest(stored_key, values["stored_key"])
    return same and hmac.compare_digest(server_key, values["server_key"])


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


def converge(root: Root, accounts: list[Json]) -> list[str]:
    """Make each account exist with the password of its file; returns what was done, one entry per account."""
    done = []
    for account in accounts:
        password = _password(root, account)
        verb = _needed(root, account, password)
        if verb:
            _wait(root, account["dataPath"], account["jid"])
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


def _needed(root: Root, account: Json, password: str) -> str:
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
            if not _needed(root, account, password):
                return
            time.sleep(0.05)
        verb = _needed(root, account, password)
    cause = result.last_line().replace(password, "***")
    raise HostError(
        account["jid"],
        f"prosodyctl {verb} failed: {cause}",
        f"check that {account['config']} defines that host",
    )


def _wait(root: Root, data_path: str, what: str) -> None:
    deadline = time.monotonic() + root.settle_seconds
    while not answers(root, data_path):
        if time.monotonic() >= deadline:
            raise HostError(
                what,
                f"no Prosody answers at {data_path}/prosody.sock",
                "start that instance; it needs the module admin_shell",
            )
        time.sleep(0.1)


def subscribe(root: Root, subscriptions: list[Json]) -> list[str]:
    """Let each component see the presence of its account; returns what was done."""
    done = []
    for item in subscriptions:
        account, component = item["account"], item["component"]
        if _subscribed(root, item):
            continue
        _wait(root, item["dataPath"], account)
        shell = prosodyctl(root, item["config"], "shell")
        result = root.run([*shell, "roster", "subscribe_both", account, component], timeout_seconds=20)
        deadline = time.monotonic() + 3
        while not _subscribed(root, item):
            if time.monotonic() >= deadline:
                raise HostError(
                    f"{account} → {component}",
                    f"the roster subscription was not created: {result.last_line()}",
                    f"check that {item['config']} defines both, with mod_roster on the account's host",
                )
            time.sleep(0.1)
        # It asks for presence only while it loads; an account that is online already would stay unseen.
        # Components of another make do not have that module, which is as good.
        root.run([*shell, "module", "reload", "client_proxy", component], timeout_seconds=20)
        done.append(f"{account} subscribed by {component}")
    return done


def _subscribed(root: Root, item: Json) -> bool:
    """Whether the component gets the presence of the account: subscription "from" or "both" in the roster."""
    try:
        roster = text_of(store_file(root, item["dataPath"], "roster", item["account"]))
    except FileNotFoundError:
        return False
    entry = re.search(rf'\["{re.escape(item["component"])}"\]\s*=\s*\{{(.*?)\n\t\}};', roster, re.DOTALL)
    return bool(entry and re.search(r'\["subscription"\]\s*=\s*"(from|both)"', entry.group(1)))


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
        if answers(root, account["dataPath"]):
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
