"""New versions of daemons that throw people out: fetched, and kept out until nobody is there."""

import json

from audio_meet.system.documents import Json
from daemon import Daemon
from machine import MachineCase, file, group

PROSODY, SECOND = "prosody.service", "prosody-two.service"
FOLDER = "/usr/share/jitsi-meet/prosody-plugins"
PINS = "/etc/apt/preferences.d/audio-meet"


def wanted(prosody: str, plugins: str = "1", page: str = "1", *, waits: bool = True) -> Json:
    packages = {"prosody": prosody, "jitsi-meet-web": page}
    parts = {"jitsi-meet-prosody": {"version": plugins, "folder": FOLDER}}
    return {
        "releases": {"debian-13": {"repositories": [], "packages": packages, "unpack": parts}},
        "preseed": [],
        **({"restarts": {"units": [PROSODY]}} if waits else {}),
    }


class PutOff(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.write("/etc/os-release", 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n')
        self.database = self.machine.folder / "installed"
        self.database.write_text("base\tinstalled\t1\n")
        self.machine.command(
            "dpkg-query",
            'case "$1" in -S) echo "prosody: $2"; exit 0;; esac; shift 2\n'
            f"[ $# = 0 ] && cat {self.database}\n"
            f'for n in "$@"; do grep "^$n\t" {self.database}; done; exit 0',
        )
        self.machine.command("apt-cache", 'for v in 1 2; do echo "$2 | $v | x"; done')
        self.machine.command("dpkg", '[ "$1" = --compare-versions ] || exit 0; [ "$2" \\> "$4" ]')
        self.machine.command(
            "apt-get",
            'case "$*" in *--download-only*) exit 0;; *" install "*) ;; *) exit 0;; esac\n'
            'for word in "$@"; do case "$word" in -*|*::*) ;; *=*) name=${word%=*}\n'
            f'sed -i "/^$name\t/d" {self.database}\n'
            f'printf "%s\\tinstalled\\t%s\\n" "$name" "${{word#*=}}" >> {self.database};; esac; done',
        )
        self.machine.command("env", 'touch "${1#--chdir=}/prosody.deb"')
        self.machine.command("dpkg-deb", f'mkdir -p "$3{FOLDER}"')
        for unit in (PROSODY, SECOND):
            self.machine.unit(unit, ExecStart="{ path=/usr/bin/prosody ; argv[]=x }")
        self.stats = {"conferences": 1, "participants": 9}
        jicofo = Daemon(self, {"/stats": lambda: self.stats, "/debug": lambda: {}})
        self.ok("packages", manifest=wanted("1"))
        self.ok(
            "files", manifest=group("prosody", {"/etc/a": file("1", prosody_service="restart")}, [PROSODY])
        )
        check = {"kind": "jicofo", "url": jicofo.url, "bridges": []}
        self.machine.cli("verify", manifest={"checks": [check], "timeoutSeconds": 0.1})
        self.machine.calls()

    def versions(self) -> str:
        return " ".join(
            sorted(line.replace("\tinstalled\t", "=") for line in self.database.read_text().split("\n"))
        )

    def test_a_new_prosody_is_fetched_and_neither_installed_nor_pinned_while_somebody_is_there(self) -> None:
        out = self.ok("packages", manifest=wanted("2"))
        self.assertIn("owed: prosody 2, with a restart of prosody, until nobody is in a conference", out)
        self.assertIn("prosody=1", self.versions())
        self.assertIn("Package: prosody\nPin: version 1\n", self.machine.read(PINS))
        self.assertTrue(any("--download-only" in call for call in self.machine.calls("apt-get")))
        self.assertEqual((self.machine.orders(), json.loads(self.ok("drift"))["drift"]), ([], []))

    def test_page_and_plugins_of_a_release_come_together(self) -> None:
        out = self.ok("packages", manifest=wanted("1", plugins="2", page="2"))
        self.assertIn("owed: jitsi-meet-web 2, jitsi-meet-prosody 2, with a restart of prosody", out)
        self.assertIn("jitsi-meet-web=1", self.versions())

    def test_plugins_are_read_by_visitor_nodes_too(self) -> None:
        self.machine.unit("prosody-v1.service", ExecStart="{ path=/usr/bin/lua ; argv[]=x }")
        # a node has to listen
        self.machine.write("/proc/net/tcp", f"  sl\n   0: 0100007F:3B8F 00000000:0000 0A{' 0' * 5} 777 1\n")
        self.machine.root.path("/proc/4242/fd").mkdir(parents=True)
        self.machine.root.path("/proc/4242/fd/3").symlink_to("socket:[777]")
        node = {"/etc/b": file("1", prosody_v1_service="restart")}
        self.ok("files", manifest=group("visitors", node, ["prosody-v1.service"]))
        self.machine.calls()
        self.ok("packages", manifest=wanted("1", plugins="2", page="2", waits=False))
        both = ["restart prosody-v1.service", "restart prosody.service"]
        self.assertEqual(sorted(self.machine.orders()), both)

    def test_a_page_alone_waits_for_nobody(self) -> None:
        self.assertIn("installed: jitsi-meet-web 2", self.ok("packages", manifest=wanted("1", page="2")))

    def test_all_of_it_is_installed_and_restarted_when_nobody_is_there(self) -> None:
        self.ok("packages", manifest=wanted("2", plugins="2", page="2"))
        self.stats["participants"] = 0
        out = self.ok("pay-owed", "now")
        self.assertIn("prosody 2", out)
        self.assertIn("restarted: prosody.service", out)
        self.assertEqual(self.versions().strip(), "base=1 jitsi-meet-web=2 prosody=2")
        self.assertIn("Package: prosody\nPin: version 2\n", self.machine.read(PINS))
        self.assertEqual(self.ok("owed"), "nothing is owed")

    def test_back_to_the_version_before_owes_nothing(self) -> None:
        self.ok("packages", manifest=wanted("2"))
        self.assertEqual(self.ok("packages", manifest=wanted("1")), "nothing to change")
        self.assertEqual(self.ok("owed"), "nothing is owed")

    def test_without_the_key_what_waited_is_installed(self) -> None:
        self.ok("packages", manifest=wanted("2"))
        self.assertIn("restarted: prosody.service", self.ok("packages", manifest=wanted("2", waits=False)))
        self.assertEqual(self.ok("owed"), "nothing is owed")

    def test_files_of_a_daemon_whose_version_waits_come_after_it(self) -> None:
        config = {"/etc/b": {**file("1"), "units": {SECOND: "restart"}}}
        self.ok("files", manifest=group("other", config, [SECOND]))
        self.ok("packages", manifest=wanted("2"))
        config["/etc/b"]["content"] = "2"
        out = self.ok("files", manifest=group("other", config, [SECOND]))
        self.assertIn("owed: restart of prosody-two, until nobody is in a conference", out)
        self.assertEqual(self.machine.read("/etc/b"), "1")
