"""Checks of recorders: jibri, its sound, its logins, and the way of what it makes to the bucket."""

from __future__ import annotations

import os
import socket
import ssl

from ...network import http_local
from ...network.xmpp_login import LoginError, log_in
from ...recorder import jibri, postponed, upload_config, upload_queue
from ...recorder.storage import Bucket
from ...system.documents import Json
from ...system.errors import HostError, tls_trouble
from ...system.root import Root
from .. import as_unit
from . import daemons

Answer = tuple[bool, str]


def recorder(root: Root, check: Json) -> Answer:
    """jibri says that it is well, and free or at work. What waits for the end of its work is told."""
    try:
        busy, health = jibri.status(check["url"])
    except http_local.UnreachableError as error:
        return False, str(error)
    waiting = postponed.due(root)
    more = f"; when the recording ends: {postponed.names(waiting)}" if waiting else ""
    return health == "HEALTHY" and busy in ("IDLE", "BUSY"), f"{health}, {busy}{more}"


def jicofo_recorders(root: Root, check: Json) -> Answer:
    """jicofo knows at least so many recorders, free or at work."""
    del root
    try:
        status, text = http_local.request(check["url"], "/metrics")
        found = figures(text, "jibri_instances", "jibri_instances_available", "jibri_recording_active")
    except http_local.UnreachableError as error:
        return False, str(error)
    if status != 200 or found["jibri_instances"] is None:
        return False, f"/metrics answers {status} and tells nothing of recorders"
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


def xmpp_login(root: Root, check: Json) -> Answer:
    """The user logs in at the XMPP domain; the certificate is verified first."""
    context = ssl.create_default_context(cafile=str(root.path(check["caFile"])))
    password = root.read(check["passwordFile"]).strip()
    domain = check["domain"]
    try:
        with socket.create_connection((check["address"], check["port"]), timeout=5) as connection:
            daemons.starttls(connection, domain)
            with context.wrap_socket(connection, server_hostname=domain) as secure:
                daemons.open_stream(secure, domain)
                log_in(secure, check["user"], password)
    except LoginError as error:
        return False, str(error)
    except OSError as error:
        return False, tls_trouble(error)
    return True, f"{check['user']}@{domain} logs in"


def sound(root: Root, check: Json) -> Answer:
    """The user reaches the sound server, which has the sink."""
    command = ["runuser", "-u", check["user"], "--", "pactl", f"--server=unix:{check['socket']}"]
    result = root.run([*command, "list", "short", "sinks"], timeout_seconds=10)
    if result.code != 0:
        return False, result.last_line()
    names = [line.split("\t")[1] for line in result.out.splitlines() if "\t" in line]
    return check["sink"] in names, f"sinks: {', '.join(names) or 'none'}"


def storage(root: Root, check: Json) -> Answer:
    """The uploader's unit brings an object to the bucket; there is room for recordings, none was given up."""
    config = upload_config.read(root, check["config"])
    free, needed = config.free_percent(), config.raw["disk"]["stopBelowPercent"]
    if free < needed:
        return False, f"{free:.1f} % of the disk is free, recordings need {needed} %"
    told = as_unit.ask(root, check, way_to_bucket)
    if not told.ok:
        return False, told.detail
    # the storage works: what had to wait for it need not wait any longer
    upload_queue.hurry(config)
    on_the_way = upload_queue.waiting(config)
    resigned = [path.name for path in on_the_way if upload_queue.remembered(path).get("resigned")]
    if resigned:
        return False, f"given up: {', '.join(resigned)}"
    return True, f"an object came back; {len(on_the_way)} recordings wait, {free:.0f} % of the disk free"


def way_to_bucket(root: Root, check: Json) -> Answer:
    """The way of a recording, for whoever asks: folders are open, an object goes to the bucket and back."""
    config = upload_config.read(root, check["config"])
    # systemd says who a unit is; inside a sandbox the name of a dynamic user is not known
    user = os.environ.get("USER", str(os.geteuid()))
    for folder in (config.handover, config.queue, config.kept):
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            return False, f"{folder} is closed to the user {user}"
    try:
        Bucket(root, config).probe()
    except HostError as error:
        return False, f"{error.what}: {error.cause}; {error.remedy}"
    return True, "an object came back"
