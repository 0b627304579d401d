"""The check that asks for the keys of token issuers as Prosody does: over verified TLS, without a proxy."""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
import urllib.error
import urllib.request
from typing import Any

from .errors import tls_trouble
from .root import Root

Json = dict[str, Any]
Answer = tuple[bool, str]
TIMEOUT_SECONDS = 10
LARGEST_ANSWER_BYTES = 1 << 20


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Prosody follows none, so that the address has to be the right one."""

    def redirect_request(self, *_: Any) -> None:
        """None: the answer is taken as an error with its status."""


def token_keys(root: Root, check: Json) -> Answer:
    """A JWKS has a key for signatures; a key server answers, whatever it says of a key that it has not."""
    if check["from"] == "jwks":
        return _jwks(root, check)
    name = hashlib.sha256(b"audio-meet").hexdigest()
    status, _, trouble = _get(root, check, f"{check['url'].rstrip('/')}/{name}.pem")
    if trouble:
        return False, trouble
    return status < http.HTTPStatus.INTERNAL_SERVER_ERROR, f"answers {status} for a key that is not there"


def _jwks(root: Root, check: Json) -> Answer:
    status, body, trouble = _get(root, check, check["url"])
    if trouble or status != http.HTTPStatus.OK:
        return False, trouble or f"answers {status}, expected 200"
    try:
        keys = json.loads(body)["keys"]
        usable = [key for key in keys if key.get("kid") and _verifies(key)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return False, "answers with something that is no JWKS"
    return bool(usable), f"{len(usable)} keys for signatures of {len(keys)}"


def _verifies(key: Json) -> bool:
    """What templates/prosody/token_keys.lib.lua takes, as far as its kind and purpose say."""
    kind = key.get("kty") == "RSA" or (key.get("kty") == "EC" and key.get("crv") == "P-256")
    return kind and key.get("use", "sig") == "sig"


def _get(root: Root, check: Json, url: str) -> tuple[int, bytes, str]:
    """Status and body of an answer, or what is in the way of one."""
    context = ssl.create_default_context()
    if "caFile" in check:
        context.load_verify_locations(cafile=str(root.path(check["caFile"])))
    handlers = (urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _NoRedirect())
    opener = urllib.request.build_opener(*handlers)
    try:
        with opener.open(url, timeout=TIMEOUT_SECONDS) as answer:
            return answer.status, answer.read(LARGEST_ANSWER_BYTES), ""
    except urllib.error.HTTPError as error:
        return error.code, b"", ""
    except urllib.error.URLError as error:
        reason = error.reason
        return 0, b"", tls_trouble(reason) if isinstance(reason, OSError) else str(reason)
    except (OSError, http.client.HTTPException) as error:
        return 0, b"", tls_trouble(error) if isinstance(error, OSError) else f"no HTTP answer: {error!r}"
