"""One question over verified TLS, as daemons ask it that take no detours."""

from __future__ import annotations

import http.client
import ssl
import urllib.error
import urllib.request
from typing import Any

from ..system.errors import tls_trouble
from ..system.root import Root

TIMEOUT_SECONDS = 10
LARGEST_ANSWER_BYTES = 1 << 20


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The address has to be the right one."""

    def redirect_request(self, *_: Any) -> None:
        """None: the answer is taken as an error with its status."""


def get(root: Root, url: str, authorities: str | None = None) -> tuple[int, bytes, str]:
    """Status and body of an answer, or what is in the way of one; no proxy, no redirection.

    `authorities` is a file with more authorities than the system's.
    """
    context = ssl.create_default_context()
    if authorities:
        context.load_verify_locations(cafile=str(root.path(authorities)))
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
