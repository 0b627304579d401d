"""Others at work on a fresh machine: waited for and named, up to a deadline, and never taken for damage."""

import contextlib
import io
import re
import subprocess
import sys
from unittest import mock

from audio_meet.packages import locks, packages
from audio_meet.system import cloud_init, waiting
from audio_meet.system.documents import Json
from audio_meet.system.errors import HostError
from audio_meet.system.state import State
from machine import MachineCase
from packages.test_packages import wanted

HOLD = """
import fcntl, os, sys, time
path, kind, proc, then, seconds = sys.argv[1:]
lock = open(path, "r+")
(fcntl.lockf if kind == "fcntl" else fcntl.flock)(lock, fcntl.LOCK_EX)
own = os.path.join(proc, str(os.getpid()))
os.makedirs(own)
open(os.path.join(own, "comm"), "w").write("unattended-upgr\\n")
open(os.path.join(own, "cgroup"), "w").write("0::/system.slice/apt-daily-upgrade.service\\n")
if kind == "flock":
    rows = open("/proc/locks").readlines()
    open(os.path.join(proc, "locks"), "w").writelines(rows)
print("held", flush=True)
sys.stdin.readline()
time.sleep(float(seconds))
os.system(then)
if kind == "flock":
    os.unlink(os.path.join(proc, "locks"))
"""


