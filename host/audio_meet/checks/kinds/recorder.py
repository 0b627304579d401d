"""Checks of recorders: jibri, its sound, its logins, and the way of what it makes to the bucket."""

from __future__ import annotations

import os

from ...recorder import browser, jibri, postponed, upload_config, upload_queue
from ...recorder.storage import Bucket
from ...system.documents import Json
from ...system.errors import HostError
from ...system.root import Root
from .. import as_unit
from .check import Answer, Check, UnitCheck


class Recorder(Check):
    """jibri says that it is well, and free or at work. What waits for the end of its work is told."""

    kind = "recorder"
    required = {"url": str}
    subject = "url"
    remedy = "see /var/log/jitsi/jibri/log.0.txt and journalctl -u jibri"

    def run(self, root: Root, check: Json) -> Answer:
        busy, health = jibri.status(check["url"])
        waiting = postponed.due(root)
        more = f"; restarts when the recording ends: {postponed.names(waiting)}" if waiting else ""
        return health == "HEALTHY" and busy in ("IDLE", "BUSY"), f"{health}, {busy}{more}"


class Sound(Check):
    """The user reaches the sound server, which has the sink."""

    kind = "sound"
    required = {"socket": str, "sink": str, "user": str}
    subject = "user"
    remedy = "see journalctl -u audio-meet-sound"

    def run(self, root: Root, check: Json) -> Answer:
        command = ["runuser", "-u", check["user"], "--", "pactl", f"--server=unix:{check['socket']}"]
        result = root.run([*command, "list", "short", "sinks"], timeout_seconds=10)
        if result.code != 0:
            return False, result.last_line()
        names = [line.split("\t")[1] for line in result.out.splitlines() if "\t" in line]
        return check["sink"] in names, f"sinks: {', '.join(names) or 'none'}"


class Storage(UnitCheck):
    """The uploader's unit brings an object to the bucket; there is room for recordings, none was given up."""

    kind = "storage"
    required = {"config": str, "unit": str}
    subject = "unit"
    remedy = "correct jitsi:recording and its keys, or free disk space"

    def run(self, root: Root, check: Json) -> Answer:
        config = upload_config.read(root, check["config"])
        free, needed = config.free_percent(), config.raw["disk"]["stopBelowPercent"]
        if free < needed:
            return False, f"{free:.1f} % of the disk is free, recordings need {needed} %"
        told = as_unit.ask(root, check, self.within_unit)
        if not told.ok:
            return False, told.detail
        # the storage works: what had to wait for it need not wait any longer
        upload_queue.hurry(config)
        on_the_way = upload_queue.waiting(config)
        resigned = [path.name for path in on_the_way if upload_queue.remembered(path).get("resigned")]
        if resigned:
            return False, f"uploads given up: {', '.join(resigned)}"
        waiting = f"{len(on_the_way)} recordings waiting, {free:.0f} % of the disk free"
        return True, f"a test object was written and read back; {waiting}"

    def within_unit(self, root: Root, check: Json) -> Answer:
        """The way of a recording: folders are open to whoever asks, an object goes to the bucket and back."""
        config = upload_config.read(root, check["config"])
        # systemd says who a unit is; inside a sandbox the name of a dynamic user is not known
        user = os.environ.get("USER", str(os.geteuid()))
        for folder in (config.handover, config.queue, config.kept):
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                return False, f"the user {user} has no access to {folder}"
        try:
            Bucket(root, config).probe()
        except HostError as error:
            return False, f"{error.what}: {error.cause}; {error.remedy}"
        return True, "a test object was written and read back"


class Browser(Check):
    """Whether the user opens a session with the browser by the driver; the page that it opens is empty."""

    kind = "browser"
    required = {"user": str, "driver": str}
    subject = "user"
    remedy = "install browser and driver of one version; see /var/log/jitsi/jibri/browser.0.txt"

    def run(self, root: Root, check: Json) -> Answer:
        return browser.opens_session(root, check["user"], check["driver"])
