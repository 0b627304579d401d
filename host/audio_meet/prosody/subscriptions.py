"""Roster subscriptions, by which a component of Prosody sees the presence of an account."""

from __future__ import annotations

import re
import time

from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Root, text_of
from . import admin_socket
from .programs import prosodyctl
from .store import store_file


def subscribe(root: Root, subscriptions: list[Json]) -> list[str]:
    """Let each component see the presence of its account; returns what was done."""
    done = []
    for item in subscriptions:
        account, component = item["account"], item["component"]
        if subscribed(root, item):
            continue
        admin_socket.wait(root, item["dataPath"], account)
        shell = prosodyctl(root, item["config"], "shell")
        result = root.run([*shell, "roster", "subscribe_both", account, component], timeout_seconds=20)
        deadline = time.monotonic() + 3
        while not subscribed(root, item):
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


def subscribed(root: Root, item: Json) -> bool:
    """Whether the component gets the presence of the account: subscription "from" or "both" in the roster."""
    try:
        roster = text_of(store_file(root, item["dataPath"], "roster", item["account"]))
    except FileNotFoundError:
        return False
    entry = re.search(rf'\["{re.escape(item["component"])}"\]\s*=\s*\{{(.*?)\n\t\}};', roster, re.DOTALL)
    return bool(entry and re.search(r'\["subscription"\]\s*=\s*"(from|both)"', entry.group(1)))
