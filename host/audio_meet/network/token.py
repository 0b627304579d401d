"""A JWT signed with a secret (HS256), as a participant brings it (docs/ACCESS.md)."""

from __future__ import annotations

import base64
import hmac
import json

from ..system.documents import Json


def signed(claims: Json, secret: str) -> str:
    """The token."""
    head = _part(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    content = f"{head}.{_part(json.dumps(claims).encode())}"
    return f"{content}.{_part(hmac.digest(secret.encode(), content.encode(), 'sha256'))}"


def _part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
