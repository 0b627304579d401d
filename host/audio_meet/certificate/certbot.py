"""certbot, driven without questions and in folders of our own.

What others do with certbot on this host stays theirs.
"""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import dataclass, field

from ..network import way_out
from ..system import documents
from ..system.documents import Json
from ..system.errors import HostError
from ..system.root import Result, Root

FOLDER = "/var/lib/audio-meet/acme"
# A folder beside it for test runs, so that nothing of a test authority is ever taken for the real one.
REHEARSAL = "/var/lib/audio-meet/acme-rehearsal"
WEBROOT = "/var/www/acme"
NAME = "audio-meet"
LINEAGE = f"{FOLDER}/config/live/{NAME}"
# An authority answers within seconds; one that is gone must not hold a deployment up for longer than this.
TIMEOUT_SECONDS = 240
FAREWELL_SECONDS = 60
KEPT_LOGS = 20
# What certbot says after the reason.
CHATTER = re.compile(
    r"^(Ask for help|See the logfile|Saving debug log|Some challenges|Hint:|Please see|-+$|The Certificate)"
)


@dataclass(frozen=True)
class CertificateManifest:
    """What the `certificate` step sends."""

    names: list[str]
    contact: str
    server: str
    addresses: list[str]
    certificate: str
    key: str
    units: list[str]
    rehearsal_server: str | None = None
    authorities: str | None = None
    eab_key_id: str | None = None
    eab_key_file: str | None = None
    document: Json = field(default_factory=dict, compare=False)


def parse(value: Json) -> CertificateManifest:
    """The manifest of the `certificate` step."""
    texts = dict.fromkeys(("contact", "server", "certificate", "key"), str)
    lists = dict.fromkeys(("names", "addresses", "units"), list)
    optional = {"rehearsalServer": str, "authorities": str, "externalAccount": dict}
    documents.fields(value, "certificate", {**texts, **lists}, optional)
    account = value.get("externalAccount") or {}
    if account:
        documents.fields(account, "certificate.externalAccount", {"keyId": str, "keyFile": str})
    return CertificateManifest(
        names=value["names"],
        contact=value["contact"],
        server=value["server"],
        addresses=value["addresses"],
        certificate=value["certificate"],
        key=value["key"],
        units=value["units"],
        rehearsal_server=value.get("rehearsalServer"),
        authorities=value.get("authorities"),
        eab_key_id=account.get("keyId"),
        eab_key_file=account.get("keyFile"),
        document=value,
    )


def rehearse(root: Root, wanted: CertificateManifest) -> None:
    """A test run at the test server: everything but a certificate. Raises HostError with the reason."""
    server = str(wanted.rehearsal_server)
    _ask(root, wanted, server, REHEARSAL, "--dry-run")
    shutil.rmtree(root.path(REHEARSAL), ignore_errors=True)


def issue(root: Root, wanted: CertificateManifest) -> None:
    """A new certificate from the authority, in our folder. Raises HostError with the reason."""
    _ask(root, wanted, wanted.server, FOLDER, "--force-renewal", "--renew-with-new-domains")


def unregister(root: Root, old: CertificateManifest) -> None:
    """Close the account at the authority; what it does not hear of is only a note."""
    if not any(root.path(f"{FOLDER}/config/accounts").glob("*/*/*")) or not root.has("certbot"):
        return
    options = ["unregister", *_common(old.server, FOLDER)]
    environment = _environment(root, old, old.server)
    result = root.run(["certbot", *options], timeout_seconds=FAREWELL_SECONDS, env=environment)
    if result.code != 0:
        root.note(f"the account at {old.server} could not be closed: {reason(result)}")


def update_contact(root: Root, wanted: CertificateManifest) -> None:
    """Tell the authority another address."""
    options = ["update_account", "--no-eff-email", "--email", wanted.contact, *_common(wanted.server, FOLDER)]
    environment = _environment(root, wanted, wanted.server)
    result = root.run(["certbot", *options], timeout_seconds=FAREWELL_SECONDS, env=environment)
    if result.code != 0:
        root.note(f"the new contact could not be set at {wanted.server}: {reason(result)}")


def reason(result: Result) -> str:
    """Why certbot failed, without what it always says."""
    lines = [" ".join(line.split()) for line in (result.out + "\n" + result.err).splitlines()]
    details = [line.removeprefix("Detail: ") for line in lines if line.startswith("Detail: ")]
    if details:
        return details[0][:400]
    telling = [line for line in lines if line and not CHATTER.match(line)]
    errors = [line for line in telling if re.search(r"error|acme:|refused|timed out|unable", line, re.I)]
    return (errors or telling or [result.last_line()])[-1][:400]


def _ask(root: Root, wanted: CertificateManifest, server: str, folder: str, *more: str) -> None:
    root.path(WEBROOT).mkdir(parents=True, exist_ok=True, mode=0o755)
    names = [word for name in wanted.names for word in ("-d", name)]
    options = ["--agree-tos", "--no-eff-email", "--email", wanted.contact, "--key-type", "ecdsa"]
    options += ["--webroot", "-w", str(root.path(WEBROOT)), "--cert-name", NAME, *names]
    secret = _eab_file(root, wanted)
    account = ["--config", secret] if secret else []
    began = time.monotonic()
    result = root.run(
        ["certbot", "certonly", *account, *_common(server, folder), *options, *more],
        timeout_seconds=TIMEOUT_SECONDS,
        env=_environment(root, wanted, server),
    )
    if result.code == 0:
        return
    took = f"after {time.monotonic() - began:.0f} s"
    raise HostError(
        f"certificate for {', '.join(wanted.names)}",
        f"{server} issued none ({took}): {reason(result)}",
        f"nothing else was changed; correct this and try again; certbot's log is in {folder}/logs",
    )


def _common(server: str, folder: str) -> list[str]:
    places = [word for part in ("config", "work", "logs") for word in (f"--{part}-dir", f"{folder}/{part}")]
    return ["--non-interactive", "--server", server, "--max-log-backups", str(KEPT_LOGS), *places]


def _environment(root: Root, wanted: CertificateManifest, server: str) -> dict[str, str]:
    own = {"REQUESTS_CA_BUNDLE": str(root.path(wanted.authorities))} if wanted.authorities else {}
    return {**way_out.of(root).environment(server), **own}


def _eab_file(root: Root, wanted: CertificateManifest) -> str | None:
    """certbot's own settings file for the external account: a key in argv would show in `ps`."""
    return str(root.path(wanted.eab_key_file)) if wanted.eab_key_file else None
