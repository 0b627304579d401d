"""The `verify` verb: ask the daemons themselves whether the host does what it is for.

A unit that is active and a health page that says 200 prove little: both stay so with a wrong password.
"""

from __future__ import annotations

import time
import traceback
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..apply import edits
from ..network import http_local
from ..system import manifest
from ..system.errors import HostError, RefusedError
from ..system.root import Root
from ..system.state import FOLDER, State, read_json, write_private
from .kinds import table

Json = dict[str, Any]
# The document of the last verification that a deployment asked for.
LAST = f"{FOLDER}/verification.json"
# Long enough for answers that are late on a busy machine, and for one round of jicofo's own health check.
AGAIN_SECONDS = 30
# Asked again at every round; the others count once they have held.
CHEAP = ("unit", "listening", "localAddress", "errors")


@dataclass(frozen=True)
class VerifyManifest:
    """The checks, and how long the host may take to pass them."""

    checks: list[Json]
    timeout_seconds: float


def parse(value: Json) -> VerifyManifest:
    """The manifest of the `verify` step."""
    manifest.fields(value, "verify", {"checks": list, "timeoutSeconds": float})
    for number, check in enumerate(value["checks"]):
        kind = check.get("kind") if isinstance(check, dict) else None
        if kind not in table.KINDS:
            raise manifest.broken(f"checks[{number}].kind", f"{kind!r} is not known to this helper")
        _, required, optional = table.KINDS[kind]
        manifest.fields(check, f"checks[{number}]", {"kind": str, **required}, optional)
    return VerifyManifest(value["checks"], float(value["timeoutSeconds"]))


class Result(NamedTuple):
    """What a check found; `is_final`: waiting changes nothing, and only what is cheap is asked again."""

    ok: bool
    detail: str
    is_final: bool = False


def verify(root: Root, wanted: VerifyManifest) -> Json:
    """Ask until every check holds or the time is over; returns the health summary of the host."""
    deadline = time.monotonic() + wanted.timeout_seconds
    results = [Result(False, "not asked yet")] * len(wanted.checks)
    while True:
        for number, check in enumerate(wanted.checks):
            if check["kind"] in CHEAP or not (results[number].ok or results[number].is_final):
                results[number] = _ask(root, check)
        waiting = [result for result in results if not result.ok]
        if all(result.is_final for result in waiting) or time.monotonic() >= deadline:
            break
        time.sleep(root.poll_seconds)
    asked = [
        {"check": table.title(check), "ok": result.ok, "detail": result.detail}
        for check, result in zip(wanted.checks, results, strict=True)
    ]
    as_of = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    summary = {"host": root.host(), "asOf": as_of, "healthy": not waiting, "checks": asked}
    return {**summary, "edited": list(edits.everywhere(root))}


def _ask(root: Root, check: Json) -> Result:
    """A check that could not be asked, or whose answer cannot be read, does not hold, and is asked again."""
    try:
        ok, detail = table.KINDS[check["kind"]][0](root, check)
    except RefusedError as error:
        return Result(False, str(error), is_final=True)
    except OSError as error:
        return Result(False, error.strerror or str(error))
    except (HostError, http_local.UnreachableError) as error:
        said = f"{error.what}: {error.cause}" if isinstance(error, HostError) else str(error)
        return Result(False, f"not known: {said}")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # no values, which may be secret
        where = traceback.extract_tb(error.__traceback__)[-1].name
        return Result(False, f"not known: the answer cannot be read ({type(error).__name__} in {where})")
    # a line in a log does not go away by waiting
    return Result(ok, detail, is_final=check["kind"] == "errors")


def remember(root: Root, document: Json) -> None:
    """Keep what this host was asked, for `again`."""
    file, data = root.path(LAST), manifest.dump(document)
    if not file.is_file() or file.read_bytes() != data:
        State(root).prepare()
        write_private(file, data)


def again(root: Root) -> VerifyManifest:
    """What this host was asked the last time, for once more; with less patience: nothing changed."""
    document = read_json(root.path(LAST))
    if document is None:
        raise HostError("verification", "this host was never verified", "pulumi up verifies it")
    wanted = parse(document)
    return VerifyManifest(wanted.checks, min(wanted.timeout_seconds, AGAIN_SECONDS))
