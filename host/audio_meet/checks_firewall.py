"""The check of the host firewall: our table is loaded, and what other tables do beside it."""

from __future__ import annotations

import json
from typing import Any

from .root import Root

Json = dict[str, Any]


def firewall(root: Root, check: Json) -> tuple[bool, str]:
    """Our input chain is there with its rules and its policy.

    An accept of ours does not lift a drop of another table, so tables of others that drop what they do not
    name are told: whoever made them has to let participants in there as well.
    """
    table, policy = check["table"], check["chainPolicy"]
    listed = root.run(["nft", "-j", "list", "table", "inet", table])
    if listed.code != 0:
        return False, f"table {table} is not loaded: {listed.last_line()}"
    ours = [c for c in _chains(listed.out) if c.get("hook") == "input"]
    rules = sum(1 for item in json.loads(listed.out)["nftables"] if "rule" in item)
    if [c.get("policy") for c in ours] != [policy] or not rules:
        return False, f"table {table} is not as applied; audio-meet drift says more"
    strict = strict_tables(root, table)
    others = f"; these tables drop by themselves what they do not name: {', '.join(strict)}" if strict else ""
    return True, f"{rules} rules, what they do not name is left to {policy}{others}"


def strict_tables(root: Root, own: str) -> list[str]:
    """Tables of others (`family name`) that drop inbound packets which they do not name."""
    foreign = _chains(root.run(["nft", "-j", "list", "chains"]).out)
    return sorted(
        {
            f"{c['family']} {c['table']}"
            for c in foreign
            if c.get("hook") == "input" and c.get("policy") == "drop" and c["table"] != own
        }
    )


def _chains(text: str) -> list[Json]:
    try:
        return [item["chain"] for item in json.loads(text)["nftables"] if "chain" in item]
    except (ValueError, KeyError):
        return []
