"""The verb `certificate`: a certificate from an ACME authority, in place and served.

Daemons never wait for it: their first certificate comes with the other files, the issued one takes its place.
"""

from __future__ import annotations

import time

from ..edits import kept
from ..network import dns, sockets, way_out
from ..system import documents, files
from ..system.documents import Json
from ..system.errors import HostError
from ..system.manifest import FileSpec
from ..system.root import Root
from ..system.state import FOLDER, State, read_json, write_private
from ..system.summary import say
from ..units import settle
from . import certbot, expiry
from .certbot import CertificateManifest

RECORD = f"{FOLDER}/certificate.json"


def parse(value: Json) -> CertificateManifest:
    """The manifest of the `certificate` step."""
    return certbot.parse(value)


def converge(root: Root, wanted: CertificateManifest, *, force: bool = False) -> str:
    """Have the certificate issued, in place and served; returns the summary. Twice in a row changes nothing.

    A failure leaves what was served before, and is finished by the next run.
    """
    State(root).prepare()
    record = load(root)
    old = certbot.parse(record["manifest"]) if record.get("manifest") else None
    record["manifest"] = wanted.document
    save(root, record)
    _settle_account(root, old, wanted)
    order = {"server": wanted.server, "names": wanted.names}
    issued = ""
    if force or record.get("issued") != order or expiry.is_due(root):
        try:
            _issue(root, wanted, record, order)
        except HostError as error:
            _failed(root, record, error)
            raise
        issued = f"issued for {', '.join(wanted.names)} by {wanted.server}"
    told = publish(root, wanted, record)
    parts = [part for part in (issued, told) if part]
    return "; ".join([*parts, f"{expiry.days_left(root)} days left"]) if parts else "nothing to change"


def load(root: Root) -> Json:
    """What is known about the certificate of this host; empty where none was asked for."""
    return read_json(root.path(RECORD)) or {}


def save(root: Root, record: Json) -> None:
    """Remember it, readable by root alone."""
    if load(root) != record:
        write_private(root.path(RECORD), documents.dump(record))


def _settle_account(root: Root, old: CertificateManifest | None, wanted: CertificateManifest) -> None:
    """Another authority or external account: the old account is closed. Another contact: it is told."""
    if old is None:
        return
    if (old.server, old.eab_key_id) != (wanted.server, wanted.eab_key_id):
        certbot.unregister(root, old)
    elif old.contact != wanted.contact and load(root).get("issued"):
        certbot.update_contact(root, wanted)


def _issue(root: Root, wanted: CertificateManifest, record: Json, order: Json) -> None:
    check_names(root, wanted)
    if wanted.rehearsal_server and record.get("issued") != order and record.get("rehearsed") != order:
        certbot.rehearse(root, wanted)
        record["rehearsed"] = order
        save(root, record)
    certbot.issue(root, wanted)
    record["issued"] = order
    for key in ("failures", "failedAt", "reason"):
        record.pop(key, None)
    save(root, record)


def check_names(root: Root, wanted: CertificateManifest) -> None:
    """Every name resolves to this host and to no other address, said before an authority is asked."""
    local = {a for a in sockets.local_addresses(root) if not a.startswith(("127.", "::1", "fe80"))}
    expected = {*wanted.addresses, *local}
    troubles, records = [], []
    for name in wanted.names:
        found = _addresses(root, wanted, name)
        if found is None:
            continue
        wrong = [address for address in found if address not in expected]
        if not found:
            troubles.append(f"{name} has no address")
        elif wrong:
            troubles.append(f"{name} resolves to {', '.join(wrong)}")
        if wrong or not found:
            kind = "AAAA" if ":" in wanted.addresses[0] else "A"
            records.append(f"{name}. {kind} {wanted.addresses[0]}")
    if troubles:
        raise HostError(
            "DNS",
            f"{'; '.join(troubles)}; no certificate was requested",
            f"set {' and '.join(records)}, and no other address for it; then try again",
        )


def _addresses(root: Root, wanted: CertificateManifest, name: str) -> list[str] | None:
    """What the DNS has for a name. None, and a note, where that is not known here: behind a proxy a host may
    have no DNS at all, or one that knows the names of its own network alone."""
    is_proxied = way_out.of(root).proxy_of(wanted.server) is not None
    cause = f"DNS for {name}: this host's DNS servers return no address"
    try:
        found = dns.addresses(root, name)
    except HostError as error:
        if not is_proxied:
            raise
        found, cause = [], f"{error.what}: {error.cause}"
    if found or not is_proxied:
        return found
    root.note(f"{cause}; this host uses a proxy, so the certificate was requested anyway")
    return None


def _failed(root: Root, record: Json, error: HostError) -> None:
    record["failures"] = int(record.get("failures", 0)) + 1
    record["failedAt"] = int(time.time())
    record["reason"] = f"{error.what}: {error.cause}"
    save(root, record)


def publish(root: Root, wanted: CertificateManifest, record: Json) -> str:
    """Put certificate and key where daemons read them, and reload those that run; says what it did."""
    changed = [spec for spec in _specs(root, wanted) if files.observe(root, spec.path) != files.wanted(spec)]
    if not changed and not record.get("reload"):
        return ""
    published = record.get("published", {})
    for spec in changed:
        if spec.path in published:
            applied = {spec.path: {**files.wanted(spec), "sha256": published[spec.path]}}
            kept.put_aside(root, applied, applied, secret=spec.path == wanted.key)
    # noted first: a run that is interrupted between the files and the reload is finished by the next one
    record["reload"] = wanted.units
    save(root, record)
    for spec in changed:
        files.make_folders(root, spec.path)
        files.stage(root, spec)
    for spec in changed:
        files.publish(root, spec.path)
    done = settle.Done()
    settle.settle(root, settle.Wish(run=[], actions=dict.fromkeys(wanted.units, "reload")), done)
    del record["reload"]
    record["published"] = {spec.path: files.digest(spec.content) for spec in _specs(root, wanted)}
    save(root, record)
    told = [name.removesuffix(".service") for verb, name in done.verbs if verb == "reload"]
    return f"reloaded: {', '.join(told)}" if told else "unchanged"


def published(root: Root, record: Json) -> Json:
    """What was last put where daemons read it, as files of a group are recorded."""
    owner, group = root.default_owner
    rights = {"owner": owner, "group": group}
    key = record.get("manifest", {}).get("key")
    digests = record.get("published", {})
    return {p: {"sha256": d, "mode": "0600" if p == key else "0644", **rights} for p, d in digests.items()}


def _specs(root: Root, wanted: CertificateManifest) -> list[FileSpec]:
    """Key first: a daemon that starts between the two renames fails loudly and is started again."""
    owner, group = root.default_owner
    key = root.path(f"{certbot.LINEAGE}/privkey.pem").read_bytes()
    chain = root.path(f"{certbot.LINEAGE}/fullchain.pem").read_bytes()
    return [
        FileSpec(wanted.key, key, 0o600, owner, group, {}),
        FileSpec(wanted.certificate, chain, 0o644, owner, group, {}),
    ]


def run(root: Root, arguments: list[str]) -> int:
    """The verb `certificate`, for the document on stdin."""
    wanted = parse(documents.from_stdin())
    with root.lock(arguments[0]):
        return say(root, converge(root, wanted))
