"""Three looks at a Prosody configuration: Lua's syntax, Prosody's own check, a start without a network."""

from __future__ import annotations

import re
from pathlib import Path

from ..prosody import programs
from ..system.files import candidate_path
from ..system.manifest import FileSpec
from ..system.root import Root

# How long the dry start runs: it reaches its last host in about 0.3 s on an idle machine.
DRY_START_SECONDS = 2
# Without a network the private address is missing; that is the only thing that may go wrong there.
EXPECTED = re.compile(r"Failed to open server port|Cannot assign requested address|Network is unreachable")
ERROR_LINE = re.compile(r"(?:^|\s)error\s")


def check(root: Root, spec: FileSpec) -> str:
    """The first complaint about a candidate, or nothing."""
    candidate = candidate_path(root, spec.path)
    return _syntax(root, candidate) or _check_config(root, candidate) or _dry_start(root, candidate, spec)


def _syntax(root: Root, candidate: Path) -> str:
    for compiler in (programs.LUA.replace("lua", "luac"), "luac"):
        if root.has(compiler):
            result = root.run([compiler, "-p", str(candidate)])
            return result.last_line() if result.code != 0 else ""
    return ""


def _check_config(root: Root, candidate: Path) -> str:
    """Prosody's own check as the user who will run it: root can read files that Prosody itself cannot."""
    result = root.run(
        ["runuser", "-u", "prosody", "--", *programs.prosodyctl(root, str(candidate), "check", "config")],
        timeout_seconds=30,
    )
    lines = [" ".join(line.split()) for line in (result.out + "\n" + result.err).splitlines() if line.strip()]
    serious = [line for line in lines if "Configuration warning" in line or "Failed to apply" in line]
    if result.code in (0, 2):
        # code 2 is advice, such as on a deprecated option; Prosody starts with it
        return serious[0] if serious else ""
    foreign = [line for line in lines if re.search(r"module '(prosody\.)?(util\.|loader|lfs)", line)]
    if foreign:
        return f"this server's Prosody does not run on {programs.LUA}: {foreign[0][:200]}"
    return _pointed(lines) or result.last_line()


def _pointed(lines: list[str]) -> str:
    for word in ("error", "not readable", "cannot", "problem", "failed", "clash", "no such"):
        for line in lines:
            if word in line.lower():
                return line[:300]
    return ""


def _dry_start(root: Root, candidate: Path, spec: FileSpec) -> str:
    """Start Prosody with the candidate, without a network or data, and read what it says."""
    text = spec.content.decode(errors="replace")
    folders = {_option(text, "data_path", "/var/lib/prosody")}
    folders.add(str(Path(_option(text, "pidfile", "/run/prosody/prosody.pid")).parent))
    command = ["systemd-run", "--quiet", "--pipe", "--wait", "--collect"]
    properties = {
        "User": "prosody",
        "Group": "prosody",
        "PrivateNetwork": "yes",
        "PrivateTmp": "yes",
        "ProtectSystem": "strict",
        "RuntimeMaxSec": str(DRY_START_SECONDS),
        "TemporaryFileSystem": " ".join(f"{folder}:mode=0777" for folder in sorted(folders)),
    }
    for key, value in properties.items():
        command += ["--property", f"{key}={value}"]
    for credential in _credentials(root, text, spec):
        command += ["--property", f"LoadCredential={credential}"]
    command += programs.prosody(root, str(candidate))
    result = root.run(command, timeout_seconds=30)
    said = result.out + "\n" + result.err
    if not result.out.strip():
        root.note(f"{spec.path} was not tested with a trial start: {result.last_line()[:120]}")
        return ""
    for line in said.splitlines():
        if ERROR_LINE.search(line) and not EXPECTED.search(line):
            return " ".join(line.split())[:300]
    return ""


def _option(text: str, name: str, default: str) -> str:
    found = re.search(rf"^\s*{name}\s*=\s*[\"']([^\"']+)[\"']", text, re.MULTILINE)
    return found.group(1) if found else default


def _credentials(root: Root, text: str, spec: FileSpec) -> list[str]:
    """Credentials that the configuration names, from the LoadCredential lines of the units that read it."""
    names = set(re.findall(r"Credential\s*\(?\s*[\"']([^\"']+)", text))
    if not names or not spec.units:
        return []
    units = root.run(["systemctl", "cat", "--", *sorted(spec.units)]).out
    entries = re.findall(r"^LoadCredential(?:Encrypted)?=(\S+)", units, re.MULTILINE)
    return [entry for entry in entries if entry.split(":")[0] in names]
