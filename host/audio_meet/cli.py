"""The command `audio-meet VERB`: runs the verb, prints one line, whatever went wrong."""

from __future__ import annotations

import os
import sys
import traceback

from .system import ssh_limits
from .system.errors import HostError
from .system.root import Root
from .verbs import AROUND_JIBRI, VERBS

USAGE = """usage: audio-meet VERB
  preflight [WORD] whether this host can take what is asked (manifest on stdin; changes nothing)
  packages         install packages                      (manifest on stdin)
  secrets          bring a group of secret files          (manifest on stdin)
  files [WORD]     bring a group of files                 (manifest on stdin)
  certificate      have a certificate issued and served   (manifest on stdin)
  renew-certificate [now]  renew it if it is in its last third; what the timer runs
  remove-certificate  close the account at the authority, forget the certificate
  verify [WORD]    wait until everything holds            (manifest on stdin)
  answer           one check, for the unit that runs this (the check on stdin)
  health           ask once more what was verified last
  drop-former-accounts [WORD]  delete accounts that were replaced by others, and end their sessions
  drain            empty a bridge, then stop it           (manifest on stdin)
  drain-recorder   bring every recording to the bucket, then stop jibri (manifest on stdin)
  upload FILE      bring what is recorded to the bucket; what the timer runs
  recorder prepare|stop|guard|retry FILE  what happens around jibri; what its units run
  drift            compare the host with what was applied (changes nothing)
  metrics WANTED TARGET  write figures of our own for the node exporter
  kernel [FILE]    raise limits of the kernel to those of a file; without it, give them back
  size [WORD]      print cores and memory
  remove GROUP     remove a group's files and units
  remove-packages  remove packages and repositories that were added
  uninstall        remove this helper when it manages nothing any more
WORD says what the run is for and has no effect: another one makes the deployment run the verb again."""

# Verbs with more words than their own, and how many all in all.
WORDS = {
    **dict.fromkeys(("preflight", "files", "verify", "size", "renew-certificate", "kernel"), (1, 2)),
    "drop-former-accounts": (1, 2),
    **dict.fromkeys(("remove", "upload"), (2,)),
    **dict.fromkeys(("metrics", "recorder"), (3,)),
}
# What units run keeps the mask that they say. Everything else has that of root's login, which some servers
# close (UMASK in login.defs): daemons would not get at folders of ours, nor at what is unpacked.
OF_UNITS = ("answer", "kernel", "metrics", "recorder", "renew-certificate", "upload")
# What no step of a deployment runs, and the last one, after which none comes.
NOT_STEPS = (*OF_UNITS, "drift", "health", "uninstall")


def main(arguments: list[str], root: Root | None = None) -> int:
    """Run one verb; returns the exit code (0 done, 1 error, 2 drift found)."""
    root = root or Root()
    verb = arguments[0] if arguments else "--help"
    if not _is_known(verb, arguments):
        print(USAGE, file=sys.stdout if verb in ("--help", "-h") else sys.stderr)
        return 0 if verb in ("--help", "-h") else 1
    if verb not in OF_UNITS:
        os.umask(0o022)

    def run() -> int:
        return VERBS[verb](root, arguments)

    try:
        return run() if verb in NOT_STEPS else ssh_limits.within(root, run)
    except HostError as error:
        line = error.line(root.host())
    except OSError as error:
        what = str(error.filename or verb)
        line = HostError(what, error.strerror or "failed", "see the host's disk and its log").line(
            root.host()
        )
    except Exception as error:  # a fault of ours: say where, but no values, which may be secret
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} in {frame.name}, {frame.filename}:{frame.lineno}"
        line = HostError(verb, f"unexpected {where}", "report this line").line(root.host())
    for note in root.notes:
        print(f"note: {note}", file=sys.stderr)
    print(line, file=sys.stderr)
    return 1


def _is_known(verb: str, arguments: list[str]) -> bool:
    if verb not in VERBS or len(arguments) not in WORDS.get(verb, (1,)):
        return False
    return verb != "recorder" or arguments[1] in AROUND_JIBRI
