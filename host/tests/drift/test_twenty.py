"""Twenty drifts at once, with stand-in daemons: each is named with its step, and these steps end them all."""

import json
import socket
from pathlib import Path

from accounts_case import PASSWORD, STORED
from audio_meet import installation
from audio_meet.live import limits
from audio_meet.system import kernel
from audio_meet.system.documents import Json
from audio_meet.system.state import VERIFIED
from machine import MachineCase, file, group
from packages.test_packages import KEY, REPOSITORY, wanted

from drift.test_drift import RULES, TABLE, listing

DATA = "/var/lib/prosody"
SECRET = "/etc/audio-meet/secrets/focus"
FOCUS, BRIDGE = "focus@auth.meet.test", "jvb@tech.meet.test"
PINS = "/etc/apt/preferences.d/audio-meet"
SOURCE = "/etc/apt/sources.list.d/audio-meet-jitsi.sources"
MODULES = {"cli.py": "x = 1\n"}
LISTENER = " 0: {address}:1F90 00000000:0000 0A 0:0 0:0 0 0 0 77 1\n"


def account(jid: str) -> Json:
    return {"config": "/etc/p.lua", "dataPath": DATA, "jid": jid, "passwordFile": SECRET}


def store(jid: str, folder: str = "accounts") -> str:
    user, host = jid.replace(".", "%2e").split("@")
    return f"{DATA}/{host}/{folder}/{user}.dat"


