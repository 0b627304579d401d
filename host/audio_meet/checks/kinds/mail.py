"""The check of an SMTP server: whether it would take mail of this host."""

from __future__ import annotations

import smtplib

from ...network import mail
from ...system.documents import Json
from ...system.errors import RefusedError, tls_trouble
from ...system.root import Root
from .check import Answer, Check

# Codes from here on are final (RFC 5321, 4.2.1); below, the server asks to come again, as greylisting does.
FINAL = 500


class Mail(Check):
    """The server lets the user in and accepts mail from there to there; none is sent.

    What it refuses for good is not tried again: servers shut out who guesses passwords.
    """

    kind = "mail"
    required = {"server": str, "from": str, "to": str}
    optional = {"user": str, "passwordFile": str}
    subject = "server"
    remedy = "correct the mail of jitsi:monitoring or jitsi:recording, or jitsi:mailPassword"

    def run(self, root: Root, check: Json) -> Answer:
        server = check["server"]
        try:
            with mail.session(root, check) as session:
                said = [session.mail(check["from"]), session.rcpt(check["to"])]
                session.rset()
        except smtplib.SMTPAuthenticationError as error:
            words = f"refuses the login of {check['user']}: {_words(error.smtp_code, error.smtp_error)}"
            if error.smtp_code >= FINAL:
                raise RefusedError(words) from None
            return False, words
        except smtplib.SMTPNotSupportedError as error:
            raise RefusedError(str(error)) from None
        except OSError as error:
            return False, tls_trouble(error)
        asked = (f"mail from {check['from']}", f"mail to {check['to']}")
        for (code, reply), what in zip(said, asked, strict=True):
            if code >= FINAL:
                raise RefusedError(f"refuses {what}: {_words(code, reply)}")
        later = "".join(f"; the server answered {_words(*answer)}" for answer in said if answer[0] >= 400)  # noqa: PLR2004
        login = f"accepts the login of {check['user']} and " if "user" in check else ""
        return True, f"{server} {login}accepts mail from {check['from']} to {check['to']}{later}"


def _words(code: int, said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(f"{code} {text}".split())
