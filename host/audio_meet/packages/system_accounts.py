"""The host's own users and groups, and those among them that came with packages."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..system.documents import Json
from ..system.root import Root, text_of
from . import dpkg_lists

# Bounds of system accounts on Debian and Ubuntu (adduser.conf(5): FIRST_SYSTEM_UID, LAST_SYSTEM_UID).
SYSTEM_IDS = range(100, 1000)
# Places of number and home in a line of passwd(5); group(5) has the number at the same one.
NUMBER, HOME = 2, 5


def entries(root: Root, database: str) -> dict[str, list[str]]:
    """Fields by name of the host's own users (passwd) or groups (group); others, of NIS, have no number."""
    file = root.path(f"/etc/{database}")
    rows = [line.split(":") for line in text_of(file).splitlines()] if file.is_file() else []
    return {row[0]: row for row in rows if len(row) > NUMBER and row[NUMBER].isdigit()}


def made_by(root: Root, before: Json, packages: Iterable[str]) -> list[str]:
    """System accounts that were not there before and that these packages make: their maintainer scripts or
    their sysusers.d(5) name them."""
    if "users" not in before:
        return []
    users, groups = entries(root, "passwd"), entries(root, "group")
    people = {name for name, row in users.items() if int(row[NUMBER]) not in SYSTEM_IDS}
    # A group may have a number of people's: Jitsi's scripts call plain groupadd. groupdel keeps one in use.
    fresh = {*users, *groups} - people - {*before["users"], *before["groups"]}
    words = set(re.findall(r"[a-z_][a-z0-9_-]*", dpkg_lists.scripts(root, set(packages))))
    return sorted(fresh & words)


def drop(root: Root, names: list[str]) -> list[str]:
    """These users and groups go, as far as the purge left them; returns who went."""
    gone = []
    for database, program in (("passwd", "userdel"), ("group", "groupdel")):
        present = entries(root, database)
        for name in [name for name in names if name in present]:
            is_own_home = program == "userdel" and present[name][HOME : HOME + 1] == [f"/home/{name}"]
            result = root.run([program, *(["--remove"] if is_own_home else []), name])
            if result.code == 0:
                gone.append(name)
            else:
                root.note(f"{program} {name}: {result.last_line()}")
    return gone
