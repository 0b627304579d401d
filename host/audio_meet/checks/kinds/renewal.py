"""The check of the certificate from an authority: the one that is there, and the way to the next one."""

from __future__ import annotations

import http
import os
import time

from ...certificate import certbot, certificate, expiry
from ...certificate.expiry import SECONDS_PER_DAY
from ...network.https_get import get
from ...system import files, state, systemd
from ...system.documents import Json
from ...system.root import Root
from .. import as_unit
from .check import Answer, UnitCheck

# A renewal is due in the last third of a lifetime; half of that time is over without one.
OVERDUE_SHARE = 1 / 6


class Certificate(UnitCheck):
    """The certificate from an authority is in place, names what it must, and its unit can renew it."""

    kind = "certificate"
    required = {"path": str, "names": list, "unit": str}
    subject = "path"
    remedy = "see systemctl status audio-meet-certificate; try again: audio-meet renew-certificate now"

    def run(self, root: Root, check: Json) -> Answer:
        record = certificate.load(root)
        reason = f"; the last attempt failed: {record['reason']}" if record.get("failures") else ""
        dates = expiry.validity(root)
        if dates is None:
            return False, f"none was issued yet{reason}"
        issued = (record.get("issued") or {}).get("names", [])
        missing = sorted(set(check["names"]) - set(issued))
        if missing:
            return False, f"does not cover {', '.join(missing)}{reason}"
        chain = root.path(f"{certbot.LINEAGE}/fullchain.pem").read_bytes()
        if files.content_of(root, check["path"]) != chain:
            return False, f"{check['path']} is not the issued certificate{reason}"
        left = dates[1] - time.time()
        days = f"{left / SECONDS_PER_DAY:.1f} days left"
        if left < (dates[1] - dates[0]) * OVERDUE_SHARE:
            return False, f"overdue for its renewal, {days}{reason}"
        trouble, told = self._next_one(root, check, has_reason=bool(reason))
        if trouble:
            return False, f"{trouble}; {days}"
        return True, f"issued by {record['issued']['server']}, {days}{told}{reason}"

    def _next_one(self, root: Root, check: Json, *, has_reason: bool) -> tuple[str, str]:
        """What keeps the unit from renewing the certificate, and what may pass by itself and is only told."""
        unit = check["unit"]
        found = systemd.show(root, [unit])[unit]
        # what the authority answers is in the reason, and does not fail before the certificate is overdue
        if found.get("ActiveState") == "failed" and not has_reason:
            said = systemd.last_words(root, unit, systemd.started_at(found))
            return f"the last run of {unit} failed: {said}", ""
        told = as_unit.ask(root, check, self.within_unit)
        if told.ok:
            return "", ""
        return (told.detail, "") if told.root_gets_through else ("", f"; {told.detail}")

    def within_unit(self, root: Root, check: Json) -> Answer:
        """Whether whoever asks may write what a renewal writes, and reaches the authority."""
        wanted = certbot.parse(certificate.load(root)["manifest"])
        kept = [certbot.FOLDER, certbot.WEBROOT, state.FOLDER, "/run"]
        for folder in [*kept, os.path.dirname(wanted.certificate), os.path.dirname(wanted.key)]:
            if not os.access(root.path(folder), os.W_OK | os.X_OK):
                return False, f"{folder} is not writable, and a renewal writes there"
        status, _, trouble = get(root, wanted.server, wanted.authorities)
        if trouble or status != http.HTTPStatus.OK:
            return False, f"{wanted.server} cannot be reached: {trouble or f'it answers {status}'}"
        return True, f"{wanted.server} answers"