class Twenty(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        for name in ("jicofo", "coturn", "prosody", "nginx", "jvb", "firewall", "kernel"):
            self.machine.unit(f"{name}.service")
        self._packages()
        self._prosody()
        self._kernel()
        subscription = {"config": "/etc/p.lua", "dataPath": DATA, "account": FOCUS, "component": "focus.test"}
        self.steps: dict[str, tuple[str, Json]] = {
            "packages": ("packages", wanted({"prosody": "13.0.*", "logrotate": "*"}, [REPOSITORY])),
            "secrets": (
                "secrets",
                group("secrets", {SECRET: file(PASSWORD, "0600"), "/etc/jitsi/ca.pem": file("pem")}),
            ),
            "host": (
                "files",
                group(
                    "host",
                    {
                        RULES: file(TABLE, firewall_service="reload"),
                        limits.FILE: file("net.core.rmem_max = 300\n", kernel_service="restart"),
                        "/etc/apt/52": file("apt"),
                    },
                    ["firewall.service", "kernel.service"],
                ),
            ),
            "prosody": (
                "files",
                group(
                    "prosody",
                    {"/etc/p.lua": file("p", prosody_service="restart")},
                    ["prosody.service"],
                    accounts=[account(FOCUS)],
                    subscriptions=[{**subscription}],
                ),
            ),
            "jicofo": (
                "files",
                group("jicofo", {"/etc/jicofo": file("j", jicofo_service="restart")}, ["jicofo.service"]),
            ),
            "nginx": (
                "files",
                group("nginx", {"/etc/nginx": file("n", nginx_service="restart")}, ["nginx.service"]),
            ),
            "coturn": ("files", group("coturn", {"/etc/turn": file("t")}, ["coturn.service"])),
            "turn-peer-main": (
                "files",
                group("turn-peer-main-10-0-0-2", {"/etc/peer": file("a")}, step="turn-peer-main"),
            ),
            "meet": ("files", group("meet", {"/etc/config.js": file("c")})),
            "account-main": ("secrets", group("account-main", {}, accounts=[account(BRIDGE)])),
            "videobridge": (
                "files",
                group("videobridge", {"/etc/jvb": file("v", jvb_service="restart")}, ["jvb.service"]),
            ),
        }
        installation.install(MODULES, self.machine.tree)
        for verb, manifest in self.steps.values():
            self.ok(verb, manifest=manifest)
        self.limit.write_text("100\n")
        kernel.raise_values(self.machine.root, limits.FILE)
        check = {"kind": "listening", "protocol": "tcp", "port": 8080, "addresses": ["127.0.0.1"]}
        self.machine.write(VERIFIED, json.dumps({"checks": [check], "timeoutSeconds": 0}))
        self.assertEqual(self.found(), [])
        self.machine.calls()

    def _packages(self) -> None:
        self.machine.write("/etc/os-release", 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n')
        self.machine.write(KEY, "key")
        self.database = self.machine.folder / "installed"
        self.database.write_text("base\tinstalled\t1\tinstall\n")
        add = 'for n in "$@"; do case "$n" in *=*) printf "%s\\tinstalled\\t%s\\tinstall\\n" '
        add += f'"${{n%=*}}" "${{n#*=}}" >>{self.database};; esac; done'
        self.machine.command("apt-get", f'case "$*" in *" install "*) {add};; esac')
        self.machine.command("apt-mark", f"sed -i 's/hold$/install/' {self.database}")
        self.machine.command("apt-cache", 'printf "%s | 13.0.3 | x\\n" "$2"')
        self.machine.command("dpkg")
        self.machine.command(
            "dpkg-query",
            f"shift 2; [ $# = 0 ] && cat {self.database}\n"
            f'for n in "$@"; do grep "^$n\t" {self.database}; done; exit 0',
        )

    def _prosody(self) -> None:
        (self.machine.folder / "stored").write_text(STORED)
        tree = self.machine.tree
        roster = 'return {\\n\\t["focus.test"] = {\\n\\t\\t["subscription"] = "from";\\n\\t};\\n};\\n'
        self.machine.command(
            "prosodyctl",
            f"""for jid; do :; done
name=$(echo "$jid" | sed 's/[.]/%2e/g'); file={tree}{DATA}/${{name#*@}}/accounts/${{name%@*}}.dat
case "$*" in
*roster*) mkdir -p {tree}{DATA}/auth%2emeet%2etest/roster
  printf '{roster}' >{tree}{store(FOCUS, "roster")} ;;
*adduser*|*passwd*) mkdir -p "${{file%/*}}"; cp {self.machine.folder}/stored "$file" ;;
*deluser*) rm "$file" ;;
esac""",
        )
        self.machine.root.path(DATA).mkdir(parents=True)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.machine.root.path(DATA) / "prosody.sock"))
        listener.listen(50)
        self.addCleanup(listener.close)

    def _kernel(self) -> None:
        """Rules, limits and the socket of the bridge, which a reload and restarts bring back."""
        self.live = self.machine.folder / "live"
        self.live.write_text(listing("ssh"))
        self.machine.command("nft", f"cat {self.live}")
        self.machine.command("unshare", f"echo '{listing('ssh')}'")
        self.limit = self.machine.write("/proc/sys/net/core/rmem_max", "100\n")
        self.sockets = self.machine.write("/proc/net/tcp", "header\n" + LISTENER.format(address="0100007F"))
        self.machine.on("reload", f"echo '{listing('ssh')}' >{self.live}")
        right = LISTENER.format(address="0100007F").strip()
        calls = f"tail -n 1 {self.machine.folder}/calls"
        self.machine.on(
            "restart",
            f'case "$({calls})" in *kernel*) echo 300 >{self.limit};;\n'
            f"*jvb*) printf 'header\\n%s\\n' '{right}' >{self.sockets};; esac",
        )
        self.machine.write("/proc/42/comm", "java\n")
        self.machine.write("/proc/42/cgroup", "0::/system.slice/jvb.service\n")
        self.machine.root.path("/proc/42/fd").mkdir()
        self.machine.root.path("/proc/42/fd/1").symlink_to("socket:[77]")

    def found(self) -> list[tuple[str, str, str]]:
        entries = json.loads(self.machine.cli("drift")[1])["drift"]
        return [(e["kind"], e["name"], e.get("step", "")) for e in entries]

    def edit(self) -> list[tuple[str, str, str]]:
        """Makes the twenty by hand; returns what drift has to say."""
        write, path = self.machine.write, self.machine.root.path
        (version,) = Path(self.machine.tree, "usr/local/lib/audio-meet").glob("version-*")
        (version / "cli.py").write_text("by hand\n")
        for name in ("/etc/jicofo", "/etc/config.js", PINS, SOURCE):
            write(name, "by hand")
        for name in ("/etc/jitsi/ca.pem", "/etc/apt/52", store(BRIDGE), store(FOCUS, "roster")):
            path(name).unlink()
        path("/etc/apt/52").symlink_to("/root/mine")
        path(SECRET).chmod(0o644)
        path("/etc/peer").chmod(0o600)
        self.machine.unit("coturn.service", active=False, enabled=False)
        self.database.write_text("base\tinstalled\t1\tinstall\nprosody\tinstalled\t13.0.3\thold\n")
        write(store(FOCUS), STORED.replace("d8507ab2", "00000000"))
        write(store("eve@auth.meet.test"), STORED)
        self.live.write_text(listing("everybody", "ssh"))
        self.limit.write_text("200\n")
        self.sockets.write_text("header\n" + LISTENER.format(address="00000000"))
        return [
            ("content", f"/usr/local/lib/audio-meet/{version.name}", "helper"),
            ("content", "/etc/jicofo", "jicofo"),
            ("content", "/etc/config.js", "meet"),
            ("mode", SECRET, "secrets"),
            ("file", "/etc/jitsi/ca.pem", "secrets"),
            ("file", "/etc/apt/52", "host"),
            ("mode", "/etc/peer", "turn-peer-main"),
            ("enabled", "coturn.service", "coturn"),
            ("active", "coturn.service", "coturn"),
            ("source", PINS, "packages"),
            ("source", SOURCE, "packages"),
            ("hold", "prosody", "packages"),
            ("package", "logrotate", "packages"),
            ("account", BRIDGE, "account-main"),
            ("account", FOCUS, "prosody"),
            ("account", "eve@auth.meet.test", "prosody"),
            ("roster", FOCUS, "prosody"),
            ("rules", "inet audio_meet", "host"),
            ("kernel", "net.core.rmem_max", "host"),
            ("port", "tcp 8080", "videobridge"),
        ]

    def test_each_is_named_and_its_step_ends_it(self) -> None:
        expected = self.edit()
        self.assertEqual(len(expected), 20)
        found = self.found()
        self.assertEqual(sorted(found), sorted(expected))
        self.machine.calls()
        named = {step for _, _, step in found}
        self.assertEqual(named, {*self.steps, "helper"} - {"nginx"})
        installation.install(MODULES, self.machine.tree)
        for step, (verb, manifest) in self.steps.items():
            if step in named:
                self.ok(verb, "repair-1", manifest=manifest)
        # whose files, units and accounts alone are as they should be, or take the change at once, runs on
        orders = ["reload firewall.service", "restart kernel.service", "restart jicofo.service"]
        self.assertEqual(self.machine.orders(), [*orders, "start coturn.service", "restart jvb.service"])
        self.assertEqual(self.found(), [])
