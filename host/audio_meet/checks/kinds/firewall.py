"""The check of the host firewall: our table is loaded, and what other tables do beside it."""

from __future__ import annotations

import json

from ...network import foreign_firewalls
from ...system.documents import Json
from ...system.root import Root
from .check import Answer, Check


class Firewall(Check):
    """Our input chain is there with its rules and its policy.

    An accept of ours does not lift a drop of another table, so firewalls of others that drop what they do not
    name are told: whoever made them has to let participants in there as well.
    """

    kind = "firewall"
    required = {"table": str, "chainPolicy": str}
    subject = "table"
    remedy = "run systemctl restart audio-meet-firewall; its journal shows why the rules do not load"

    def run(self, root: Root, check: Json) -> Answer:
        table, policy = check["table"], check["chainPolicy"]
        listed = root.run(["nft", "-j", "list", "table", "inet", table])
        if listed.code != 0:
            return False, f"table {table} is not loaded: {listed.last_line()}"
        items = json.loads(listed.out)["nftables"]
        ours = [item["chain"] for item in items if "chain" in item and item["chain"].get("hook") == "input"]
        rules = sum(1 for item in items if "rule" in item)
        if [c.get("policy") for c in ours] != [policy] or not rules:
            return False, f"table {table} is not as applied; run audio-meet drift"
        strict = foreign_firewalls.strict(root, table)
        others = (
            f"; other firewalls of this host drop what they do not allow: {', '.join(strict)}"
            if strict
            else ""
        )
        return True, f"{rules} rules, policy {policy} for other traffic{others}"
