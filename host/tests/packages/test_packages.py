"""Packages: sources, pins, exact versions, and daemons that stay as they are."""

import base64
import os
import re
from unittest import mock

from audio_meet.packages import apt, repositories, restarts
from audio_meet.recorder import postponed
from audio_meet.system import files
from audio_meet.system.documents import Json
from audio_meet.system.errors import HostError
from audio_meet.system.state import State
from machine import MachineCase, file, group

KEY = "/usr/share/keyrings/known.gpg"
REPOSITORY = {
    "name": "jitsi",
    "uri": "https://download.jitsi.org",
    "suite": "stable/",
    "components": [],
    "key": {"path": KEY},
}


def wanted(
    packages: Json, repositories: list[Json] | None = None, preseed: list[list[str]] | None = None
) -> Json:
    return {
        "releases": {"debian-13": {"repositories": repositories or [], "packages": packages}},
        "preseed": preseed or [],
    }


class Packages(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        self.machine.write("/etc/os-release", 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n')
        self.machine.write(KEY, "key")
        self.database = self.machine.folder / "installed"
        self.database.write_text("base\tinstalled\t1\n")
        self.policy = self.machine.root.path("/usr/sbin/policy-rc.d")
        self.machine.command(
            "dpkg-query",
            f'case "$1" in -S) echo "prosody: $2"; exit 0;; esac; shift 2\n'
            f"[ $# = 0 ] && cat {self.database}\n"
            f'for n in "$@"; do grep "^$n\t" {self.database}; done; exit 0',
        )
        self.machine.command(
            "apt-cache", 'printf "prosody | 13.0.1-1 | x\\nprosody | 13.0.3-1 | x\\nprosody | 12.9 | x\\n"'
        )
        self.machine.command("dpkg", '[ "$1" = --compare-versions ] || exit 0; [ "$2" \\> "$4" ]')
        self.machine.command("debconf-set-selections", f"cat > {self.machine.folder}/answers")
        self.install("prosody\tinstalled\t13.0.3-1", "lua5.4\tinstalled\t5.4.7")

    def install(self, *rows: str) -> None:
        """From now on `apt-get install` brings these packages, provided daemons are kept down."""
        text = "\\n".join(rows).replace("\t", "\\t")
        self.machine.command(
            "apt-get",
            f'case "$*" in *" install "*) [ "$({self.policy}; echo $?)" = 101 ] || exit 9\n'
            f"printf '{text}\\n' >> {self.database};; esac",
        )

    def test_exact_versions_are_installed_and_pinned_with_daemons_kept_down(self) -> None:
        out = self.ok("packages", manifest=wanted({"prosody": "13.0.*"}, [REPOSITORY]))
        self.assertIn("installed: prosody 13.0.3-1", out)
        self.assertIn(
            "install --no-install-recommends --allow-downgrades prosody=13.0.3-1",
            self.machine.calls("apt-get")[-1],
        )
        self.assertEqual(
            self.machine.read("/etc/apt/preferences.d/audio-meet"),
            "Package: prosody\nPin: version 13.0.3-1\nPin-Priority: 1001\n",
        )
        self.assertEqual(
            self.machine.read("/etc/apt/sources.list.d/audio-meet-jitsi.sources"),
            f"Types: deb\nURIs: https://download.jitsi.org\nSuites: stable/\nSigned-By: {KEY}\n",
        )
        self.assertFalse(self.policy.exists())

    def test_a_pattern_is_pinned_at_what_it_brought_until_another_pattern_is_wanted(self) -> None:
        # what fits the pattern later must not come by `apt upgrade`, whose scripts restart the daemon
        pins = "/etc/apt/preferences.d/audio-meet"
        self.install("prosody\tinstalled\t13.0.1-1")
        self.ok("packages", manifest=wanted({"prosody": "13.0.1*"}))
        self.assertIn("Pin: version 13.0.1-1\n", self.machine.read(pins))
        self.assertEqual(self.ok("packages", manifest=wanted({"prosody": "13.0.*"})), "nothing to change")
        self.assertIn("Pin: version 13.0.1-1\n", self.machine.read(pins))
        self.machine.command("apt-get", "exit 100")
        self.refused("packages", manifest=wanted({"prosody": "13.0.3*"}))
        self.database.write_text("base\tinstalled\t1\n")
        self.install("prosody\tinstalled\t13.0.3-1")
        self.ok("packages", manifest=wanted({"prosody": "13.0.3*"}))
        self.assertIn("Pin: version 13.0.3-1\n", self.machine.read(pins))

    def test_pins_of_a_pattern_that_an_earlier_run_left_are_narrowed(self) -> None:
        pins = "/etc/apt/preferences.d/audio-meet"
        self.ok("packages", manifest=wanted({"prosody": "13.0.*"}))
        before = self.machine.read(pins)
        state = State(self.machine.root)
        record = state.packages()
        self.machine.write(pins, before.replace("13.0.3-1", "13.0.*"))
        record["sources"][pins] = files.digest(self.machine.read(pins).encode())
        state.save_packages(record)
        self.assertEqual(self.ok("packages", manifest=wanted({"prosody": "13.0.*"})), f"sources: {pins}")
        self.assertEqual(self.machine.read(pins), before)

    def test_sources_pins_and_keys_that_somebody_edited_are_named_and_put_aside(self) -> None:
        remote = {**REPOSITORY, "name": "other", "key": {"url": "https://example.org/key"}}
        manifest = wanted({"prosody": "13.0.*"}, [REPOSITORY, remote])
        key = base64.b64decode("mQ==")
        with mock.patch.object(repositories, "download", return_value=key):
            self.ok("packages", manifest=manifest)
        source = "/etc/apt/sources.list.d/audio-meet-jitsi.sources"
        pins, ring = "/etc/apt/preferences.d/audio-meet", "/usr/share/keyrings/audio-meet-other.gpg"
        self.machine.write(source, "Types: deb mine\n")
        self.machine.root.path(pins).unlink()
        self.machine.write(ring, "another key")
        noted = self.machine.cli("verify", manifest={"checks": [], "timeoutSeconds": 0})[2]
        for path in (source, ring):
            self.assertIn(f"{path} was changed by hand", noted)
        self.assertIn(f"{pins} was deleted by hand", noted)
        with mock.patch.object(repositories, "download", return_value=key):
            out = self.ok("packages", manifest=manifest)
        self.assertEqual(self.machine.root.path(ring).read_bytes(), key)
        self.assertIn(f"{pins} was deleted by hand", out)
        (kept,) = re.findall(rf"{source} was changed by hand; the changed content is in ([^;\s]+)", out)
        self.assertEqual(self.machine.read(kept), "Types: deb mine\n")
        self.assertIn("download.jitsi.org", self.machine.read(source))
        self.assertTrue(self.machine.root.path(pins).exists())
        self.machine.root.path(source).chmod(0o600)
        self.assertIn("has mode 0600 instead of 0644", self.ok("packages", manifest=manifest))
        self.assertEqual(self.machine.root.path(source).stat().st_mode & 0o777, 0o644)
        self.machine.write(ring, "another key")
        out = self.ok("remove-packages")
        (kept,) = re.findall(rf"{ring} was changed by hand; the changed content is in ([^;\s]+)", out)
        self.assertEqual(self.machine.read(kept), "another key")
        self.assertFalse(self.machine.root.path(ring).exists())

    def test_the_second_time_asks_dpkg_once_and_touches_nothing(self) -> None:
        manifest = wanted({"prosody": "13.0.*"}, [REPOSITORY], [["a", "a/b", "string", "x"]])
        self.ok("packages", manifest=manifest)
        self.assertEqual((self.machine.folder / "answers").read_text(), "a a/b string x\n")
        self.machine.calls()
        self.assertEqual(self.ok("packages", manifest=manifest), "nothing to change")
        self.assertEqual([call.split()[0] for call in self.machine.calls()], ["dpkg-query"])

    def test_a_dpkg_that_does_not_answer_does_not_mean_that_nothing_is_installed(self) -> None:
        # what is on the host would be taken for what came with ours, and go with it
        for body in ("exit 2", "exit 0"):
            self.machine.command("dpkg-query", body)
            with self.assertRaisesRegex(HostError, "cannot list the installed packages"):
                apt.installed(self.machine.root)
        self.machine.command("dpkg-query", "echo broken >&2; exit 2")
        manifest = wanted({"prosody": "13.0.*"}, [REPOSITORY])
        self.assertIn(
            "cannot list the installed packages: broken", self.refused("packages", manifest=manifest)
        )
        self.assertEqual(State(self.machine.root).packages(), {})
        self.machine.command("dpkg-query", "echo no such package >&2; exit 1")
        self.assertEqual(apt.installed(self.machine.root, ["prosody"]), {})

    def test_a_daemon_whose_program_is_not_known_is_not_left_on_the_old_one(self) -> None:
        self.machine.unit("a.service", ExecStart="{ path=/usr/bin/a ; argv[]=x }")
        self.ok("files", manifest=group("core", {"/etc/a": file("x")}, ["a.service"]))
        self.machine.command("dpkg-query", "echo late >&2; exit 124")
        state = State(self.machine.root)
        with self.assertRaisesRegex(HostError, "package of /usr/bin/a: late"):
            restarts.restart_users(self.machine.root, state, {"restart": ["a"]})

    def test_a_package_at_any_version_has_no_pin(self) -> None:
        self.assertEqual(repositories.pins_text({"nginx": "*"}), "")
        self.ok("packages", manifest=wanted({"base": "*"}))
        self.assertFalse(self.machine.root.path("/etc/apt/preferences.d/audio-meet").exists())

    def test_the_code_name_and_the_components_reach_the_source(self) -> None:
        item = {**REPOSITORY, "suite": "@CODENAME-backports", "components": ["main", "contrib"]}
        text = repositories.source_text(item, "bookworm")
        self.assertIn("Suites: bookworm-backports\nComponents: main contrib\n", text)

    def test_a_version_that_nobody_offers_names_what_there_is(self) -> None:
        error = self.refused("packages", manifest=wanted({"prosody": "14.*"}))
        self.assertIn("package prosody: version 14.* is required, available: 13.0.3-1, 13.0.1-1, 12.9", error)

    def test_an_unsupported_release_names_the_supported_ones(self) -> None:
        self.machine.write("/etc/os-release", "ID=fedora\nVERSION_ID=40\n")
        error = self.refused("packages", manifest=wanted({}))
        self.assertIn("fedora-40 is not supported; use one of: debian-13", error)

    def test_a_missing_key_file_and_a_plain_http_key_are_refused(self) -> None:
        item = {**REPOSITORY, "key": {"path": "/nowhere.gpg"}}
        self.assertIn("/nowhere.gpg: missing", self.refused("packages", manifest=wanted({}, [item])))
        item = {**REPOSITORY, "key": {"url": "http://example.org/key"}}
        self.assertIn("is not an https address", self.refused("packages", manifest=wanted({}, [item])))

    def test_a_policy_of_somebody_else_comes_back(self) -> None:
        self.machine.write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 7\n", 0o755)
        self.ok("packages", manifest=wanted({"prosody": "13.0.*"}))
        self.assertEqual(self.policy.read_text(), "#!/bin/sh\nexit 7\n")

    def test_a_daemon_whose_program_was_replaced_starts_anew(self) -> None:
        self.machine.unit("prosody.service", ExecStart="{ path=/usr/bin/prosody ; argv[]=x }")
        self.ok("files", manifest=group("core", {"/etc/a": file("x")}, ["prosody.service"]))
        self.database.write_text("prosody\tinstalled\t13.0.1-1\n")
        self.machine.command("apt-get", f"printf 'prosody\\tinstalled\\t13.0.3-1\\n' > {self.database}")
        self.machine.calls()
        out = self.ok("packages", manifest=wanted({"prosody": "13.0.3-1"}))
        self.assertIn("restarted: prosody.service", out)
        self.assertEqual(self.machine.orders(), ["restart prosody.service"])

    def test_a_daemon_that_an_interpreter_runs_starts_anew_with_its_own_package(self) -> None:
        start = "{ path=/usr/bin/lua5.4 ; argv[]=/usr/bin/lua5.4 /usr/bin/prosody -F ; ignore_errors=no }"
        self.machine.unit("prosody.service", ExecStart=start)
        owners = "printf 'lua5.4: /usr/bin/lua5.4\\nprosody: /usr/bin/prosody\\n'"
        self.machine.command("dpkg-query", owners)
        self.ok("files", manifest=group("core", {"/etc/a": file("x")}, ["prosody.service"]))
        for package in ("prosody", "lua5.4"):
            self.machine.calls()
            state = State(self.machine.root)
            done = restarts.restart_users(self.machine.root, state, {"restart": [package]})
            self.assertEqual(done, ["restarted: prosody.service"])

    def test_a_sound_server_that_a_recording_needs_restarts_after_it(self) -> None:
        unit = "audio-meet-sound.service"
        self.machine.unit(unit, ExecStart="{ path=/usr/bin/pulseaudio ; argv[]=x }")
        self.machine.command("dpkg-query", "echo 'pulseaudio: /usr/bin/pulseaudio'")
        self.ok("files", manifest=group("recorder", {"/etc/a": file("x")}, [unit]))
        state = State(self.machine.root)
        self.machine.calls()
        with mock.patch.object(postponed, "put_off", return_value=[unit]):
            done = restarts.restart_users(self.machine.root, state, {"restart": ["pulseaudio"]})
        self.assertEqual(done, ["audio-meet-sound restarts when the recording ends"])
        self.assertEqual(self.machine.orders(), [])

    def test_a_group_that_names_the_package_restarts_its_daemon_itself(self) -> None:
        self.machine.unit("prosody.service", ExecStart="{ path=/usr/bin/prosody ; argv[]=x }")
        core = group("core", {"/etc/a": file("x")}, ["prosody.service"], packages={"prosody": "13.0.1-1"})
        self.ok("files", manifest=core)
        self.database.write_text("prosody\tinstalled\t13.0.1-1\n")
        self.machine.command("apt-get", f"printf 'prosody\\tinstalled\\t13.0.3-1\\n' > {self.database}")
        self.machine.calls()
        self.assertNotIn("restarted", self.ok("packages", manifest=wanted({"prosody": "13.0.3-1"})))
        self.assertEqual(self.machine.orders(), [])
        newer = {**core, "packages": {"prosody": "13.0.3-1"}}
        self.assertIn("started: prosody", self.ok("files", manifest=newer))
        self.assertEqual(self.machine.orders(), ["stop prosody.service", "start prosody.service"])
        self.assertIn("nothing to change", self.ok("files", manifest=newer))

    def test_an_unpacked_package_replaces_its_folder_and_is_never_installed(self) -> None:
        folder = "/usr/share/jitsi-meet/prosody-plugins"
        self.machine.write(f"{folder}/mod_of_an_older_version.lua", "")
        self.machine.command("env", 'touch "${1#--chdir=}/prosody.deb"')
        self.machine.command("dpkg-deb", f'mkdir -p "$3{folder}" && echo new > "$3{folder}/mod_new.lua"')
        manifest = wanted({})
        manifest["releases"]["debian-13"]["unpack"] = {"prosody": {"version": "13.0.3-1", "folder": folder}}
        self.assertIn("prosody 13.0.3-1", self.ok("packages", manifest=manifest))
        found = [path.name for path in self.machine.root.path(folder).iterdir()]
        self.assertEqual(found, ["mod_new.lua"])
        self.assertNotIn("prosody", self.database.read_text())
        self.assertIn("nothing to change", self.ok("packages", manifest=manifest))
        self.machine.write(f"{folder}/mod_new.lua", "patched")
        self.machine.write(f"{folder}/mod_own.lua", "own")
        noted = self.machine.cli("verify", manifest={"checks": [], "timeoutSeconds": 0})[2]
        self.assertIn(f"{folder}/mod_new.lua was changed by hand", noted)
        self.ok("remove-packages")
        self.assertFalse(self.machine.root.path(folder).exists())
        kept = self.machine.root.path("/var/backups/audio-meet")
        copies = {path.name: path.read_text() for path in kept.rglob("*.lua")}
        self.assertEqual(
            copies, {"mod_of_an_older_version.lua": "", "mod_new.lua": "patched", "mod_own.lua": "own"}
        )

    def test_what_is_unpacked_is_open_to_daemons_whatever_the_umask_of_root(self) -> None:
        folder = "/usr/share/jitsi-meet/prosody-plugins"
        self.machine.command("env", 'touch "${1#--chdir=}/prosody.deb"')
        self.machine.command("dpkg-deb", f'mkdir -p "$3{folder}"')
        manifest = wanted({})
        manifest["releases"]["debian-13"]["unpack"] = {"prosody": {"version": "*", "folder": folder}}
        self.addCleanup(os.umask, os.umask(0o077))
        self.ok("packages", manifest=manifest)
        for path in (folder, "/usr/share/jitsi-meet"):
            self.assertEqual(self.machine.root.path(path).stat().st_mode & 0o777, 0o755, path)

    def test_remove_packages_purges_what_came_with_us_and_nothing_else(self) -> None:
        self.ok("packages", manifest=wanted({"prosody": "13.0.*", "base": "*"}, [REPOSITORY]))
        self.machine.command(
            "apt-get", 'case "$*" in *autoremove*) echo "Remv lua5.4 [5.4]"; echo "Remv theirs [1]";; esac'
        )
        self.machine.calls()
        out = self.ok("remove-packages")
        purges = [call.rpartition("purge ")[2] for call in self.machine.calls("apt-get") if " purge " in call]
        self.assertEqual(purges[:2], ["prosody", "lua5.4"])
        self.assertNotIn("theirs", out)
        self.assertFalse(self.machine.root.path("/etc/apt/sources.list.d/audio-meet-jitsi.sources").exists())
        self.assertFalse(self.machine.root.path("/etc/apt/preferences.d/audio-meet").exists())
        self.assertEqual(self.ok("remove-packages"), "nothing to change")

    def test_an_apt_that_does_not_say_what_is_unneeded_leaves_the_record_of_what_came(self) -> None:
        self.ok("packages", manifest=wanted({"prosody": "13.0.*"}))
        self.machine.command("apt-get", 'case "$*" in *autoremove*) echo "E: locked" >&2; exit 100;; esac')
        self.assertIn("packages that are no longer needed: E: locked", self.refused("remove-packages"))
        self.machine.command("apt-get", 'case "$*" in *autoremove*) echo "Remv lua5.4 [5.4]";; esac')
        self.assertIn("lua5.4", self.ok("remove-packages"))

    def test_a_dependency_that_something_only_recommends_goes_as_well(self) -> None:
        self.ok("packages", manifest=wanted({"prosody": "13.0.*"}))
        # apt keeps what an installed package recommends or suggests, unless it is told otherwise
        self.machine.command(
            "apt-get",
            'case "$*" in *RecommendsImportant=false*SuggestsImportant=false*autoremove)\n'
            'echo "Remv lua5.4 [5]";; esac',
        )
        self.assertIn("lua5.4", self.ok("remove-packages"))

    def test_an_armored_key_becomes_binary(self) -> None:
        binary = bytes([0x99, 1, 2, 3] * 20)
        body = base64.b64encode(binary).decode()
        armored = (
            "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n\n"
            f"{body[:64]}\n{body[64:]}\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n"
        )
        self.assertEqual(files.dearmor(armored.encode()), binary)
        self.assertEqual(files.dearmor(binary), binary)
