"""What a host must be like before anything is installed: release, memory, disk, clock, apt."""

from __future__ import annotations

import email.utils
import http.client
import os
import ssl
import stat
import time
from pathlib import Path
from urllib.parse import urlsplit

from ..network import way_out
from ..packages import apt, locks, repositories
from ..system.root import text_of
from ..system.size import memory_megabytes
from .survey import Survey

# Certificates of a deployment are valid from the moment in which the program made them, and credentials for
# TURN live on the time of both sides; a minute of difference harms neither.
CLOCK_SECONDS = 120
CLOCK_TIMEOUT_SECONDS = 5
CLOCK_TRIES = 3
# Verification codes of OpenSSL (x509_vfy.h) that a wrong clock brings about.
TIME_ERRORS = {9: "not valid yet", 10: "no longer valid"}
# Once everything is installed, updates and logs need no more than this.
INSTALLED_MEGABYTES = 100
# Certificates and truststores: daemons of several accounts read there.
SHARED_FOLDERS = ("/etc/jitsi", "/etc/jitsi/trust")
MEGABYTE = 1024 * 1024


def release(survey: Survey) -> None:
    """The operating system is one that the packages are known for."""
    fields = repositories.os_release(survey.root)
    found = f"{fields.get('ID', '?')}-{fields.get('VERSION_ID', '?')}"
    known = survey.wanted["releases"]
    if found not in known:
        remedy = f"use a server with one of: {', '.join(known)}"
        survey.refuse("operating system", f"{found} is not supported", remedy)


def service_manager(survey: Survey) -> None:
    """systemd runs the host."""
    if not survey.root.path("/run/systemd/system").is_dir():
        survey.refuse(
            "systemd", "is not the init system of this host", "use a server that boots with systemd"
        )


def memory(survey: Survey) -> None:
    """There is memory for the smallest heaps of what will run here."""
    found, wanted = memory_megabytes(survey.root), survey.wanted["memoryMegabytes"]
    if found < wanted:
        cause = f"{found} MB, at least {wanted} MB are needed for the roles of this host"
        survey.refuse("memory", cause, "add memory, or move some roles to another machine")


def disk(survey: Survey) -> None:
    """There is room for packages, their download and logs, counted once for each file system."""
    needs: dict[int, int] = {}
    places: dict[int, list[str]] = {}
    for place, megabytes in sorted(survey.wanted["diskMegabytes"].items()):
        device = os.stat(_existing(survey.root.path(place))).st_dev
        needs[device] = needs.get(device, 0) + megabytes
        places.setdefault(device, []).append(place)
    for device, wanted in needs.items():
        wanted = wanted if survey.is_first else min(wanted, INSTALLED_MEGABYTES)
        status = os.statvfs(_existing(survey.root.path(places[device][0])))
        free = status.f_bavail * status.f_frsize // MEGABYTE
        if free < wanted:
            where = ", ".join(places[device])
            cause = f"{free} MB are free, at least {wanted} MB are needed for packages and logs"
            survey.refuse(
                f"disk of {where}", cause, "free some space (apt-get clean, old logs) or enlarge it"
            )


def folders(survey: Survey) -> None:
    """Folders that were there before let our daemons through to what is theirs."""
    for path in SHARED_FOLDERS:
        folder = survey.root.path(path)
        if folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH:
            mode = stat.S_IMODE(folder.stat().st_mode)
            cause = f"cannot be entered by other users (mode {mode:04o}); daemons read files in it"
            survey.refuse(path, cause, f"chmod o+x {path}")


def _existing(path: Path) -> Path:
    while not path.exists():
        path = path.parent
    return path


def clock(survey: Survey) -> None:
    """The host's clock agrees with the package servers'."""
    urls = [*survey.wanted["clockUrls"], *way_out.sources(survey.root)]
    tried = list(dict.fromkeys(url for url in urls if url.startswith(("http://", "https://"))))[:CLOCK_TRIES]
    for url in tried:
        ahead = _ahead_seconds(survey, url)
        if ahead is None:
            continue
        if abs(ahead) > CLOCK_SECONDS:
            way = "ahead of" if ahead > 0 else "behind"
            cause = f"{abs(ahead):.0f} s {way} {urlsplit(url).hostname}"
            remedy = "set it and synchronise it: apt-get install systemd-timesyncd; timedatectl set-ntp true"
            survey.refuse("clock", cause, remedy)
        return
    if not any(problem.what == "clock" for problem in survey.problems):
        survey.root.note(f"the clock was not checked: no answer from {', '.join(tried) or 'any source'}")


