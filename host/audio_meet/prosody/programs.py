"""Prosody's programs, on the Lua that its units name: what a server calls `lua` may be another one."""

from __future__ import annotations

from ..system.root import Root

# PROSODY_LUA of facts/releases.ts, which the units name and the packages bring.
LUA = "lua5.4"


def prosodyctl(root: Root, config: str, *words: str) -> list[str]:
    """The command line of prosodyctl with a configuration."""
    return [root.program(LUA), root.program("prosodyctl"), "--config", config, *words]


def prosody(root: Root, config: str) -> list[str]:
    """The command line of Prosody itself in the foreground."""
    return [root.program(LUA), "/usr/bin/prosody", "--config", config, "-F"]
