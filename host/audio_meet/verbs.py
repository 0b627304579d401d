"""Every verb of the command `audio-meet`: its module, its words, and who runs it.

A verb's module is loaded when it runs, and no other one: what timers run every minute does not wait for them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from .system.root import Root


@dataclass(frozen=True)
class Verb:
    """One verb: `run(root, arguments)` of its module does it and returns the exit code."""

    name: str
    # below this package
    module: str
    summary: str
    # as in the usage: [WORD] may be left out, one|other is one of these words
    operands: str = ""
    # Units run it under the mask that they say. Everything else has that of root's login, which some servers
    # close (UMASK in login.defs): daemons would not get at folders of ours, nor at what is unpacked.
    of_unit: bool = False
    # It comes over a connection of a deployment, after which another one comes.
    is_step: bool = True

    def takes(self, operands: list[str]) -> bool:
        """Whether these are as many words as it has, and those that it knows."""
        known = self.operands.split()
        least = sum(1 for word in known if not word.startswith("["))
        one_of = {place: word.split("|") for place, word in enumerate(known) if "|" in word}
        fits = least <= len(operands) <= len(known)
        return fits and all(operands[place] in words for place, words in one_of.items())

    def load(self) -> Callable[[Root, list[str]], int]:
        """What does it."""
        run: Callable[[Root, list[str]], int] = import_module(f"{__package__}.{self.module}").run
        return run


STDIN = "(document on stdin)"
VERBS = [
    Verb("preflight", "preflight.preflight", f"check whether this host is suitable {STDIN}", "[WORD]"),
    Verb("packages", "packages.packages", f"install packages {STDIN}"),
    Verb("secrets", "apply.apply", f"write a group of secret files {STDIN}"),
    Verb("files", "apply.apply", f"write a group of files {STDIN}", "[WORD]"),
    Verb("certificate", "certificate.certificate", f"request and install a certificate {STDIN}"),
    Verb(
        "renew-certificate",
        "certificate.renew_certificate",
        "renew the certificate in the last third of its life; run by the timer",
        "[now]",
        of_unit=True,
        is_step=False,
    ),
    Verb(
        "remove-certificate",
        "certificate.remove_certificate",
        "close the account at the authority, forget the certificate",
    ),
    Verb("verify", "checks.verify", f"wait until everything holds {STDIN}", "[WORD]"),
    Verb(
        "answer",
        "checks.answer",
        f"one check, for the unit that runs this {STDIN}",
        of_unit=True,
        is_step=False,
    ),
    Verb("health", "checks.health", "ask once more what was verified last", is_step=False),
    Verb(
        "drop-former-accounts",
        "prosody.former_accounts",
        "delete accounts that were replaced, and end their sessions",
        "[WORD]",
    ),
    Verb("drain", "bridge.drain", f"empty a bridge, then stop it {STDIN}"),
    Verb(
        "drain-recorder",
        "recorder.drain_recorder",
        f"bring every recording to the bucket, then stop jibri {STDIN}",
    ),
    Verb(
        "upload",
        "recorder.upload",
        "bring what is recorded to the bucket; what the timer runs",
        "FILE",
        of_unit=True,
        is_step=False,
    ),
    Verb(
        "recorder",
        "recorder.recorder",
        "what happens around jibri; what its units run",
        "prepare|stop|guard|retry FILE",
        of_unit=True,
        is_step=False,
    ),
    Verb("drift", "checks.drift", "compare the host with what was applied (changes nothing)", is_step=False),
    Verb(
        "metrics",
        "checks.metrics",
        "write figures of our own for the node exporter",
        "WANTED TARGET",
        of_unit=True,
        is_step=False,
    ),
    Verb(
        "kernel",
        "system.kernel",
        "raise limits of the kernel to those of a file; without it, give them back",
        "[FILE]",
        of_unit=True,
        is_step=False,
    ),
    Verb("size", "system.size", "print cores and memory", "[WORD]"),
    Verb("remove", "apply.remove", "remove a group's files and units", "GROUP"),
    Verb("remove-packages", "packages.remove_packages", "remove packages and repositories that were added"),
    Verb(
        "uninstall",
        "uninstall",
        "remove this helper when it manages nothing any more",
        is_step=False,  # the last one
    ),
]


def find(arguments: list[str]) -> Verb | None:
    """The verb that these words call; None where there is none, or it takes other words."""
    return next((v for v in VERBS if [v.name] == arguments[:1] and v.takes(arguments[1:])), None)


def usage() -> str:
    """One line for each verb."""
    width = 23
    lines = []
    for verb in VERBS:
        call = f"{verb.name} {verb.operands}".strip()
        separator = " " if len(call) <= width else "\n" + " " * (width + 3)
        lines.append(f"  {call:<{width}}{separator}{verb.summary}")
    word = "WORD says what the run is for: with another one the deployment runs the verb again."
    return "\n".join(["usage: audio-meet VERB", *lines, word])