def _ahead_seconds(survey: Survey, url: str) -> float | None:
    """Seconds by which this host is ahead of a server's Date (RFC 9110 §6.6.1); None if it does not say."""
    parts = urlsplit(url)
    proxy = survey.way.proxy_of(url)
    connection, target, more = way_out.connect(url, proxy, CLOCK_TIMEOUT_SECONDS)
    try:
        connection.request("HEAD", target, headers={"User-Agent": "audio-meet", **more})
        headers = connection.getresponse().headers
    except ssl.SSLCertVerificationError as error:
        if error.verify_code in TIME_ERRORS:
            now = time.strftime("%Y-%m-%d %H:%M", time.gmtime())
            verdict = TIME_ERRORS[error.verify_code]
            cause = f"by this clock ({now} UTC) the certificate of {parts.hostname} is {verdict}"
            survey.refuse(
                "clock", cause, "compare it with another clock and set it: timedatectl set-ntp true"
            )
        return None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    try:
        said = email.utils.parsedate_to_datetime(headers["Date"]).timestamp()
        # A cache hands on the date at which the answer was made, and how old that is (RFC 9111 §5.1).
        return time.time() - said - float(headers.get("Age", "0"))
    except (TypeError, ValueError):
        return None


def package_database(survey: Survey) -> None:
    """apt and dpkg are in order, and hold nothing back that has to come in a version of ours."""
    if survey.packages.get("installing"):
        return  # left half done by a run of ours, which the next step finishes
    half_done = apt.audit(survey.root)
    if half_done:
        cause = f"packages are half installed: {half_done[:160]}"
        survey.refuse("dpkg", cause, "finish that first: dpkg --configure -a; apt-get --fix-broken install")
        return
    options = ["Debug::NoLocking=1", "Dir::Cache::pkgcache=", "Dir::Cache::srcpkgcache="]
    command = ["apt-get", *(word for option in options for word in ("-o", option)), "check"]
    check = locks.undisturbed(survey.root, lambda: survey.root.run(command), asks=True)
    if check.code != 0:
        remedy = "correct that first: apt-get check; apt-get --fix-broken install"
        survey.refuse("apt", apt.error_of(check), remedy)


def other_versions(survey: Survey) -> None:
    """Nobody else decides which version of our packages is installed, and none came from elsewhere."""
    ours = set(survey.wanted["packages"])
    for name in sorted(ours & set(survey.root.run(["apt-mark", "showhold"]).out.split())):
        survey.refuse(f"package {name}", "is held at its version", f"apt-mark unhold {name}")
    for file in sorted(survey.root.path("/etc/apt").glob("preferences.d/*")) + [
        survey.root.path("/etc/apt/preferences")
    ]:
        path = f"/{file.relative_to(survey.root.prefix)}"
        if path == repositories.PINS or not file.is_file():
            continue
        for name in sorted(ours & _pinned(text_of(file))):
            survey.refuse(f"package {name}", f"is pinned by {path}", f"remove the pin from {path}")
    known = set(survey.packages.get("before", {}))
    present = apt.installed(survey.root, sorted(ours))
    for name, version in sorted(present.items()):
        if name in known:
            continue
        if name.startswith(("jicofo", "jitsi-")):
            cause = f"{version} is already installed: this server runs your own Jitsi"
            remedy = "use another server, or put it aside: audio-meet take-over now (docs/MIGRATION.md)"
            survey.refuse(f"package {name}", cause, remedy)
        else:
            survey.root.note(f"{name} {version} is already installed; its version may change")


def same_sources(survey: Survey) -> None:
    """No file of somebody else names a repository of ours with a key.

    apt reads none of its sources where a suite of one has two keys; another suite brings versions of its own.
    """
    # Where packages of ours are installed, apt has taken both.
    if not survey.is_first:
        return
    ours = {_place(one["url"]) for one in survey.wanted["wayOut"] if one["purpose"] == "packages"}
    for path, text in repositories.foreign_sources(survey.root):
        if "signed-by" not in text.lower():
            continue
        for address in dict.fromkeys(repositories.addresses(text)):
            if _place(address) in ours:
                cause = f"is named by {path} with another key, and apt then reads none of its sources"
                survey.refuse(
                    f"package source {address}", cause, f"remove it from {path}: the deployment brings it"
                )


def _place(address: str) -> tuple[str | None, str]:
    """What makes two addresses the same repository."""
    parts = urlsplit(address)
    return parts.hostname, parts.path.rstrip("/")


def _pinned(text: str) -> set[str]:
    """Packages that apt_preferences(5) name one by one."""
    lines = [line.partition(":") for line in text.splitlines() if not line.lstrip().startswith("#")]
    return {name for key, _, value in lines if key.strip().lower() == "package" for name in value.split()}
