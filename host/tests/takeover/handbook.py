"""A server as Jitsi's handbook leaves it, in a folder; its dpkg clears and rewrites as real scripts do."""

from __future__ import annotations

import os
from pathlib import Path

from machine import Machine

DOMAIN = "meet.example.org"
PACKAGES = {
    "jitsi-meet": "2.0.1",
    "jitsi-meet-prosody": "1.0.9",
    "jicofo": "1.0-1",
    "jitsi-videobridge2": "2.3-1",
    "prosody": "0.12.3-1",
    # of the operator; it depends on prosody
    "prosody-modules": "0.1",
}
UNITS = ("prosody.service", "jicofo.service", "jitsi-videobridge2.service")
ACCOUNT = 'return { ["salt"] = "x"; ["stored_key"] = "of anna, never known to us"; };\n'
HOST = f'VirtualHost "{DOMAIN}"\n  authentication = "internal_hashed"\n'
FILES = {
    f"/etc/prosody/conf.avail/{DOMAIN}.cfg.lua": HOST,
    "/etc/prosody/prosody.cfg.lua": 'VirtualHost "localhost"\nInclude "conf.d/*.cfg.lua"\n',
    "/etc/prosody/certs/key.pem": "a key\n",
    "/var/lib/prosody/meet%2eexample%2eorg/accounts/anna.dat": ACCOUNT,
    "/var/log/jitsi/jvb.log": "years of it\n",
    f"/etc/jitsi/meet/{DOMAIN}-config.js": "var config = {};\n",
    "/etc/jitsi/jicofo/jicofo.conf": "jicofo { password = hidden }\n",
    "/usr/share/jitsi-meet/images/watermark.svg": "<svg>our own</svg>\n",
    "/etc/logrotate.d/jicofo": "edited by hand\n",
    "/lib/systemd/system/jicofo.service": "[Service]\n# edited by hand\n",
    "/etc/systemd/system/prosody.service.d/limits.conf": "[Service]\nLimitNOFILE=9999\n",
    f"/etc/nginx/sites-available/{DOMAIN}.conf": f"server {{ listen 443 ssl; server_name {DOMAIN}; }}\n",
    "/etc/nginx/sites-available/club.conf": "server { listen 80; server_name club.example; }\n",
    "/etc/nginx/modules-enabled/60-jitsi-meet.conf": "stream { server { listen 443; } }\n",
    "/etc/turnserver.conf": "# jitsi-meet coturn config. Do not modify this line\n",
    "/etc/apt/sources.list": "deb http://deb.debian.org/debian trixie main\n",
    "/etc/apt/sources.list.d/jitsi.list": "deb [signed-by=/k] https://download.jitsi.org stable/\n",
    "/etc/apt/sources.list.d/club.list": "deb https://packages.club.example stable main\n",
}
LINKS = {
    f"/etc/prosody/conf.d/{DOMAIN}.cfg.lua": f"/etc/prosody/conf.avail/{DOMAIN}.cfg.lua",
    f"/etc/nginx/sites-enabled/{DOMAIN}.conf": f"/etc/nginx/sites-available/{DOMAIN}.conf",
    "/etc/nginx/sites-enabled/club.conf": "/etc/nginx/sites-available/club.conf",
    "/etc/systemd/system/multi-user.target.wants/prosody.service": "/lib/systemd/system/prosody.service",
    "/etc/systemd/system/multi-user.target.wants/coturn.service": "/lib/systemd/system/coturn.service",
}
# Written and cleared by maintainer scripts, as those of jitsi-meet-prosody, jicofo and prosody do.
CLEARED = ("/etc/prosody", "/var/lib/prosody", "/etc/jitsi/jicofo", "/var/log/jitsi", "/usr/share/jitsi-meet")
REWRITTEN = ("/etc/jitsi/jicofo/jicofo.conf", "/etc/logrotate.d/jicofo", "/lib/systemd/system/jicofo.service")

APT = """
I={folder}/installed
case "$*" in
*--simulate*purge*) while read -r name version; do echo "Purg $name [$version]"; done <$I ;;
*download*)
  for last; do :; done
  case " $(cat {folder}/unavailable 2>/dev/null) " in *" ${{last%%=*}} "*) exit 0 ;; esac
  printf '%s\\t%s' "${{last%%=*}}" "${{last#*=}}" >"${{last%%=*}}_x.deb" ;;
*purge*)
  [ -f {folder}/purge-fails ] && {{ echo 'E: dpkg is out of order' >&2; exit 100; }}
  rm -rf {cleared}; : >$I ;;
*install*)
  [ -f {folder}/install-fails ] && {{ echo 'E: no room' >&2; exit 100; }}
  for word; do case "$word" in *.deb) tr '\\t' ' ' <"$word"; echo ;; esac; done >>$I
  for file in {rewritten}; do mkdir -p "$(dirname "$file")"; echo 'by a script' >"$file"; done
  [ -f {tree}/etc/prosody/prosody.cfg.lua ] || echo 'no configuration was there' >{folder}/made-new ;;
esac
"""


