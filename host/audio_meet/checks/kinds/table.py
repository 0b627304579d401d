"""Every kind of check: who asks, what its manifest holds, its name in a summary, and a remedy."""

from __future__ import annotations

from collections.abc import Callable

from ...recorder import browser
from ...system import kernel
from ...system.documents import Json
from ...system.root import Root
from . import clock, daemons, firewall, host, mail, monitoring, recorder, renewal, tokens, turn, web

Check = Callable[[Root, Json], tuple[bool, str]]
KINDS: dict[str, tuple[Check, dict[str, type], dict[str, type]]] = {
    "unit": (host.unit, {"name": str}, {"minimumOpenFiles": int}),
    "lastRun": (host.last_run, {"name": str}, {}),
    "listening": (host.listening, {"protocol": str, "port": int, "addresses": list}, {}),
    "localAddress": (host.local_address, {"address": str}, {}),
    "firewall": (firewall.firewall, {"table": str, "chainPolicy": str}, {}),
    "kernel": (kernel.check, {"values": dict}, {}),
    "clock": (clock.clock, {}, {}),
    "errors": (host.errors, {"unit": str, "logs": list}, {}),
    "xmppTls": (
        daemons.xmpp_tls,
        {"address": str, "port": int, "domain": str, "caFile": str},
        {"login": str},
    ),
    "https": (
        web.https,
        {"domain": str, "path": str, "status": int},
        {"caFile": str, "contains": str, "websocket": bool, "minimumDays": int, "trial": bool},
    ),
    "certificate": (renewal.certificate_state, {"path": str, "names": list, "unit": str}, {}),
    "prosodySessions": (daemons.prosody_sessions, {"config": str, "jids": list}, {}),
    "prosodyNoSessions": (daemons.prosody_no_sessions, {"config": str, "jids": list}, {}),
    "prosodyModules": (daemons.prosody_modules, {"config": str, "modules": dict}, {}),
    "health": (daemons.health, {"unit": str, "url": str}, {}),
    "videobridge": (daemons.videobridge, {"url": str, "relayId": str, "region": str}, {}),
    "jicofo": (daemons.jicofo, {"url": str, "bridges": list}, {}),
    "jicofoRecorders": (recorder.jicofo_recorders, {"url": str, "recorders": int}, {}),
    "xmppLogin": (
        recorder.xmpp_login,
        {"address": str, "port": int, "domain": str, "user": str, "passwordFile": str, "caFile": str},
        {},
    ),
    "recorder": (recorder.recorder, {"url": str}, {}),
    "browser": (browser.check, {"user": str, "driver": str}, {}),
    "sound": (recorder.sound, {"socket": str, "sink": str, "user": str}, {}),
    "storage": (recorder.storage, {"config": str, "unit": str}, {}),
    "tokenKeys": (tokens.token_keys, {"from": str, "url": str, "unit": str}, {"caFile": str}),
    "turn": (
        turn.turn,
        {
            **{"transport": str, "port": int, "host": str, "addresses": list, "secretFile": str},
            **{"relayAddress": str, "firstRelayPort": int, "lastRelayPort": int},
            **{"peers": list, "stranger": str},
        },
        {"caFile": str},
    ),
    "metrics": (
        monitoring.metrics,
        {"address": str, "port": int, "domain": str, "caFile": str, "modules": dict},
        {},
    ),
    "prometheus": (monitoring.prometheus, {"url": str, "targets": int}, {}),
    "mail": (
        mail.takes_mail,
        {"server": str, "from": str, "to": str},
        {"user": str, "passwordFile": str},
    ),
}
# What units are asked for themselves (as_unit.py), by the kind of check.
AS_UNIT: dict[str, Check] = {
    "storage": recorder.way_to_bucket,
    "tokenKeys": tokens.keys,
    "certificate": renewal.way_to_renewal,
}
REMEDIES = {
    "unit": "see journalctl -u with the unit's name",
    "lastRun": "see journalctl -u with the unit's name; its timer tries again",
    "listening": "compare the daemon's configuration with ss -ltnup",
    "localAddress": "correct the address in the stack config, or configure it on the host",
    "firewall": "systemctl restart audio-meet-firewall loads the rules again, its journal says why not",
    "kernel": "set the values on the host of this container, if they matter",
    "clock": "install systemd-timesyncd or chrony",
    "errors": "read the log from the unit's start on and correct what it names",
    "xmppTls": "check that Prosody can read the key of that domain, and which CA signed it",
    "https": "see journalctl -u nginx and /var/log/nginx/error.log",
    "certificate": "see systemctl status audio-meet-certificate; try again: audio-meet renew-certificate now",
    "prosodySessions": "check the password, trust store and Prosody address of the daemon that is missing",
    "prosodyNoSessions": "point that daemon at the other Prosody",
    "prosodyModules": "install a plugin package that has the module, or switch off the feature that needs it",
    "health": "see the log of that daemon: its own health check says what it misses",
    "videobridge": "check the bridge's log for its login at Prosody and the brewery",
    "metrics": "see journalctl -u prometheus-exporter-exporter and -u with the exporter's name",
    "prometheus": "see the targets page of Prometheus, and on the host that is down its own verification",
    "mail": "correct the mail of jitsi:monitoring or jitsi:recording, or jitsi:mailPassword",
    "jicofo": "check that the bridges are logged in and that jicofo's service connection stands",
    "jicofoRecorders": "see the verification of each recorder, and jicofo's log for the brewery of recorders",
    "xmppLogin": "check the accounts of the main Prosody, and that its port is open to this address",
    "recorder": "see /var/log/jitsi/jibri/log.0.txt and journalctl -u jibri",
    "browser": "install browser and driver of one version; see /var/log/jitsi/jibri/browser.0.txt",
    "sound": "see journalctl -u audio-meet-sound",
    "storage": "correct jitsi:recording and its keys, or make room",
    "tokenKeys": "correct jitsi:access, or see why this host does not reach the address",
    "turn": "see journalctl -u coturn; compare its addresses with those of the stack config",
}


def title(check: Json) -> str:
    """A check in a few words, unique enough for a summary."""
    kind = check["kind"]
    if kind == "listening":
        return f"listening {check['protocol']} {check['port']}"
    if kind == "xmppTls":
        return f"xmppTls {check['domain']} at {check['address']}:{check['port']}"
    if kind == "https":
        return f"https {check['domain']}{check['path']}"
    if kind == "turn":
        return f"turn {check['transport']} {check['port']}"
    if kind in ("kernel", "clock"):
        return kind
    if kind == "tokenKeys":
        return f"{kind} {check['url']}"
    if kind == "xmppLogin":
        return f"{kind} {check['user']}@{check['domain']}"
    keys = (
        "name",
        "path",
        "unit",
        "table",
        "domain",
        "address",
        "config",
        "relayId",
        "url",
        "server",
        "user",
    )
    return f"{kind} {next(str(check[key]) for key in keys if key in check)}"


def remedy(name: str) -> str:
    """What to do about a failed check, by the first word of its title."""
    return REMEDIES[name.partition(" ")[0]]
