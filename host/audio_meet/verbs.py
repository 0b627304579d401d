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
    Verb(
        "preflight",
        "preflight.preflight",
        f"check whether this host can take its part; changes nothing {STDIN}",
        "[WORD]",
    ),
    Verb("packages", "packages.packages", f"install packages in exact versions {STDIN}", "[WORD]"),
    Verb("secrets", "apply.owing", f"write a group of secret files, restart their units {STDIN}", "[WORD]"),
    Verb("files", "apply.owing", f"write a group of files, restart their units {STDIN}", "[WORD] [WORD]"),
    Verb("certificate", "certificate.certificate", f"request and install a certificate {STDIN}", "[WORD]"),
    Verb(
        "renew-certificate",
        "certificate.renew_certificate",
        "renew the certificate if two thirds of its time are over; now: at once",
        "[now]",
        of_unit=True,
        is_step=False,
    ),
    Verb(
        "remove-certificate",
        "certificate.remove_certificate",
        "delete the certificate, close the account at the authority",
    ),
    Verb("verify", "checks.verify", f"repeat all checks until they pass or time is up {STDIN}", "[WORD]"),
    Verb(
        "answer",
        "checks.answer",
        f"run one check with the rights of a unit; run by verify {STDIN}",
        of_unit=True,
        is_step=False,
    ),
    Verb(
        "health",
        "checks.health",
        "run the checks of the last verification again (changes nothing)",
        is_step=False,
    ),
    Verb(
        "doctor",
        "checks.doctor",
        "walk the way of a call, name the first broken link (changes nothing; leaves no room)",
        "[json [SECONDS]]",
        is_step=False,
    ),
    Verb("look", "checks.look", f"run some checks once {STDIN}", is_step=False),
    Verb(
        "opening",
        "bridge.opening",
        "have the bridge expect one participant until stdin ends (changes nothing)",
        is_step=False,
    ),
    Verb(
        "walk",
        "checks.walk",
        f"put together what several machines found of a call {STDIN}",
        is_step=False,
    ),
    Verb(
        "owed",
        "owed.owed",
        "list restarts that wait, and until when (changes nothing)",
        "[--json]",
        is_step=False,
    ),
    Verb(
        "pay-owed",
        "paying.pay",
        "do restarts that wait, if their time has come; now: at once",
        "[now]",
        is_step=False,
    ),
    Verb("people", "checks.people", "count the people in conferences now (changes nothing)", is_step=False),
    Verb(
        "drop-former-accounts",
        "prosody.former_accounts",
        "delete accounts that a rotation replaced, end their sessions",
        "[WORD]",
    ),
    Verb("drain", "bridge.drain", f"move participants off this bridge, then stop it {STDIN}"),
    Verb(
        "drain-recorder",
        "recorder.drain_recorder",
        f"upload every recording, then stop jibri {STDIN}",
    ),
    Verb(
        "upload",
        "recorder.upload",
        "upload recordings to the bucket; run by a timer",
        "FILE",
        of_unit=True,
        is_step=False,
    ),
    Verb(
        "recorder",
        "recorder.recorder",
        "prepare or stop jibri, watch its disk, retry uploads",
        "prepare|stop|guard|retry FILE",
        of_unit=True,
        is_step=False,
    ),
    Verb("drift", "drift.drift", "list differences from what was deployed (changes nothing)", is_step=False),
    Verb(
        "metrics",
        "checks.metrics",
        "write metrics for the node exporter; run by a timer",
        "WANTED TARGET",
        of_unit=True,
        is_step=False,
    ),
    Verb(
        "watchdog",
        "watchdog.watchdog",
        "look for what daemons do not notice, and act by its rules; run by a unit",
        "FILE",
        of_unit=True,
        is_step=False,
    ),
    Verb(
        "kernel",
        "system.kernel",
        "raise kernel limits to those in FILE; without FILE, undo that",
        "[FILE]",
        of_unit=True,
        is_step=False,
    ),
    Verb(
        "take-over",
        "takeover.take_over",
        "show: say what of a Jitsi of your own is here (changes nothing); now: stop it, put it aside",
        "show|now",
        is_step=False,
    ),
    Verb(
        "give-back",
        "takeover.give_back",
        "put that Jitsi back as it was, once the deployment has gone",
        is_step=False,
    ),
    Verb("remove", "apply.remove", "remove the files and units of a group; restore what was there", "GROUP"),
    Verb(
        "remove-packages",
        "packages.remove_packages",
        "remove the packages and repositories that were installed",
    ),
    Verb(
        "uninstall",
        "uninstall",
        "remove this helper, once no group and no package is left",
        is_step=False,  # the last one
    ),
]


def find(arguments: list[str]) -> Verb | None:
    """The verb that these words call; None where there is none, or it takes other words."""
    return next((v for v in VERBS if [v.name] == arguments[:1] and v.takes(arguments[1:])), None)


def mistake(name: str) -> str:
    """What is wrong with a call that `find` does not know."""
    verb = next((v for v in VERBS if v.name == name), None)
    if verb is None:
        return f"audio-meet: there is no verb {name}"
    return f"audio-meet: call it as: audio-meet {verb.name} {verb.operands}".rstrip()


def usage() -> str:
    """One line for each verb."""
    width = 23
    lines = []
    for verb in VERBS:
        call = f"{verb.name} {verb.operands}".strip()
        separator = " " if len(call) <= width else "\n" + " " * (width + 3)
        lines.append(f"  {call:<{width}}{separator}{verb.summary}")
    word = "WORD has no effect here: the deployment changes it to run a verb again."
    return "\n".join(["usage: audio-meet VERB", *lines, word])
