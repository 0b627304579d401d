"""Small HTTP requests to daemons on this machine."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from ..system.documents import Json

TIMEOUT_SECONDS = 5


class UnreachableError(Exception):
    """No answer from the address that says anything. It may be late: `answers` says what follows from it."""


class RefusedError(UnreachableError):
    """Nobody listens at the address."""


class LateError(UnreachableError):
    """Somebody listens there, and nothing whole came in time."""


def request(
    url: str,
    path: str,
    body: Json | None = None,
    *,
    post: bool = False,
    seconds: float | None = None,
    host: str = "",
) -> tuple[int, str]:
    """Status and text of `url` + `path`. Without an Accept header a bridge answers 500 for its metrics.

    `seconds`: how long an answer may take, where it is known to take long. `host`: the name that is asked
    for, where a daemon serves several.

    Raises RefusedError when nobody listens, LateError when nothing whole comes in time.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise UnreachableError(f"{url} is not an http address")
    data = json.dumps(body).encode() if body is not None else (b"" if post else None)
    headers = {"Accept": "*/*", **({"Content-Type": "application/json"} if body is not None else {})}
    headers |= {"Host": host} if host else {}
    query = urllib.request.Request(url.rstrip("/") + path, data=data, headers=headers)  # noqa: S310 - see above
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        try:
            with opener.open(query, timeout=seconds or TIMEOUT_SECONDS) as response:
                return int(response.status), response.read().decode(errors="replace")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise _kind_of(reason)(str(reason) or type(reason).__name__) from None


def _kind_of(reason: object) -> type[UnreachableError]:
    if isinstance(reason, ConnectionRefusedError):
        return RefusedError
    return LateError if isinstance(reason, TimeoutError) else UnreachableError


def get_json(url: str, path: str, *, host: str = "", seconds: float | None = None) -> Json:
    """The JSON object at `url` + `path`; anything else counts as UnreachableError, with the reason."""
    status, text = request(url, path, host=host, seconds=seconds)
    if status != 200:
        raise UnreachableError(f"{path} answers {status}")
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise UnreachableError(f"{path} does not answer with a JSON object")
    return value
