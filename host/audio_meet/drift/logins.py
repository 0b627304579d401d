"""Accounts in the stores of both Prosodys."""

from __future__ import annotations

from collections.abc import Iterator

from ..prosody import accounts, foreign, subscriptions
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root
from .entry import Entry

WORDS = {"adduser": "missing", "passwd": "another password"}


def differences(root: Root, groups: dict[str, Json], steps: dict[str, str]) -> Iterator[Entry]:
    """Accounts that are not there or have another password, and those that nobody of ours made.

    `steps`: group → its step. What Prosody's store says counts, whether it runs or not.
    """
    for group, record in groups.items():
        for account in record.get("accounts", []):
            try:
                needed = accounts.needed(root, account)
            except HostError:
                continue  # the file with its password is told
            if needed:
                yield Entry("account", account["jid"], "as applied", WORDS[needed], steps[group])
        for item in record.get("subscriptions", []):
            if not subscriptions.subscribed(root, item):
                found = f"not subscribed by {item['component']}"
                yield Entry("roster", item["account"], "as applied", found, steps[group])
        for account in foreign.accounts(root, groups, group):
            yield Entry("account", account["jid"], "nobody", "not of this deployment", steps[group])
