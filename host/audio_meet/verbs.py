"""What each verb does with its arguments and its document on stdin; every verb returns the exit code."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable

from .apply import apply, edits, remove
from .bridge import drain
from .certificate import certificate
from .checks import drift, metrics, verify
from .checks.kinds import table
from .packages import packages, remove_packages
from .preflight import preflight
from .prosody import former_accounts
from .recorder import drain_recorder, recorder, upload, upload_config
from .system import kernel, manifest, size
from .system.errors import HostError
from .system.root import Root


def _say(root: Root, text: str) -> int:
    parts = [*([text] if text else []), *(f"note: {note}" for note in root.notes)]
    # what a timer runs has often nothing to say
    if parts:
        print("; ".join(parts))
    return 0


def _stdin() -> manifest.Json:
    return manifest.load(sys.stdin.read())


def _files(root: Root, arguments: list[str]) -> int:
    group = manifest.file_group(_stdin())
    with root.lock(f"{arguments[0]} {group.name}"):
        return _say(root, apply.apply(root, group, secret=arguments[0] == "secrets"))


def _preflight(root: Root, _arguments: list[str]) -> int:
    look = preflight.survey(root, preflight.parse(_stdin()))
    if not look.findings:
        return _say(root, "nothing speaks against it")
    for note in root.notes:
        print(f"note: {note}", file=sys.stderr)
    for finding in look.findings:
        print(finding.line(root.host()), file=sys.stderr)
    return 1


def _packages(root: Root, arguments: list[str]) -> int:
    wanted = packages.parse(_stdin())
    with root.lock(arguments[0]):
        return _say(root, packages.install(root, wanted))


def _certificate(root: Root, arguments: list[str]) -> int:
    wanted = certificate.parse(_stdin())
    with root.lock(arguments[0]):
        return _say(root, certificate.converge(root, wanted))


def _renew_certificate(root: Root, arguments: list[str]) -> int:
    with root.lock(arguments[0]):
        return _say(root, certificate.renew(root, force=arguments[1:] == ["now"]))


def _remove_certificate(root: Root, arguments: list[str]) -> int:
    with root.lock(arguments[0]):
        return _say(root, certificate.remove(root))


def _remove_packages(root: Root, arguments: list[str]) -> int:
    with root.lock(arguments[0]):
        return _say(root, remove_packages.remove(root))


def _remove(root: Root, arguments: list[str]) -> int:
    with root.lock(" ".join(arguments)):
        return _say(root, remove.remove_group(root, arguments[1]))


def _drop_former_accounts(root: Root, arguments: list[str]) -> int:
    with root.lock(arguments[0]):
        return _say(root, former_accounts.drop(root))


def _uninstall(root: Root, arguments: list[str]) -> int:
    with root.lock(arguments[0]):
        return _say(root, remove.uninstall(root))


def _verify(root: Root, _arguments: list[str]) -> int:
    document = _stdin()
    wanted = verify.parse(document)
    verify.remember(root, document)
    return _health_of(root, verify.verify(root, wanted))


def _health(root: Root, _arguments: list[str]) -> int:
    return _health_of(root, verify.verify(root, verify.again(root)))


def _health_of(root: Root, summary: manifest.Json) -> int:
    print(json.dumps(summary, separators=(",", ":")), flush=True)
    for failed in (check for check in summary["checks"] if not check["ok"]):
        remedy = table.remedy(failed["check"])
        print(HostError(failed["check"], failed["detail"], remedy).line(root.host()), file=sys.stderr)
    for path, words in edits.everywhere(root).items():
        print(f"note: {path} {words} it was applied", file=sys.stderr)
    return 0 if summary["healthy"] else 1


def _answer(root: Root, _arguments: list[str]) -> int:
    check = _stdin()
    print(json.dumps(table.AS_UNIT[check["kind"]](root, check)))
    return 0


def _drift(root: Root, _arguments: list[str]) -> int:
    found = drift.drift(root)
    print(json.dumps(found, separators=(",", ":")))
    return 2 if found["drift"] else 0


def _size(root: Root, _arguments: list[str]) -> int:
    print(json.dumps(size.size_report(root), separators=(",", ":")))
    return 0


def _metrics(root: Root, arguments: list[str]) -> int:
    return _say(root, metrics.write(root, arguments[1], arguments[2]))


def _kernel(root: Root, arguments: list[str]) -> int:
    file = arguments[1:]
    return _say(root, kernel.raise_values(root, file[0]) if file else kernel.restore(root))


def _drain(root: Root, _arguments: list[str]) -> int:
    return _say(root, drain.drain(root, drain.parse(_stdin())))


def _drain_recorder(root: Root, _arguments: list[str]) -> int:
    return _say(root, drain_recorder.drain(root, _stdin()))


def _upload(root: Root, arguments: list[str]) -> int:
    return _say(root, upload.upload(root, upload_config.read(root, arguments[1])))


def _recorder(root: Root, arguments: list[str]) -> int:
    return _say(root, AROUND_JIBRI[arguments[1]](root, upload_config.read(root, arguments[2])))


AROUND_JIBRI = {
    "prepare": recorder.prepare,
    "stop": recorder.stop,
    "guard": recorder.guard,
    "retry": recorder.retry,
}
VERBS: dict[str, Callable[[Root, list[str]], int]] = {
    "preflight": _preflight,
    "packages": _packages,
    "secrets": _files,
    "files": _files,
    "certificate": _certificate,
    "renew-certificate": _renew_certificate,
    "remove-certificate": _remove_certificate,
    "verify": _verify,
    "health": _health,
    "answer": _answer,
    "drift": _drift,
    "size": _size,
    "drain": _drain,
    "drain-recorder": _drain_recorder,
    "upload": _upload,
    "recorder": _recorder,
    "metrics": _metrics,
    "kernel": _kernel,
    "drop-former-accounts": _drop_former_accounts,
    "remove": _remove,
    "remove-packages": _remove_packages,
    "uninstall": _uninstall,
}
