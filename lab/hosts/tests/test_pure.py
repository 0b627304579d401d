"""What needs no root and no guest: texts, command lines, records, identities."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cgroup
import guest
import image
import keyring
import main
import network
import process
import request
import root
import state
import status
import suites
from base import LabError

MACHINE = state.Machine(
    name="core-1",
    address="10.213.9.7",
    suite="trixie",
    mirror=None,
    image="/images/trixie",
    host_public_key="ssh-ed25519 AAAAhost",
    authorized_key="ssh-ed25519 AAAAuser",
)
REQUEST = {
    "name": "core-1",
    "address": "10.213.9.7",
    "hostPrivateKey": "PRIVATE-HOST-KEY",
    "hostPublicKey": "ssh-ed25519 AAAAhost",
    "authorizedKey": "ssh-ed25519 AAAAuser",
    "clientPrivateKey": "PRIVATE-CLIENT-KEY",
}


class LabCase(unittest.TestCase):
    """A test with a lab and a cache folder of its own."""

    def setUp(self) -> None:
        top = tempfile.TemporaryDirectory()
        self.addCleanup(top.cleanup)
        self.top = Path(top.name)
        places = {"AUDIO_MEET_LAB": f"{top.name}/lab", "AUDIO_MEET_CACHE": f"{top.name}/cache"}
        patched = mock.patch.dict(os.environ, places)
        patched.start()
        self.addCleanup(patched.stop)


class Identities(unittest.TestCase):
    """A process is known by more than its PID."""

    def setUp(self) -> None:
        self.child = subprocess.Popen(["sleep", "60"])
        self.addCleanup(self.child.wait)
        self.addCleanup(self.child.kill)
        found = process.Identity.of(self.child.pid)
        assert found
        self.identity = found

    def test_a_stat_line_is_split_behind_the_last_bracket_of_the_name(self) -> None:
        rest = " ".join(str(n) for n in range(5, 53))
        self.assertEqual(process.parse_stat(f"41 (a) R (b c) S 7 {rest}"), ("S", 7, 22))

    def test_another_start_time_or_boot_is_another_process_and_gets_no_signal(self) -> None:
        for other in (
            process.Identity(self.child.pid, self.identity.start_ticks + 1, self.identity.boot),
            process.Identity(self.child.pid, self.identity.start_ticks, "another boot"),
        ):
            self.assertFalse(other.alive())
            other.kill()
        self.assertIsNone(self.child.poll())

    def test_a_killed_process_is_not_alive_even_as_a_zombie(self) -> None:
        self.assertTrue(self.identity.alive())
        self.identity.kill()
        self.assertFalse(self.identity.alive())

    def test_end_asks_first_and_kills_what_does_not_listen(self) -> None:
        script = "import signal,time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
        deaf = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
        self.addCleanup(deaf.wait)
        assert deaf.stdout
        self.addCleanup(deaf.stdout.close)
        deaf.stdout.readline()
        identity = process.Identity.of(deaf.pid)
        assert identity
        identity.end(timeout_seconds=0.2)
        self.assertEqual(deaf.wait(), -9)

    def test_a_detached_process_has_nothing_of_its_starter(self) -> None:
        with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, {"A_SECRET": "hidden"}):
            log = Path(folder) / "log"
            identity = process.detach(["sh", "-c", "env; ps -o sid= -p $$; pwd"], log)
            os.waitpid(identity.pid, 0)
            text = log.read_text()
        self.assertNotIn("hidden", text)
        self.assertIn(f"{identity.pid}\n/\n", text)


class Requests(LabCase):
    """stdin of `lab create`."""

    def refused(self, words: str, **change: object) -> None:
        values = {key: value for key, value in {**REQUEST, **change}.items() if value != "absent"}
        with self.assertRaisesRegex(LabError, words) as caught:
            request.parse(values)
        self.assertNotIn("PRIVATE", str(caught.exception))

    def test_a_whole_request_becomes_a_machine_with_defaults(self) -> None:
        parsed = request.parse(REQUEST)
        self.assertEqual((parsed.machine.name, parsed.machine.suite), ("core-1", "trixie"))
        self.assertEqual(parsed.host_private_key, "PRIVATE-HOST-KEY")

    def test_no_private_key_reaches_record_or_repr(self) -> None:
        parsed = request.parse(REQUEST)
        self.assertNotIn("PRIVATE", state.encode(parsed.machine) + repr(parsed))

    def test_every_mistake_names_its_key(self) -> None:
        self.refused("name", name="../etc")
        self.refused("name", name="a" * 49)
        self.refused("address 10.9.0.1", address="10.9.0.1")
        self.refused("address 10.213.0.1", address="10.213.0.1")
        self.refused("not an IPv4 address", address="nowhere")
        self.refused("suite 'sarge'", suite="sarge")
        self.refused("hostPublicKey: of type ssh-rsa", hostPublicKey="ssh-rsa AAAA")
        self.refused("authorizedKey", authorizedKey="a b\nc d")
        self.refused("memoryMegabytes 5", memoryMegabytes=5)
        self.refused("memoryMegabytes True", memoryMegabytes=True)
        self.refused("hostPrivateKey, clientPrivateKey", hostPrivateKey=["PRIVATE"])
        self.refused("hostPrivateKey missing", hostPrivateKey="absent")
        self.refused("unknown memory", memory=1)


class Records(LabCase):
    """machine.json and the folders."""

    def test_a_record_comes_back_as_it_was_written(self) -> None:
        machine = state.Machine(**{**MACHINE.__dict__, "process": process.Identity(1, 2, "boot")})
        state.folder("core-1").path.mkdir(parents=True)
        state.save(machine)
        self.assertEqual(state.load("core-1"), machine)

    def test_half_a_record_counts_as_none(self) -> None:
        path = state.folder("core-1").path
        path.mkdir(parents=True)
        for text in (state.encode(MACHINE)[:-20], "[]", "{}", '{"process": null, "colour": 1}'):
            (path / "machine.json").write_text(text)
            self.assertIsNone(state.load("core-1"), text)
        self.assertEqual([row["state"] for row in status.rows()], ["unfinished"])

    def test_the_table_shows_a_machine_that_is_down(self) -> None:
        state.folder("core-1").path.mkdir(parents=True)
        state.save(state.Machine(**{**MACHINE.__dict__, "complete": True}))
        line = status.table(status.rows()).splitlines()[1].split()
        self.assertEqual(line, ["core-1", "down", "10.213.9.7", "trixie", "-", "-", "-"])

    def test_two_labs_use_different_names_on_the_host(self) -> None:
        mine = MACHINE.guest
        with mock.patch.dict(os.environ, {"AUDIO_MEET_LAB": "/elsewhere"}):
            self.assertNotEqual(MACHINE.guest, mine)

    def test_a_lock_keeps_a_second_command_out_until_it_is_free(self) -> None:
        code = (
            "import sys; sys.path.insert(0, sys.argv[1]); import state, time\n"
            "with state.machine_lock('one'): print('in', flush=True); time.sleep(0.3)"
        )
        other = subprocess.Popen(
            [sys.executable, "-c", code, str(Path(state.__file__).parent)], stdout=subprocess.PIPE
        )
        assert other.stdout
        other.stdout.readline()
        began = time.monotonic()
        with state.machine_lock("one"):
            waited = time.monotonic() - began
        other.stdout.close()
        other.wait()
        self.assertGreater(waited, 0.15)
        self.assertFalse((state.machines_folder() / "one.lock").exists())


class Texts(LabCase):
    """Files and command lines."""

    def test_a_guest_runs_only_generators_that_it_has_a_use_for(self) -> None:
        files = state.Folder(self.top / "core-1")
        root.mask_generators(files)
        folder = files.root / "etc/systemd/system-generators"
        self.assertEqual(os.readlink(folder / "systemd-gpt-auto-generator"), "/dev/null")
        self.assertNotIn("systemd-fstab-generator", os.listdir(folder))

    def test_the_network_file_has_address_gateway_and_mtu(self) -> None:
        text = root.network_file("10.213.9.7/16", "10.213.0.1", 1400)
        for line in ("Name=host0", "MTUBytes=1400", "Address=10.213.9.7/16", "Gateway=10.213.0.1"):
            self.assertIn(line, text.splitlines())

    def test_the_mtu_is_that_of_the_default_route(self) -> None:
        (self.top / "eth9").mkdir()
        (self.top / "eth9" / "mtu").write_text("1400\n")
        header = "Iface Destination Gateway\n"
        self.assertEqual(network.uplink_mtu(header + "lo 0000D50A 0\neth9 00000000 1\n", self.top), 1400)
        self.assertEqual(network.uplink_mtu(header, self.top), 1500)

    def test_an_overlay_refuses_paths_that_would_become_other_options(self) -> None:
        good = root.overlay_options(Path("/i"), Path("/u"), Path("/w"))
        self.assertEqual(good, "lowerdir=/i,upperdir=/u,workdir=/w")
        with self.assertRaisesRegex(LabError, "/a:b"):
            root.overlay_options(Path("/a:b"), Path("/u"), Path("/w"))

    def test_name_servers_on_loopback_are_of_no_use_to_a_guest(self) -> None:
        self.assertEqual(guest.resolver_source("nameserver 127.0.0.53\n"), "copy-uplink")
        self.assertEqual(guest.resolver_source("nameserver 127.0.0.1\nnameserver 192.0.2.1\n"), "copy-host")
        self.assertEqual(guest.resolver_source(""), "copy-host")

    def test_a_guest_is_started_unregistered_on_the_bridge(self) -> None:
        command = guest.nspawn_command(MACHINE, Path("/root-folder"), "copy-host")
        self.assertEqual(command[0], "systemd-nspawn")
        for part in ("--boot", "--register=no", "--network-bridge=amlab0", "--directory=/root-folder"):
            self.assertIn(part, command)

    def test_an_image_is_named_after_all_that_it_is_made_from(self) -> None:
        plain = image.recipe("trixie", None)
        self.assertRegex(plain, "^[0-9a-f]{12}$")
        self.assertEqual(plain, image.recipe("trixie", None))
        others = {image.recipe("trixie", "http://mirror.example/debian"), image.recipe("bookworm", None)}
        with mock.patch.object(image, "PACKAGES", (*image.PACKAGES, "strace")):
            others.add(image.recipe("trixie", None))
        self.assertEqual(len(others | {plain}), 4)

    def test_bookworm_has_backports_and_security(self) -> None:
        found = [line.split()[2] for line in suites.sources("bookworm", None)]
        wanted = ["bookworm", "bookworm-updates", "bookworm-backports", "bookworm-security"]
        self.assertEqual(found, wanted)

    def test_near_jammy_is_made_of_debian_12_with_a_library_of_debian_11(self) -> None:
        found = [line.split()[2] for line in suites.sources("near-jammy", None)]
        self.assertEqual(
            sorted(set(found) - {line.split()[2] for line in suites.sources("bookworm", None)}), ["bullseye"]
        )
        command = image.build_command("near-jammy", None, Path("/target"))
        self.assertEqual(command[command.index("/target") - 1], "bookworm")

    def test_whom_a_guest_lets_in_and_what_it_calls_itself_follows_from_its_suite(self) -> None:
        near = state.Machine(**{**MACHINE.__dict__, "suite": "near-jammy"})
        for machine, user, address in ((MACHINE, "root", "10.213.9.7"), (near, "ubuntu", "127.0.1.1")):
            files = state.folder(machine.name)
            home = files.root / ("root" if user == "root" else "home/ubuntu")
            home.mkdir(parents=True)
            root.write_authorized_key(files, machine)
            self.assertEqual((home / ".ssh/authorized_keys").read_text(), f"{machine.authorized_key}\n")
            self.assertEqual((home / ".ssh").stat().st_mode & 0o777, 0o700)
            root.write_names(files, machine, {})
            self.assertIn(f"\n{address} {machine.name}\n", (files.root / "etc/hosts").read_text())

    def test_resolved_asks_the_host_s_name_servers_where_a_guest_has_it(self) -> None:
        near = state.Machine(**{**MACHINE.__dict__, "suite": "near-jammy"})
        files = state.folder(MACHINE.name)
        root.write_resolver(files, MACHINE, ["192.0.2.1"])
        self.assertFalse(files.root.exists())
        root.write_resolver(files, near, guest.name_servers("nameserver 192.0.2.1\nnameserver 192.0.2.2\n"))
        text = (files.root / "etc/systemd/resolved.conf.d/lab.conf").read_text()
        self.assertIn("DNS=192.0.2.1 192.0.2.2\n", text)

    def test_a_mirror_serves_every_suite(self) -> None:
        lines = suites.sources("jammy", "http://mirror.example/ubuntu/")
        self.assertEqual({line.split()[1] for line in lines}, {"http://mirror.example/ubuntu"})


class Down(LabCase):
    def said(self, deleted: int, others: set[str]) -> str:
        with (
            mock.patch.object(main.machines, "down", return_value=deleted),
            mock.patch.object(main.network, "other_labs", return_value=others),
            mock.patch.object(main, "progress") as progress,
        ):
            main._down(argparse.Namespace(at_once=False))
        return str(progress.call_args.args[0])

    def test_it_says_what_went_and_what_stays_for_another_lab(self) -> None:
        self.assertEqual(self.said(2, set()), "2 machines deleted; nothing of this lab is left")
        self.assertEqual(self.said(0, set()), "nothing of this lab is left")
        self.assertRegex(self.said(0, {"/b/x", "/a/y"}), "the package server .* stay for another lab, /a/y$")


class Names(LabCase):
    def test_a_guest_knows_the_names_it_was_told_last_beside_its_own(self) -> None:
        machine = MACHINE
        files = state.folder(machine.name)
        for names in ({"old.test": "10.213.0.9"}, {"meet.test": "10.213.0.8"}):
            root.write_names(files, machine, names)
        text = (files.root / "etc/hosts").read_text()
        self.assertIn(f"{machine.address} {machine.name}\n", text)
        self.assertIn("10.213.0.8\tmeet.test\n", text)
        self.assertNotIn("old.test", text)


class Keyring(LabCase):
    """Ubuntu's keys on a host that has none."""

    def test_a_package_with_another_checksum_is_refused(self) -> None:
        package = self.top / keyring._PACKAGE
        package.parent.mkdir(parents=True)
        package.write_bytes(b"not the keys")
        with (
            mock.patch.object(keyring, "_NAME", "nonexistent/keys.gpg"),
            self.assertRaisesRegex(LabError, "not the package that is expected"),
        ):
            keyring.ubuntu_keyring(self.top.as_uri())
        self.assertFalse((state.cache_folder() / "keyrings").exists())


