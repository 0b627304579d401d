"""An nginx of the operator's own: which of its sites can live beside ours, and which cannot."""

from __future__ import annotations

import hashlib
import re
import socket

from . import nginx_config
from .survey import Survey

MAIN = "/etc/nginx/nginx.conf"
DEFAULT_SITE = "/etc/nginx/sites-enabled/default"
DEFAULT_SITE_SOURCE = "/etc/nginx/sites-available/default"
# Ports of web servers; which of them are ours on this host, the manifest says.
WEB_PORTS = (80, 443)
# What our nginx.conf reads as well (Debian's own lines).
KEPT_INCLUDES = ("modules-enabled/*.conf", "mime.types", "conf.d/*.conf", "sites-enabled/*")
PLAIN_BLOCKS = ("events", "http", "types")


def both_families(survey: Survey) -> None:
    """The kernel knows IPv6, where our nginx listens as well. A host without an address of it is fine."""
    if not _web_ports(survey):
        return
    try:
        socket.socket(socket.AF_INET6, socket.SOCK_STREAM).close()
    except OSError as error:
        remedy = (
            "remove ipv6.disable=1 from the kernel command line; net.ipv6.conf.all.disable_ipv6=1 may stay"
        )
        survey.refuse(
            "IPv6", f"this kernel does not support it ({error.strerror}), and nginx listens on IPv6", remedy
        )


def _web_ports(survey: Survey) -> set[int]:
    return {port["port"] for port in survey.wanted["ports"] if port["port"] in WEB_PORTS}


def own_sites(survey: Survey) -> None:
    """Sites for other names stay; whoever takes all names, our name or our addresses is refused."""
    ours = _web_ports(survey)
    if not ours or not survey.root.has("nginx"):
        return
    dump = survey.root.run(["nginx", "-T"])
    if dump.code != 0:
        if MAIN not in survey.our_files:
            survey.refuse(
                "nginx", f"its configuration is broken: {dump.last_line()}", "run nginx -t and correct it"
            )
        return
    conffiles = _conffiles(survey)
    for path, text in _files(dump.out).items():
        if path in survey.our_files or (path == DEFAULT_SITE and _packaged(survey, conffiles)):
            continue
        directives = nginx_config.parse(text)
        if path == MAIN:
            _main(survey, directives, conffiles.get(MAIN))
        elif path == DEFAULT_SITE:
            cause = "is a site of yours, and Audio Meet writes its own site to that path"
            survey.refuse(path, cause, "rename it in sites-enabled")
        for server in nginx_config.walk(directives):
            if server.name == "server" and server.children is not None:
                _site(survey, path, server.children, ours)


def _site(survey: Survey, path: str, directives: list[nginx_config.Directive], ours: set[int]) -> None:
    lines = [d.words for d in directives if d.name == "listen"] or [["listen", "80"]]
    names = {name for d in directives if d.name == "server_name" for name in d.words[1:]}
    clash = sorted(names & set(survey.wanted["names"]))
    if clash:
        cause = f"serves {', '.join(clash)}, a name of this deployment"
        survey.refuse(path, cause, "remove the name from server_name, or the file from the configuration")
    for words in lines:
        listen = nginx_config.listen_of(words)
        if listen is None or listen[1] not in ours:
            continue
        address, port = listen
        if {"default_server", "default"} & set(words[2:]):
            cause = f"receives every request on port {port} for an unknown name (default_server)"
            survey.refuse(path, cause, "remove default_server from its listen lines")
        elif address != "*":
            cause = (
                f"receives every request to {address}:{port}, including this deployment's (listen {words[1]})"
            )
            survey.refuse(path, cause, f"make it listen without an address: listen {port}")
        elif port == 443 and survey.wanted["sharesHttps"]:
            cause = "listens on port 443, which TURN and the page share here (jitsi:turn.tls443)"
            survey.refuse(path, cause, "set tls443: false, or move the site to another server")


def _main(survey: Survey, directives: list[nginx_config.Directive], packaged: str | None) -> None:
    """Ours takes its place: plain settings are put aside until the deployment goes, more than that is not."""
    found = list(nginx_config.walk(directives))
    own = [d.name for d in found if d.children is not None and d.name not in PLAIN_BLOCKS]
    own += [
        f"include {d.words[1]}"
        for d in found
        if d.name == "include" and not d.words[1].removeprefix("/etc/nginx/").startswith(KEPT_INCLUDES)
    ]
    if own:
        cause = f"contains settings of yours ({', '.join(dict.fromkeys(own))}) and would be replaced"
        survey.refuse(MAIN, cause, "move them to /etc/nginx/conf.d, which stays in use")
    elif packaged and packaged != _md5(survey, MAIN):
        survey.root.note(f"your {MAIN} is set aside; pulumi destroy restores it")


def _packaged(survey: Survey, conffiles: dict[str, str]) -> bool:
    """Whether the default site is the package's, unchanged."""
    known = conffiles.get(DEFAULT_SITE_SOURCE)
    return known is not None and known == _md5(survey, DEFAULT_SITE)


def _conffiles(survey: Survey) -> dict[str, str]:
    """MD5 of nginx's configuration files as packaged (dpkg keeps no better digest)."""
    listed = survey.root.run(["dpkg-query", "-W", "-f=${Conffiles}\\n", "nginx", "nginx-common"])
    rows = [line.split() for line in listed.out.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) >= 2}


def _md5(survey: Survey, path: str) -> str:
    return hashlib.md5(survey.root.path(path).read_bytes(), usedforsecurity=False).hexdigest()


def _files(dump: str) -> dict[str, str]:
    """The files of `nginx -T` by path."""
    parts = re.split(r"^# configuration file (/[^\n]*):$", dump, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))
