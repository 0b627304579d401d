"""Asks several checks once and side by side, for whoever waits for the answer."""

from __future__ import annotations

import json
import queue
import threading
import time

from ..system import documents
from ..system.documents import Json
from ..system.root import Root
from .kinds import table
from .verify import Result, ask, known

# Side by side: more would make a small machine the cause of what they find.
WORKERS = 8
# What a check that waits until its time is over needs to say so before it is given up.
LAST_WORD_SECONDS = 0.5


def parse(value: Json, where: str) -> dict[str, list[Json]]:
    """Checks by link of a call's way."""
    for link, checks in value.items():
        if not isinstance(checks, list):
            raise documents.broken(f"{where}.{link}", "must be a list of checks")
        for number, check in enumerate(checks):
            known(check, f"{where}.{link}[{number}]")
    return value


def look(root: Root, way: dict[str, list[Json]], seconds: float) -> list[Json]:
    """What each check finds: `{link, check, ok, detail, remedy}`, in the order of the way.

    One that has no answer when the time is over does not hold: a participant would wait no longer.
    """
    asked = [(link, check) for link, checks in way.items() for check in checks]
    found: dict[int, Json] = {}
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(asked)):
        waiting.put(number)

    def work() -> None:
        while True:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            result = _ask_until(deadline, root, asked[number][1])
            found[number] = {"ok": result.ok, "detail": result.detail}

    deadline = time.monotonic() + seconds
    # daemons: a check that hangs does not keep the process
    workers = [threading.Thread(target=work, daemon=True) for _ in range(min(WORKERS, len(asked)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(max(0.0, deadline - time.monotonic()))
    late = {"ok": False, "detail": f"no answer within {seconds:g} s"}
    return [_finding(link, check, found.get(number, late)) for number, (link, check) in enumerate(asked)]


def _ask_until(deadline: float, root: Root, check: Json) -> Result:
    """A check that knows how long it may take ends in time to say what it waited for."""
    if "seconds" in table.KINDS[check["kind"]].optional:
        check = {**check, "seconds": deadline - LAST_WORD_SECONDS - time.monotonic()}
    return ask(root, check)


def _finding(link: str, check: Json, result: Json) -> Json:
    title = table.KINDS[check["kind"]].title(check)
    return {"link": link, "check": title, **result, "remedy": table.remedy(title)}


def run(root: Root, _arguments: list[str]) -> int:
    """The verb `look`, for the document on stdin: what is found, as JSON."""
    document = documents.from_stdin()
    documents.fields(document, "look", {"way": dict, "seconds": float})
    findings = look(root, parse(document["way"], "way"), float(document["seconds"]))
    print(json.dumps({"findings": findings}, separators=(",", ":")), flush=True)
    return 0