class Groups(unittest.TestCase):
    """Control groups of version 1, 2 and both."""

    MOUNTS = (
        "30 24 0:26 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n"
        "31 30 0:27 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup rw\n"
        "32 30 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
        "33 30 0:29 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
        "34 30 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd\n"
        "35 30 0:31 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
    )

    def test_a_hybrid_machine_sets_each_limit_where_its_controller_is(self) -> None:
        found = cgroup.parse_hierarchies(self.MOUNTS)
        self.assertEqual([h.mount.name for h in found], ["unified", "cpu", "memory", "systemd"])
        by_name = {h.mount.name: cgroup.limits(h, 512, 2048) for h in found}
        self.assertEqual(by_name["memory"], {"memory.limit_in_bytes": "536870912"})
        self.assertEqual(by_name["cpu"], {"cpu.shares": "2048"})
        self.assertEqual(by_name["systemd"], {})

    def test_version_2_counts_weights_differently(self) -> None:
        unified = cgroup.Hierarchy(Path("/sys/fs/cgroup"), 2, frozenset())
        self.assertEqual(cgroup.limits(unified, 1, 1024), {"memory.max": "1048576", "cpu.weight": "100"})
        self.assertEqual(cgroup.limits(unified, None, 2)["cpu.weight"], "1")
        self.assertEqual(cgroup.limits(unified, None, 262144)["cpu.weight"], "10000")
        self.assertEqual(cgroup.limits(unified, None, None), {})


if __name__ == "__main__":
    unittest.main()
