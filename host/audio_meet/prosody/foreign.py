"""Accounts that somebody made by hand at a domain whose accounts are all ours."""

from __future__ import annotations

from urllib.parse import unquote

from ..system.documents import Json
from ..system.root import Root
from .store import store_file


def accounts(root: Root, groups: dict[str, Json], group: str) -> list[Json]:
    """Those at the domains of a group that runs a Prosody, as `accounts.delete` takes them.

    A domain belongs to the first group with units that has accounts there. Accounts that wait for their end
    after a rotation are known.
    """
    record = groups.get(group, {})
    known = {
        account["jid"]
        for one in groups.values()
        for account in [*one.get("accounts", []), *one.get("formerAccounts", [])]
    }
    found: dict[str, Json] = {}
    for account in record.get("accounts", []) if record.get("run") else []:
        _, _, domain = account["jid"].partition("@")
        if _owner(groups, account["dataPath"], domain) != group:
            continue
        for file in sorted(
            store_file(root, account["dataPath"], "accounts", f"x@{domain}").parent.glob("*.dat")
        ):
            jid = f"{unquote(file.stem)}@{domain}"
            if jid not in known:
                found[jid] = {"config": account["config"], "dataPath": account["dataPath"], "jid": jid}
    return list(found.values())


def _owner(groups: dict[str, Json], data_path: str, domain: str) -> str:
    """The first group with units and an account at that domain of that instance."""
    return next(
        name
        for name, record in groups.items()
        if record.get("run")
        and any(
            a["dataPath"] == data_path and a["jid"].endswith(f"@{domain}") for a in record.get("accounts", [])
        )
    )
