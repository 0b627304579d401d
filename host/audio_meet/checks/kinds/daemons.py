"""Checks that ask the daemons: Prosody, the bridge, jicofo."""

from __future__ import annotations

import re
import socket
import ssl
from xml.sax.saxutils import quoteattr

from ...network import http_local
from ...prosody.programs import prosodyctl
from ...system.documents import Json
from ...system.errors import tls_trouble
from ...system.root import Root

Answer = tuple[bool, str]
SHELL_TIMEOUT_SECONDS = 15
# Of jicofo and of the bridge alike (jicoco).
HEALTH = "/about/health"
# "    lobby" or "    lobby (error: what it says)"
MODULE = re.compile(r"([\w-]+)(?: \((.+)\))?$")
SHOWN = re.compile(r"^OK: .*sessions? shown", re.MULTILINE)
JID = re.compile(r"[^\s|/]+@[^\s|/]+")


def xmpp_tls(root: Root, check: Json) -> Answer:
    """STARTTLS for an XMPP domain, verified with the CA file and its name; `login`: how clients get in."""
    context = ssl.create_default_context(cafile=str(root.path(check["caFile"])))
    domain = check["domain"]
    try:
        with socket.create_connection((check["address"], check["port"]), timeout=5) as connection:
            starttls(connection, domain)
            with context.wrap_socket(connection, server_hostname=domain) as secure:
                if "login" not in check:
                    return True, f"verified, {secure.version()}"
                return login_offered(secure, domain, check["login"])
    except OSError as error:
        return False, tls_trouble(error)


def login_offered(connection: socket.socket, domain: str, wanted: str) -> Answer:
    """Whether an open, secure stream offers the wanted way to log in (RFC 6120, section 6), and no other."""
    features = open_stream(connection, domain)
    offered = sorted(set(re.findall(rb"<mechanism>([A-Z0-9-]+)</mechanism>", features)))
    is_open = b"ANONYMOUS" in offered
    takes_passwords = any(mechanism.startswith(b"SCRAM-") for mechanism in offered)
    right = is_open if wanted == "anonymous" else takes_passwords and not is_open
    names = b", ".join(offered).decode() or "none; does the module for its authentication load?"
    return right, f"ways to log in: {names}"


def open_stream(connection: socket.socket, domain: str) -> bytes:
    """Open an XMPP stream; returns what the server offers on it."""
    connection.sendall(_stream(domain))
    return _read_until(connection, (b"</stream:features>", b"</stream:stream>"))


def _stream(domain: str) -> bytes:
    return (
        f"<?xml version='1.0'?><stream:stream to={quoteattr(domain)} version='1.0' "
        "xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
    ).encode()


