"""Checks that ask Prosody: TLS, ways to log in, sessions and modules."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from ...network import xmpp
from ...network.xmpp_login import LoginError, log_in
from ...prosody import former_accounts, shell
from ...system.documents import Json
from ...system.errors import tls_trouble
from ...system.root import Root
from ...system.state import State
from .check import Answer, Check

# "    lobby" or "    lobby (error: what it says)"
MODULE = re.compile(r"([\w-]+)(?: \((.+)\))?$")


@contextmanager
def _secure(context: ssl.SSLContext, check: Json) -> Iterator[ssl.SSLSocket]:
    """A connection to the XMPP domain of a check, after STARTTLS; `context` verifies its certificate."""
    domain = check["domain"]
    with socket.create_connection((check["address"], check["port"]), timeout=5) as connection:
        xmpp.starttls(connection, domain)
        with context.wrap_socket(connection, server_hostname=domain) as secure:
            yield secure


class XmppTls(Check):
    """STARTTLS for an XMPP domain, verified with the CA file and its name; `login`: how clients get in."""

    kind = "xmppTls"
    required = {"address": str, "port": int, "domain": str, "caFile": str}
    optional = {"login": str}
    remedy = "check that Prosody can read the key of that domain, and which CA signed it"

    def title(self, check: Json) -> str:
        return f"xmppTls {check['domain']} at {check['address']}:{check['port']}"

    def run(self, root: Root, check: Json) -> Answer:
        context = ssl.create_default_context(cafile=str(root.path(check["caFile"])))
        try:
            with _secure(context, check) as secure:
                if "login" not in check:
                    return True, f"verified, {secure.version()}"
                return xmpp.login_offered(secure, check["domain"], check["login"])
        except OSError as error:
            return False, tls_trouble(error)


class XmppLogin(Check):
    """The user logs in at the XMPP domain; the certificate is verified first."""

    kind = "xmppLogin"
    required = {"address": str, "port": int, "domain": str, "user": str, "passwordFile": str, "caFile": str}
    remedy = "check the accounts of the main Prosody, and that its port is open to this address"

    def title(self, check: Json) -> str:
        return f"xmppLogin {check['user']}@{check['domain']}"

    def run(self, root: Root, check: Json) -> Answer:
        context = ssl.create_default_context(cafile=str(root.path(check["caFile"])))
        password = root.read(check["passwordFile"]).strip()
        domain = check["domain"]
        try:
            with _secure(context, check) as secure:
                xmpp.open_stream(secure, domain)
                log_in(secure, check["user"], password)
        except LoginError as error:
            return False, str(error)
        except OSError as error:
            return False, tls_trouble(error)
        return True, f"{check['user']}@{domain} logs in"


class ProsodySessions(Check):
    """Each bare JID has at least one session, or an account before it has one that may still be needed."""

    kind = "prosodySessions"
    required = {"config": str, "jids": list}
    subject = "config"
    remedy = "check the password, trust store and Prosody address of the daemon that is missing"

    def run(self, root: Root, check: Json) -> Answer:
        found, trouble = shell.sessions(root, check["config"])
        former = {
            jid: [name for name in former_accounts.waiting_for(State(root), jid) if name in found]
            for jid in check["jids"]
            if jid not in found
        }
        missing = [jid for jid, names in former.items() if not names]
        if trouble or missing:
            return False, trouble or f"not logged in: {', '.join(missing)}"
        more = "".join(f"; for {jid} still {', '.join(names)}" for jid, names in former.items())
        return True, "logged in: " + ", ".join(sorted(set(check["jids"]) - set(former))) + more


class ProsodyNoSessions(Check):
    """None of the bare JIDs has a session."""

    kind = "prosodyNoSessions"
    required = {"config": str, "jids": list}
    subject = "config"
    remedy = "point that daemon at the other Prosody"

    def run(self, root: Root, check: Json) -> Answer:
        found, trouble = shell.sessions(root, check["config"])
        present = sorted(set(found) & set(check["jids"]))
        if trouble or present:
            return False, trouble or f"logged in at the wrong Prosody: {', '.join(present)}"
        return True, "not logged in: " + ", ".join(sorted(check["jids"]))


class ProsodyModules(Check):
    """Each host has loaded its modules and none of them complains; Prosody skips one that is not there."""

    kind = "prosodyModules"
    required = {"config": str, "modules": dict}
    subject = "config"
    remedy = "install a plugin package that has the module, or switch off the feature that needs it"

    def run(self, root: Root, check: Json) -> Answer:
        result = shell.ask(root, check["config"], "module", "list")
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