# One of each kind is enough where every step is tried: a folder, a file of a package, a link.
FEW = (
    *("/etc/jitsi/meet/", "/etc/prosody/", "/var/lib/prosody/"),
    *("/etc/logrotate.d/", "/lib/systemd/system/", "/etc/nginx/sites-enabled/meet"),
)


def make(machine: Machine, *, few: bool = False) -> None:
    """The server: files, units, packages, and what they do; `few`: with a handful of its files."""
    files = {path: text for path, text in FILES.items() if not few or path.startswith(FEW)}
    links = {path: target for path, target in LINKS.items() if not few or path.startswith(FEW)}
    packages = {
        name: version for name, version in PACKAGES.items() if not few or name in ("jicofo", "prosody")
    }
    (machine.folder / "installed").write_text("".join(f"{n} {v}\n" for n, v in packages.items()))
    for path, text in files.items():
        machine.write(path, text, 0o640 if "prosody" in path else 0o644)
    machine.root.path("/var/lib/prosody").chmod(0o750)
    for path, target in links.items():
        link = machine.root.path(path)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target)
    for path in [*files, *links]:
        os.utime(machine.root.path(path), (1e9, 1e9), follow_symlinks=False)
    machine.write(
        "/etc/passwd", "root:x:0:0::/root:/bin/sh\nprosody:x:105:107::/var/lib/prosody:/bin/false\n"
    )
    machine.write("/etc/group", "root:x:0:\nprosody:x:107:\nssl-cert:x:110:prosody\n")
    for unit in (*UNITS, "nginx.service", "coturn.service"):
        machine.unit(unit)
    _commands(machine)


def _commands(machine: Machine) -> None:
    folder, tree = machine.folder, machine.tree
    below = {
        name: " ".join(f"{tree}{path}" for path in paths)
        for name, paths in (("cleared", CLEARED), ("rewritten", REWRITTEN))
    }
    machine.command("apt-get", APT.format(folder=folder, tree=tree, **below))
    listed = 'while read -r n v; do printf \'%s\\tinstalled\\t%s\\tinstall\\n\' "$n" "$v"; done'
    system = "printf 'dpkg\\tinstalled\\t1\\tinstall\\n'"
    conffiles = "echo ' /etc/logrotate.d/jicofo 0'; echo ' /etc/prosody/prosody.cfg.lua 0'"
    machine.command(
        "dpkg-query",
        f'case "$*" in *Conffiles*) {conffiles} ;; *) {system}; {listed} <{folder}/installed ;; esac',
    )
    changed = "echo '??5??????   /lib/systemd/system/jicofo.service'; echo 'missing     /usr/share/doc/x'"
    machine.command("dpkg", f'case "$*" in *--verify*) {changed} ;; esac')
    machine.command("dpkg-deb", 'for last; do :; done; cat "$last"')
    machine.command(
        "apt-mark", "[ $1 = showmanual ] && echo jitsi-meet; [ $1 = showhold ] && echo prosody; exit 0"
    )
    # to: the database or a file; its contents stay those of the answers
    answers = f'case "$1" in configdb) echo answers >$F ;; *) cat $F >{folder}/answered ;; esac'
    machine.command(
        "debconf-copydb",
        f"F=$(printf '%s\\n' \"$@\" | sed -n 's/^Filename://p'); {answers}",
    )
    for program in ("nginx", "gpasswd", "update-ca-certificates"):
        machine.command(program)


def state(machine: Machine) -> dict[str, object]:
    """Every path of the server with type, mode, owner, time and content; its units and packages."""
    found: dict[str, object] = {}
    for folder, folders, names in os.walk(machine.tree):
        for path in (Path(folder) / name for name in [*folders, *names]):
            name = f"/{path.relative_to(machine.tree)}"
            if (
                name.startswith(("/var/backups", "/run", "/usr/sbin", "/var/lib/audio-meet"))
                or name == "/usr"
            ):
                continue
            info = path.lstat()
            content = (
                os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
            )
            times = info.st_mtime if content is not None else None
            found[name] = (oct(info.st_mode), info.st_uid, info.st_gid, times, content)
    for unit in (*UNITS, "nginx.service", "coturn.service"):
        found[unit] = machine.state(unit)
    found["packages"] = sorted((machine.folder / "installed").read_text().splitlines())
    return found
