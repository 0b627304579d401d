"""The one kind of error that the helper expects, and the words for those of others."""

from __future__ import annotations

import contextlib
import errno
import ssl
from collections.abc import Iterator
from pathlib import Path

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class HostError(Exception):
    """Something on the host is not as it has to be.

    `what` is the file, unit, package or check; `cause` is what was found; `remedy` is what to do about it.
    None of them may hold a secret: they are printed.
    """

    def __init__(self, what: str, cause: str, remedy: str) -> None:
        super().__init__(what, cause, remedy)
        self.what = what
        self.cause = cause
        self.remedy = remedy

    def line(self, host: str) -> str:
        """The error as one line, naming the host."""
        text = f"audio-meet: {host}: {self.what}: {self.cause}; {self.remedy}"
        return " ".join(text.split())


class RefusedError(Exception):
    """A check does not hold, and waiting does not mend it; asking again may do harm. Holds no secret."""


@contextlib.contextmanager
def about(path: Path) -> Iterator[None]:
    """What fails in here is about that file: a write that the disk refuses does not say of which it was."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


def of_system(error: OSError, verb: str) -> HostError:
    """An error of the operating system in the helper's words."""
    remedy = "see the host's disk and its log"
    if error.errno in NO_ROOM:
        remedy = "free space on that disk (df -h), then try again"
    return HostError(str(error.filename or verb), error.strerror or "failed", remedy)


def tls_trouble(error: OSError) -> str:
    """Why a TLS connection failed, in a phrase for somebody who reads a verification."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate refused: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS failed: {error.reason or error}"
    return str(error)