class Waiting(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.write("/etc/os-release", 'ID=debian\nVERSION_ID="13"\n')
        for program in ("apt-get", "debconf-set-selections", "dpkg"):
            self.machine.command(program)
        self.machine.command("apt-cache", "echo 'hello | 1.0 | x'")
        self.machine.command("dpkg-query", "printf 'dpkg\\tinstalled\\t1\\n'")
        self.root = self.machine.root

    def hold(self, path: str, then: str = ":", seconds: float = 0.2) -> subprocess.Popen[str]:
        """Somebody takes a lock. A line on its stdin makes it go after `seconds`, with `then` at the end."""
        file = self.machine.write(path, "")
        kind = "flock" if path == locks.DEBCONF else "fcntl"
        arguments = [sys.executable, "-c", HOLD, str(file), kind, str(self.machine.tree / "proc")]
        holder = subprocess.Popen(
            [*arguments, then, str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(holder.communicate)
        assert holder.stdout
        self.assertEqual(holder.stdout.readline(), "held\n")
        return holder

    def let_go(self, holder: subprocess.Popen[str]) -> None:
        assert holder.stdin
        holder.stdin.write("\n")
        holder.stdin.flush()

    def test_every_lock_is_waited_for_and_its_holder_named(self) -> None:
        for path in (*locks.LOCKS, locks.DEBCONF):
            with self.subTest(path):
                self.root.patience_seconds = 900.0
                holder = self.hold(path)
                self.let_go(holder)
                manifest = wanted({"hello": "1.0"}, preseed=[["a", "b", "string", path]])
                code, _, said = self.machine.cli("packages", manifest=manifest)
                self.assertEqual(code, 0, said)
                who = rf"unattended-upgr \(process {holder.pid}, apt-daily-upgrade.service\)"
                self.assertRegex(f"{said}\n", rf"waiting for {who}, which holds {path}: 0 of 900 s\n")
                self.assertIsNone(locks.held(self.root))

    def test_a_lock_that_nobody_gives_back_ends_the_run_before_anything_is_installed(self) -> None:
        self.root.patience_seconds = 0.1
        holder = self.hold("/var/lib/apt/lists/lock")
        error = self.refused("packages", manifest=wanted({"hello": "1.0"}))
        self.assertIn(
            f"(process {holder.pid}, apt-daily-upgrade.service): still holds /var/lib/apt/lists/lock", error
        )
        self.assertEqual(self.machine.calls("apt-get"), [])

    def test_the_work_after_a_wait_is_no_part_of_it(self) -> None:
        now = [100.0]
        wait = waiting.Waiting(self.root, "")
        with (
            mock.patch.object(waiting.time, "monotonic", lambda: now[0]),
            mock.patch.object(waiting.time, "sleep", lambda _: now.__setitem__(0, now[0] + 5)),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            wait.more("apt-get", "holds a lock")
            now[0] += 600
            wait.over()
        self.assertEqual((self.root.patience_seconds, self.root.notes), (895.0, ["waited 5 s for apt-get"]))

    def test_it_goes_on_saying_so(self) -> None:
        self.root.progress_seconds = 0.05
        self.let_go(self.hold("/var/lib/apt/lists/lock", seconds=1.5))
        code, out, said = self.machine.cli("packages", manifest=wanted({"hello": "1.0"}))
        self.assertEqual(code, 0, said)
        self.assertGreater(len(re.findall("^waiting for", said, re.MULTILINE)), 2)
        # A program reads stdout.
        self.assertNotIn("waiting for", out)
        self.assertRegex(out, r"note: waited \d s for unattended-upgr \(process")

    def test_somebody_who_was_quicker_is_waited_for_as_well(self) -> None:
        words = "E: Could not get lock /var/cache/apt/archives/lock. It is held by process 7 (apt-get)"
        first = self.machine.folder / "first"
        first.touch()
        refuse_once = f'[ -f {first} ] && {{ rm {first}; echo "{words}" >&2; exit 100; }}'
        self.machine.command("apt-get", f'case "$*" in *install*) {refuse_once};; esac; exit 0')
        self.assertIn("installed: hello 1.0", self.ok("packages", manifest=wanted({"hello": "1.0"})))
        self.assertEqual(len([call for call in self.machine.calls("apt-get") if " install " in call]), 2)

    def test_what_somebody_else_installs_meanwhile_is_not_ours(self) -> None:
        database = self.machine.write("/database", "dpkg\tinstalled\t1\n")
        self.machine.command("dpkg-query", f"cat {database}")
        install = f"printf 'hello\\tinstalled\\t1.0\\n' >> {database}"
        self.machine.command("apt-get", f'case "$*" in *install*) {install};; esac')
        theirs = self.machine.write("/theirs", "theirs\tinstalled\t1\n")
        holder = self.hold("/var/lib/dpkg/lock-frontend", then=f"cat {theirs} >> {database}")
        self.let_go(holder)
        state, record = State(self.root), Json()
        state.prepare()
        packages._install_missing(self.root, state, record, {"hello": "1.0"})
        self.assertEqual(record["added"], ["hello"])

    def test_what_dpkg_is_still_doing_is_not_repaired(self) -> None:
        journal = self.machine.write("/var/lib/dpkg/updates/0001", "")
        self.let_go(self.hold("/var/lib/dpkg/lock", then=f"rm {journal}"))
        self.ok("packages", manifest=wanted({"hello": "1.0"}))
        self.assertEqual([call for call in self.machine.calls("dpkg") if "--configure" in call], [])

    def test_what_dpkg_left_half_done_is_repaired(self) -> None:
        self.machine.write("/var/lib/dpkg/updates/0001", "")
        self.ok("packages", manifest=wanted({"hello": "1.0"}))
        self.assertEqual(len([call for call in self.machine.calls("dpkg") if "--configure -a" in call]), 1)


class CloudInit(MachineCase):
    def says(self, *answers: str) -> None:
        """cloud-init's answers (`status/exit code`) one after the other, the last one again and again."""
        log = self.machine.folder / "asked"
        log.write_text("")
        words = " ".join(f"'{answer}'" for answer in answers)
        pick = f"for _ in $(cat {log}); do [ $# = 1 ] || shift; done; echo x >> {log}"
        say = 'echo "status: ${1%/*}"; exit ${1#*/}'
        self.machine.command("cloud-init", f"set -- {words}; {pick}; {say}")

    def waited(self) -> tuple[str, list[str]]:
        """What was said on the way, and the notes."""
        out = io.StringIO()
        self.machine.root.notes.clear()
        with contextlib.redirect_stderr(out):
            cloud_init.wait(self.machine.root)
        return out.getvalue(), self.machine.root.notes

    def test_a_machine_without_it_is_not_waited_for(self) -> None:
        self.assertEqual(self.waited(), ("", []))

    def test_it_is_waited_for(self) -> None:
        self.says("running/0", "running/0", "done/0")
        said, notes = self.waited()
        self.assertEqual(said, "waiting for cloud-init, which sets up this machine: 0 of 900 s\n")
        self.assertEqual(notes, [])

    def test_what_came_of_it_is_a_remark(self) -> None:
        for answer, remark in {
            "done/0": [],
            "disabled/0": [],
            "error/1": ["cloud-init ended with errors (error): see cloud-init status --long"],
            "done/2": ["cloud-init ended with errors (done): see cloud-init status --long"],
        }.items():
            with self.subTest(answer):
                self.says(answer)
                self.assertEqual(self.waited(), ("", remark))

    def test_before_it_began_it_is_waited_for_while_the_machine_boots_and_no_longer(self) -> None:
        self.says("not run/0", "not run/0", "done/0")
        self.assertEqual(self.waited(), ("", []))
        self.says("not run/0", "not run/0", "done/0")
        self.machine.command("systemctl", '[ "$1" = is-system-running ] && echo starting')
        self.assertIn("waiting for cloud-init", self.waited()[0])

    def test_one_that_never_ends_ends_the_run(self) -> None:
        self.machine.root.patience_seconds = 0.1
        self.says("running/0")
        with self.assertRaisesRegex(HostError, "cloud-init.*still sets up this machine after 0 s"):
            self.waited()

    def test_the_look_at_the_host_comes_after_it(self) -> None:
        self.machine.root.patience_seconds = 0.1
        self.says("running/0")
        self.machine.write("/etc/os-release", "ID=debian\n")
        manifest = {
            **{"releases": [], "memoryMegabytes": 1, "diskMegabytes": {}, "clockUrls": [], "packages": []},
            **{"ports": [], "names": [], "xmppHosts": [], "sharesHttps": False, "table": "x", "wayOut": []},
        }
        error = self.refused("preflight", manifest=manifest)
        self.assertIn("cloud-init: still sets up this machine", error)
        self.assertNotIn("operating system", error)
