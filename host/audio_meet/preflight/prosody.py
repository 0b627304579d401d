"""A Prosody of the operator's own: its configuration would be replaced, so it must serve nobody yet."""

from __future__ import annotations

import re

from ..prosody.store import store_name
from ..system.root import Root, text_of
from .survey import Survey

CONFIGURATION = "/etc/prosody/prosody.cfg.lua"
MORE = "/etc/prosody/conf.d"
DATA = "/var/lib/prosody"
# What Debian's package serves as it comes.
PACKAGED = {"localhost"}
REMEDY = (
    "use another server, move that Prosody to one, or put it aside: "
    "audio-meet take-over now (docs/MIGRATION.md)"
)


def own_prosody(survey: Survey) -> None:
    """Neither the configuration nor the data of Prosody name a host of somebody else.

    Before anything of ours was installed one of the deployment's own names is somebody else's too: an older
    Jitsi, whose accounts would get in here.
    """
    if CONFIGURATION in survey.our_files or not survey.wanted["xmppHosts"]:
        return
    ours = PACKAGED if survey.is_first else PACKAGED | set(survey.wanted["xmppHosts"])
    hosts = sorted(configured(survey.root) - ours)
    stored = {store_name(host) for host in ours}
    data = survey.root.path(DATA)
    kept = {entry.name for entry in data.iterdir() if entry.is_dir()} if data.is_dir() else set()
    accounts = sorted(name for name in kept - stored if any((data / name / "accounts").glob("*.dat")))
    for names, where in ((hosts, "/etc/prosody"), (accounts, DATA)):
        if names:
            cause = f"your own Prosody serves {', '.join(names)} ({where}) and would be replaced"
            survey.refuse("prosody", cause, REMEDY)
            return


def configured(root: Root) -> set[str]:
    """Hosts and components that the configuration names."""
    files = [root.path(CONFIGURATION), *sorted(root.path(MORE).glob("*.cfg.lua"))]
    lines = [line for file in files if file.is_file() for line in text_of(file).splitlines()]
    found = [re.match(r"\s*(?:VirtualHost|Component)\s*\(?\s*[\"']([^\"']+)", line) for line in lines]
    return {match[1] for match in found if match}
