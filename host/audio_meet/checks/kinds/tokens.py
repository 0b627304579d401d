"""The check that asks for the keys of token issuers as Prosody does: its user, verified TLS, no proxy."""

from __future__ import annotations

import hashlib
import http
import json

from ...network.https_get import get
from ...system.documents import Json
from ...system.root import Root
from .. import as_unit
from .check import Answer, UnitCheck


class TokenKeys(UnitCheck):
    """Prosody's unit gets the keys."""

    kind = "tokenKeys"
    required = {"from": str, "url": str, "unit": str}
    optional = {"caFile": str}
    subject = "url"
    remedy = "correct jitsi:access, or find out why this host cannot reach the address"

    def run(self, root: Root, check: Json) -> Answer:
        told = as_unit.ask(root, check, self.within_unit)
        return told.ok, told.detail

    def within_unit(self, root: Root, check: Json) -> Answer:
        """A JWKS has a key for signatures; a key server answers, whatever it says of an unknown key."""
        if check["from"] == "jwks":
            return _jwks(root, check)
        name = hashlib.sha256(b"audio-meet").hexdigest()
        status, _, trouble = get(root, f"{check['url'].rstrip('/')}/{name}.pem", check.get("caFile"))
        if trouble:
            return False, trouble
        return (
            status < http.HTTPStatus.INTERNAL_SERVER_ERROR,
            f"answers {status} for a key that does not exist",
        )


def _jwks(root: Root, check: Json) -> Answer:
    status, body, trouble = get(root, check["url"], check.get("caFile"))
    if trouble or status != http.HTTPStatus.OK:
        return False, trouble or f"answers {status}, expected 200"
    try:
        shown = json.loads(body)["keys"]
        usable = [key for key in shown if key.get("kid") and _verifies(key)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return False, "does not answer with a JWKS"
    return bool(usable), f"{len(usable)} of {len(shown)} keys can verify signatures"


def _verifies(key: Json) -> bool:
    """What templates/prosody/token_keys.lib.lua takes, as far as its kind and purpose say."""
    kind = key.get("kty") == "RSA" or (key.get("kty") == "EC" and key.get("crv") == "P-256")
    return kind and key.get("use", "sig") == "sig"
