"""A Prosody of the operator's own: its configuration would be replaced, so it must serve nobody yet."""

from __future__ import annotations

import re

from ..prosody.store import store_name
from ..system.root import text_of
from .survey import Survey

CONFIGURATION = "/etc/prosody/prosody.cfg.lua"
MORE = "/etc/prosody/conf.d"
DATA = "/var/lib/prosody"
# What Debian's package serves as it comes.
PACKAGED = {"localhost"}


def own_prosody(survey: Survey) -> None:
    """Neither the configuration nor the data of Prosody name a host of somebody else."""
    if CONFIGURATION in survey.our_files:
        return
    ours = PACKAGED | set(survey.wanted["xmppHosts"])
    if not ours - PACKAGED:
        return  # no Prosody comes to this host
    hosts = sorted(_configured(survey) - ours)
    stored = {store_name(host) for host in ours}
    data = survey.root.path(DATA)
    kept = {entry.name for entry in data.iterdir() if entry.is_dir()} if data.is_dir() else set()
    accounts = sorted(name for name in kept - stored if (data / name / "accounts").is_dir())
    for names, where in ((hosts, "/etc/prosody"), (accounts, DATA)):
        if names:
            cause = f"your own Prosody serves {', '.join(names)} ({where}) and would be replaced"
            survey.refuse("prosody", cause, "use another server, or move that Prosody to one")
            return


def _configured(survey: Survey) -> set[str]:
    files = [survey.root.path(CONFIGURATION), *sorted(survey.root.path(MORE).glob("*.cfg.lua"))]
    lines = [line for file in files if file.is_file() for line in text_of(file).splitlines()]
    found = [re.match(r"\s*(?:VirtualHost|Component)\s*\(?\s*[\"']([^\"']+)", line) for line in lines]
    return {match[1] for match in found if match}
