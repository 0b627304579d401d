"""Checks that ask jicofo and the bridge."""

from __future__ import annotations

from ...network import http_local
from ...system.documents import Json
from ...system.root import Root
from .check import Answer, Check

# Of jicofo and of the bridge alike (jicoco).
HEALTH = "/about/health"


class Videobridge(Check):
    """The bridge is logged in, is in the brewery, and says the relay id and region that were given to it."""

    kind = "videobridge"
    required = {"url": str, "relayId": str, "region": str}
    subject = "relayId"
    remedy = "check the bridge's log for its login at Prosody and the brewery"

    def run(self, root: Root, check: Json) -> Answer:
        stats = http_local.get_json(check["url"], "/colibri/stats")
        wanted = {
            "muc_clients_connected": 1,
            "mucs_joined": 1,
            "relay_id": check["relayId"],
            "region": check["region"],
        }
        wrong = [
            f"{key} is {stats.get(key)!r}, not {value!r}"
            for key, value in wanted.items()
            if stats.get(key) != value
        ]
        if wrong:
            return False, ", ".join(wrong)
        return True, f"in the brewery as {check['relayId']} in region {check['region']}"


class Health(Check):
    """The daemon's own health check holds, asked now: what it said of itself in a log may long be over."""

    kind = "health"
    required = {"unit": str, "url": str}
    subject = "unit"
    remedy = "see the log of that daemon: its own health check names what is missing"

    def run(self, root: Root, check: Json) -> Answer:
        status, text = http_local.request(check["url"], HEALTH)
        return status == 200, "well" if status == 200 else f"answers {status}: {' '.join(text.split())[:200]}"


class Jicofo(Check):
    """jicofo counts at least these bridges as operational, by nickname where it tells nicknames."""

    kind = "jicofo"
    required = {"url": str, "bridges": list}
    subject = "url"
    remedy = "check that the bridges are logged in and that jicofo's service connection is up"

    def run(self, root: Root, check: Json) -> Answer:
        wanted = set(check["bridges"])
        stats = http_local.get_json(check["url"], "/stats")
        count = stats.get("bridge_selector", {}).get("operational_bridge_count", 0)
        named = _operational_bridges(check["url"])
        if named is not None and wanted - named:
            return False, f"not operational: {', '.join(sorted(wanted - named))}"
        if count < len(wanted):
            return False, f"counts {count} operational bridges, expected at least {len(wanted)}"
        return True, f"operational: {', '.join(sorted(wanted)) or 'no bridge expected'}"


def _operational_bridges(url: str) -> set[str] | None:
    """Nicknames of operational bridges from jicofo's debug page; None where that page is switched off."""
    if http_local.request(url, "/debug")[0] == 404:
        return None
    bridges = http_local.get_json(url, "/debug").get("bridge_selector", {}).get("bridge")
    if not isinstance(bridges, dict):
        return None
    return {jid.rpartition("/")[2] for jid, state in bridges.items() if state.get("operational", True)}


class JicofoRecorders(Check):
    """jicofo knows at least so many recorders, free or at work."""

    kind = "jicofoRecorders"
    required = {"url": str, "recorders": int}
    subject = "url"
    remedy = "see the verification of each recorder, and jicofo's log for the brewery of recorders"

    def run(self, root: Root, check: Json) -> Answer:
        status, text = http_local.request(check["url"], "/metrics")
        found = figures(text, "jibri_instances", "jibri_instances_available", "jibri_recording_active")
        if status != 200 or found["jibri_instances"] is None:
            return False, f"/metrics answers {status} without figures about recorders"
        usable = (found["jibri_instances_available"] or 0) + (found["jibri_recording_active"] or 0)
        said = f"{usable:g} of {found['jibri_instances']:g} recorders usable, {check['recorders']} planned"
        return usable >= check["recorders"], said


def figures(text: str, *names: str) -> dict[str, float | None]:
    """Figures of a Prometheus page by the end of their names, which jicofo puts a prefix in front of."""
    found: dict[str, float | None] = dict.fromkeys(names)
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        bare = name.partition("{")[0].removeprefix("jitsi_jicofo_")
        if not line.startswith("#") and bare in found:
            found[bare] = (found[bare] or 0.0) + float(value.split()[0])
    return found