def starttls(connection: socket.socket, domain: str) -> None:
    """Open an XMPP stream and ask for TLS (RFC 6120, section 5.4)."""
    features = open_stream(connection, domain)
    if b"urn:ietf:params:xml:ns:xmpp-tls" not in features:
        error = re.search(rb"<([a-z-]+) xmlns='urn:ietf:params:xml:ns:xmpp-streams'", features)
        reason = error.group(1).decode() if error else "no STARTTLS offered"
        raise OSError(f"{domain}: {reason}")
    connection.sendall(b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    if b"<proceed" not in _read_until(connection, (b"<proceed", b"<failure")):
        raise OSError(f"{domain}: STARTTLS refused")


def _read_until(connection: socket.socket, marks: tuple[bytes, ...]) -> bytes:
    data = b""
    while not any(mark in data for mark in marks):
        more = connection.recv(4096)
        if not more or len(data) > 65536:
            raise OSError("the stream ended early")
        data += more
    if b"<proceed" in data and not data.rstrip().endswith(b">"):
        data += connection.recv(256)
    return data


def _sessions(root: Root, config: str) -> tuple[list[str], str]:
    """Bare JIDs of the client sessions of a Prosody, or the reason why it does not tell."""
    command = prosodyctl(root, config, "shell", "c2s", "show")
    # the shell cuts its columns to the width of the terminal, 80 without one
    result = root.run(command, timeout_seconds=SHELL_TIMEOUT_SECONDS, env={"COLUMNS": "1000"})
    # without its last line the list may be half of one, or an error with a good exit code
    if result.code != 0 or not SHOWN.search(result.out):
        return [], f"prosodyctl shell: {result.last_line()}"
    return JID.findall(result.out), ""


def prosody_sessions(root: Root, check: Json) -> Answer:
    """Each bare JID has at least one session."""
    found, trouble = _sessions(root, check["config"])
    missing = [jid for jid in check["jids"] if jid not in found]
    if trouble or missing:
        return False, trouble or f"not logged in: {', '.join(missing)}"
    return True, "logged in: " + ", ".join(sorted(check["jids"]))


def prosody_no_sessions(root: Root, check: Json) -> Answer:
    """None of the bare JIDs has a session."""
    found, trouble = _sessions(root, check["config"])
    present = sorted(set(found) & set(check["jids"]))
    if trouble or present:
        return False, trouble or f"logged in at the wrong Prosody: {', '.join(present)}"
    return True, "not logged in: " + ", ".join(sorted(check["jids"]))


def prosody_modules(root: Root, check: Json) -> Answer:
    """Each host has loaded its modules and none of them complains; Prosody skips one that is not there."""
    command = prosodyctl(root, check["config"], "shell", "module", "list")
    result = root.run(command, timeout_seconds=SHELL_TIMEOUT_SECONDS, env={"COLUMNS": "1000"})
    if result.code != 0:
        return False, f"prosodyctl shell: {result.last_line()}"
    loaded = _modules(result.out)
    wrong = [
        f"{name} on {host}{loaded.get(host, {}).get(name, ' is not loaded')}"
        for host, names in sorted(check["modules"].items())
        for name in names
        if loaded.get(host, {}).get(name) != ""
    ]
    if wrong:
        return False, ", ".join(wrong)
    return True, f"{sum(map(len, check['modules'].values()))} modules on {len(check['modules'])} hosts"


def _modules(listing: str) -> dict[str, dict[str, str]]:
    """Host → module → complaint, empty where there is none, of `module list`."""
    found: dict[str, dict[str, str]] = {}
    host = ""
    for line in listing.splitlines():
        text = line.lstrip("| ").rstrip()
        if text.endswith(":") and " " not in text:
            host = text[:-1]
            found[host] = {}
        elif host and (entry := MODULE.match(text)):
            found[host][entry.group(1)] = f" ({entry.group(2)})" if entry.group(2) else ""
    return found


def videobridge(root: Root, check: Json) -> Answer:
    """The bridge is logged in, is in the brewery, and says the relay id and region that were given to it."""
    del root
    try:
        stats = http_local.get_json(check["url"], "/colibri/stats")
    except http_local.UnreachableError as error:
        return False, str(error)
    wanted = {
        "muc_clients_connected": 1,
        "mucs_joined": 1,
        "relay_id": check["relayId"],
        "region": check["region"],
    }
    wrong = [
        f"{key} is {stats.get(key)!r}, not {value!r}"
        for key, value in wanted.items()
        if stats.get(key) != value
    ]
    if wrong:
        return False, ", ".join(wrong)
    return True, f"in the brewery as {check['relayId']} in region {check['region']}"


def health(root: Root, check: Json) -> Answer:
    """The daemon's own health check holds, asked now: what it said of itself in a log may long be over."""
    del root
    try:
        status, text = http_local.request(check["url"], HEALTH)
    except http_local.UnreachableError as error:
        return False, str(error)
    return status == 200, "well" if status == 200 else f"answers {status}: {' '.join(text.split())[:200]}"


def jicofo(root: Root, check: Json) -> Answer:
    """jicofo counts at least these bridges as operational, by nickname where it tells nicknames."""
    del root
    wanted = set(check["bridges"])
    try:
        count = (
            http_local.get_json(check["url"], "/stats")
            .get("bridge_selector", {})
            .get("operational_bridge_count", 0)
        )
        named = _operational_bridges(check["url"])
    except http_local.UnreachableError as error:
        return False, str(error)
    if named is not None and wanted - named:
        return False, f"not operational: {', '.join(sorted(wanted - named))}"
    if count < len(wanted):
        return False, f"counts {count} operational bridges, expected at least {len(wanted)}"
    return True, f"operational: {', '.join(sorted(wanted)) or 'no bridge expected'}"


def _operational_bridges(url: str) -> set[str] | None:
    """Nicknames of operational bridges from jicofo's debug page; None where that page is switched off."""
    if http_local.request(url, "/debug")[0] == 404:
        return None
    bridges = http_local.get_json(url, "/debug").get("bridge_selector", {}).get("bridge")
    if not isinstance(bridges, dict):
        return None
    return {jid.rpartition("/")[2] for jid, state in bridges.items() if state.get("operational", True)}
