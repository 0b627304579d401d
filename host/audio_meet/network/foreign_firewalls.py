"""Firewalls of others that drop what they do not name, whether nft, iptables or ufw is at hand to ask."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from ..system.documents import Json
from ..system.root import MISSING, Root

# Family in the words of nft, program that lists the rules, and where the kernel names tables of the old kind.
IPTABLES = (("ip", "iptables", "ip_tables_names"), ("ip6", "ip6tables", "ip6_tables_names"))
# A policy that drops, or a rule for whatever came so far.
DROPS = re.compile(r"^(:INPUT DROP|-A INPUT( -m comment --comment \S+)? -j (DROP|REJECT))\b", re.MULTILINE)
UFW = "/etc/ufw/ufw.conf"
UFW_DEFAULTS = "/etc/default/ufw"


def strict(root: Root, own: str) -> list[str]:
    """Firewalls that drop inbound packets which they do not name: "ufw", and tables as `family name`.

    `own` is our own table. nft does not list tables of iptables-legacy, and may not be there at all.
    """
    return [
        *(["ufw"] if has_ufw(root) else []),
        *sorted(_tables_of_nft(root, own) | _tables_of_iptables(root)),
    ]


def has_ufw(root: Root) -> bool:
    """Whether ufw is switched on and drops by default (ufw(8), ufw-framework(8))."""
    settings = {**_settings(root, UFW), **_settings(root, UFW_DEFAULTS)}
    return settings.get("ENABLED", "").lower() == "yes" and settings.get("DEFAULT_INPUT_POLICY") != "ACCEPT"


def _settings(root: Root, path: str) -> dict[str, str]:
    try:
        lines = [line.partition("=") for line in root.read(path).splitlines()]
    except OSError:
        return {}
    return {key.strip(): value.strip().strip("\"'") for key, _, value in lines if not key.startswith("#")}


def rules(root: Root, argv: Sequence[str]) -> str:
    """What a program lists of the kernel's rules; empty where it is not installed.

    When it fails, a remark says that these rules are not known.
    """
    listed = root.run(argv)
    if listed.code not in (0, MISSING):
        root.note(f"cannot list the rules of this host's other firewalls: {argv[0]}: {listed.last_line()}")
    return listed.out


def _tables_of_nft(root: Root, own: str) -> set[str]:
    """Tables with a chain for input that drops by its policy, or by a rule without a condition."""
    try:
        items = json.loads(rules(root, ["nft", "-j", "list", "ruleset"]))["nftables"]
    except (ValueError, KeyError):
        return set()
    chains = {_place(c): c for c in (i["chain"] for i in items if "chain" in i) if c.get("hook") == "input"}
    ends = {
        (r["family"], r["table"], r["chain"]) for r in (i["rule"] for i in items if "rule" in i) if _ends(r)
    }
    found = {place for place, chain in chains.items() if chain.get("policy") == "drop" or place in ends}
    return {f"{family} {table}" for family, table, _ in found if table != own}


def _place(chain: Json) -> tuple[str, str, str]:
    return chain["family"], chain["table"], chain["name"]


def _ends(rule: Json) -> bool:
    words = [word for part in rule.get("expr", []) for word in part if word not in ("counter", "log")]
    return words in (["drop"], ["reject"])


def _tables_of_iptables(root: Root) -> set[str]:
    """The same of iptables. Without -t it lists tables that are there and makes none."""
    found = set()
    for family, program, names in IPTABLES:
        listed = rules(root, [f"{program}-save"])
        if _has_old_tables(root, names):
            listed += rules(root, [f"{program}-legacy-save"])
        if DROPS.search(_filter_table(listed)):
            found.add(f"{family} filter")
    return found


def _has_old_tables(root: Root, names: str) -> bool:
    try:
        return "filter" in root.read(f"/proc/net/{names}").split()
    except OSError:
        return False


def _filter_table(listed: str) -> str:
    """The lines of iptables-save(8) of the table `filter`, which has the packets for this host."""
    return "\n".join(re.findall(r"^\*filter$(.*?)^COMMIT$", listed, re.MULTILINE | re.DOTALL))
