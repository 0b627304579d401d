"""The `verify` verb: ask the daemons themselves whether the host does what it is for.

A unit that is active and a health page that says 200 prove little: both stay so with a wrong password.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..edits import found
from ..network import http_local
from ..owed import owed, store
from ..system import documents
from ..system.documents import Json
from ..system.errors import HostError, RefusedError
from ..system.root import Root
from ..system.state import VERIFIED, State, read_json, write_private
from ..watchdog import book
from .kinds import table

# How long checks are waited for that may have to wait for a restart: daemons that have just started are up.
PENDING_SECONDS = 20


@dataclass(frozen=True)
class VerifyManifest:
    """The checks, and how long the host may take to pass them."""

    checks: list[Json]
    timeout_seconds: float


def parse(value: Json) -> VerifyManifest:
    """The manifest of the `verify` step."""
    # `way` is for the doctor, who reads it when he is asked
    documents.fields(value, "verify", {"checks": list, "timeoutSeconds": float}, {"way": dict})
    for number, check in enumerate(value["checks"]):
        known(check, f"checks[{number}]")
    return VerifyManifest(value["checks"], float(value["timeoutSeconds"]))


def known(check: Any, where: str) -> None:
    """Refuse a check that has another kind or other fields than this helper knows."""
    kind = check.get("kind") if isinstance(check, dict) else None
    if kind not in table.KINDS:
        raise documents.broken(f"{where}.kind", f"{kind!r} is unknown to this helper")
    one = table.KINDS[kind]
    documents.fields(check, where, {"kind": str, **one.required}, one.optional)


class Result(NamedTuple):
    """What a check found; `is_final`: waiting changes nothing, so it is asked again only with others."""

    ok: bool
    detail: str
    is_final: bool = False


def verify(root: Root, wanted: VerifyManifest, pending: list[Json]) -> Json:
    """Ask until every check holds or the time is over; returns the health summary of the host.

    `pending`: checks that may hold only after a restart that is owed; they are waited for less long.
    """
    began = time.monotonic()
    deadline = began + wanted.timeout_seconds
    patience = began + min(PENDING_SECONDS, wanted.timeout_seconds)
    results = [Result(False, "not checked yet")] * len(wanted.checks)
    last = [n for n, check in enumerate(wanted.checks) if table.KINDS[check["kind"]].asked_last]
    others = [n for n in range(len(wanted.checks)) if n not in last]
    while True:
        _ask_round(root, wanted.checks, results, others)
        failed = [n for n in others if _is_open(results[n])]
        is_turn_of_last = _are_in(pending, wanted, failed) or time.monotonic() >= deadline
        if is_turn_of_last:
            _ask_round(root, wanted.checks, results, last)
            failed += [n for n in last if _is_open(results[n])]
        limit = patience if _are_in(pending, wanted, failed) else deadline
        if not failed or (is_turn_of_last and time.monotonic() >= limit):
            break
        time.sleep(root.poll_seconds)
    asked = [_told(check, result, pending) for check, result in zip(wanted.checks, results, strict=True)]
    as_of = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    healthy = all(one["ok"] for one in asked)
    summary = {"host": root.host(), "asOf": as_of, "healthy": healthy, "checks": asked}
    owing = owed.lines(root)
    summary |= {"edited": list(found.everywhere(root)), "watchdog": book.lately(root)}
    return {**summary, **({"owed": owing} if owing else {})}


def _are_in(pending: list[Json], wanted: VerifyManifest, numbers: list[int]) -> bool:
    return all(wanted.checks[number] in pending for number in numbers)


def _is_open(result: Result) -> bool:
    """Whether it may hold yet."""
    return not (result.ok or result.is_final)


def _ask_round(root: Root, checks: list[Json], results: list[Result], numbers: list[int]) -> None:
    """Ask those that have not held yet, and those that are asked in each round."""
    for number in numbers:
        if table.KINDS[checks[number]["kind"]].each_round or _is_open(results[number]):
            results[number] = ask(root, checks[number])


def _told(check: Json, result: Result, pending: list[Json]) -> Json:
    """A check in the summary. One that waits for a restart is not what is wrong with a host."""
    title = table.KINDS[check["kind"]].title(check)
    if not result.ok and check in pending:
        return {"check": title, "ok": True, "detail": f"waits for a restart that is owed: {result.detail}"}
    return {"check": title, "ok": result.ok, "detail": result.detail}


def ask(root: Root, check: Json) -> Result:
    """A check that could not be asked, or whose answer cannot be read, does not hold, and is asked again."""
    kind = table.KINDS[check["kind"]]
    try:
        ok, detail = kind.run(root, check)
    except RefusedError as error:
        return Result(False, str(error), is_final=True)
    except OSError as error:
        return Result(False, error.strerror or str(error))
    except http_local.UnreachableError as error:
        return Result(False, str(error))
    except HostError as error:
        return Result(False, f"cannot tell: {error.what}: {error.cause}")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # no values, which may be secret
        where = traceback.extract_tb(error.__traceback__)[-1].name
        return Result(False, f"cannot tell: the answer cannot be read ({type(error).__name__} in {where})")
    return Result(ok, detail, is_final=kind.is_final)


def remember(root: Root, document: Json) -> None:
    """Keep what this host was asked, for `again`."""
    file, data = root.path(VERIFIED), documents.dump(document)
    if not file.is_file() or file.read_bytes() != data:
        State(root).prepare()
        write_private(file, data)


def report(root: Root, summary: Json) -> int:
    """Print the summary as JSON, and on stderr what to do about each check that failed. The exit code."""
    print(json.dumps(summary, separators=(",", ":")), flush=True)
    for failed in (check for check in summary["checks"] if not check["ok"]):
        remedy = table.remedy(failed["check"])
        print(HostError(failed["check"], failed["detail"], remedy).line(root.host()), file=sys.stderr)
    for path, words in found.everywhere(root).items():
        print(f"note: {path} {words}", file=sys.stderr)
    for words in summary["watchdog"]:
        print(f"note: watchdog: {words}", file=sys.stderr)
    return 0 if summary["healthy"] else 1


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `verify`, for the document on stdin."""
    document = documents.from_stdin()
    wanted = parse(document)
    pending = _pending(root, wanted)
    remember(root, document)
    summary = verify(root, wanted, pending)
    if summary["healthy"]:
        store.verified(root)
    return report(root, summary)


def _pending(root: Root, wanted: VerifyManifest) -> list[Json]:
    """Checks that came since something is owed: they may be about what is not there yet. The others hold."""
    if not store.entries(root):
        return []
    before = (read_json(root.path(VERIFIED)) or {}).get("checks", [])
    known = [check for check in before if check not in store.pending_checks(root)]
    pending = [check for check in wanted.checks if check not in known]
    store.keep_checks(root, pending)
    return pending
