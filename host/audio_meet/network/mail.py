"""Sessions with an SMTP server: over verified TLS alone, with a login where there is one."""

from __future__ import annotations

import os
import smtplib
import ssl
from pathlib import Path

from ..system.documents import Json
from ..system.root import Root, text_of

TIMEOUT_SECONDS = 15
# TLS from the first byte (RFC 8314, 3.3); at every other port it begins by STARTTLS.
SUBMISSIONS_PORT = 465
# systemd hands the password over here (LoadCredential= of the upload unit).
CREDENTIAL = "mail-password"


def session(root: Root, mail: Json) -> smtplib.SMTP:
    """A session with the server of a `MailManifest`, logged in if it has a user.

    Raises OSError, of which smtplib's errors are some: the server is not reached, not believed, or refuses.
    """
    server = _connected(mail["server"])
    try:
        if "user" in mail:
            _log_in(server, mail["user"], _password(root, mail["passwordFile"]))
        else:
            server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def _connected(address: str) -> smtplib.SMTP:
    name, _, port = address.rpartition(":")
    context = ssl.create_default_context()
    if int(port) == SUBMISSIONS_PORT:
        return smtplib.SMTP_SSL(name, int(port), timeout=TIMEOUT_SECONDS, context=context)
    server = smtplib.SMTP(name, int(port), timeout=TIMEOUT_SECONDS)
    try:
        server.starttls(context=context)
    except BaseException:
        server.close()
        raise
    return server


def _log_in(server: smtplib.SMTP, user: str, password: str) -> None:
    """Log in once, by a mechanism that Alertmanager knows; smtplib's own `login` tries each."""
    server.ehlo_or_helo_if_needed()
    offered = server.esmtp_features.get("auth", "").upper().split()
    server.user, server.password = user, password
    if "PLAIN" in offered:
        server.auth("PLAIN", server.auth_plain)
    elif "LOGIN" in offered:
        server.auth("LOGIN", server.auth_login)
    else:
        said = f"the server offers {', '.join(offered)}" if offered else "the server offers no login"
        raise smtplib.SMTPNotSupportedError(f"{said}; PLAIN or LOGIN is needed")


def _password(root: Root, path: str) -> str:
    """As systemd gives it, else from root's file."""
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    return text_of(Path(given) / CREDENTIAL if given else root.path(path))
