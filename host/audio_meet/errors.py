"""The one kind of error that the helper expects."""

from __future__ import annotations


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
