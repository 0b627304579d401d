"""A candidate that its daemon's checker refuses never goes live."""

from machine import MachineCase, file, group

PROSODY = 'data_path = "/var/lib/p"\npidfile = "/run/p/p.pid"\nVirtualHost "a.test"\n'


class Checkers(MachineCase):
    def refuse(self, path: str, kind: str, content: str) -> str:
        """Apply a good version unchecked, then `content` with the checker, which must refuse it."""
        self.machine.unit("a.service")
        self.ok("files", manifest=group("g", {path: file("good", a_service="restart")}, ["a.service"]))
        self.machine.calls()
        manifest = group("g", {path: file(content, check=kind, a_service="restart")}, ["a.service"])
        error = self.refused("files", manifest=manifest)
        self.assertEqual(self.machine.read(path), "good")
        self.assertEqual(self.machine.orders(), [])
        self.assertEqual(
            [p.name for p in self.machine.root.path(path).parent.iterdir()], [path.rpartition("/")[2]]
        )
        self.assertIn(f"{path}: refused by its checker: ", error)
        return error

    def test_nft_sees_the_candidate_and_its_complaint_is_told(self) -> None:
        self.machine.command(
            "nft", 'grep -q rubbish "$3" && { echo "f:1:1-7: Error: syntax error" >&2; exit 1; }'
        )
        self.assertIn("Error: syntax error", self.refuse("/etc/fw.nft", "nft", "rubbish"))

    def test_any_word_about_a_unit_is_a_refusal(self) -> None:
        self.machine.command("systemd-analyze", "echo \"$3:2: Unknown key 'Restrt'\" >&2")
        error = self.refuse("/etc/systemd/system/a.service", "unit", "[Service]\nRestrt=no\n")
        self.assertIn("a.service:2: Unknown key 'Restrt'", error)

    def test_words_about_other_units_are_not(self) -> None:
        self.machine.command("systemd-analyze", "echo '/lib/systemd/system/b.service:3: Unknown key' >&2")
        self.ok(
            "files", manifest=group("g", {"/etc/systemd/system/c.service": file("[Service]", check="unit")})
        )

    def test_a_unit_may_ask_for_one_that_comes_with_it(self) -> None:
        self.machine.command(
            "systemd-analyze",
            'test -e "${3%/*}/sound.service" || { echo "a.service: sound.service not found" >&2; exit 1; }',
        )
        asking = {"/etc/systemd/system/a.service": file("[Unit]\nRequires=sound.service", check="unit")}
        self.assertIn("sound.service not found", self.refused("files", manifest=group("g", asking, [])))
        sound = {"/etc/systemd/system/sound.service": file("[Service]", check="unit")}
        self.ok("files", manifest=group("g", {**asking, **sound}, []))

    def test_sysctl_syntax(self) -> None:
        self.assertIn(
            "line 2 is not of the form", self.refuse("/etc/sysctl.d/a.conf", "sysctl", "a.b = 1\nrubbish\n")
        )
        self.ok(
            "files",
            manifest=group("h", {"/etc/sysctl.d/b.conf": file("# c\n-a.b/c = 1 2\n", check="sysctl")}),
        )

    def prosody(self, config: str = "exit 0", dry: str = "echo started") -> None:
        self.machine.command(
            "luac5.4", 'if grep -q "@@" "$2"; then echo "luac: $2:1: unexpected symbol" >&2; exit 1; fi'
        )
        self.machine.command("runuser", config)
        self.machine.command("systemd-run", dry)

    def test_prosody_is_asked_three_times_in_the_right_way(self) -> None:
        self.prosody()
        self.ok("files", manifest=group("g", {"/etc/p/p.cfg.lua": file(PROSODY, check="prosody")}))
        calls = self.machine.calls("luac5.4", "runuser", "systemd-run")
        candidate = str(self.machine.root.path("/etc/p/.audio-meet.p.cfg.lua"))
        self.assertEqual(calls[0], f"luac5.4 -p {candidate}")
        lua = self.machine.root.program("lua5.4")
        self.assertEqual(calls[1], f"runuser -u prosody {lua} prosodyctl --config {candidate} check config")
        self.assertIn("TemporaryFileSystem=/run/p:mode=0777 /var/lib/p:mode=0777", calls[2])
        self.assertTrue(calls[2].endswith(f"{lua} /usr/bin/prosody --config {candidate} -F"), calls[2])
        self.assertIn("PrivateNetwork=yes", calls[2])

    def test_prosody_syntax(self) -> None:
        self.prosody()
        self.assertIn("unexpected symbol", self.refuse("/etc/p/p.cfg.lua", "prosody", "@@"))

    def test_options_of_the_operator_that_prosody_refuses_are_named_by_their_key_and_change_nothing(
        self,
    ) -> None:
        self.prosody()
        path = "/etc/p/p.cfg.lua"
        self.ok("files", manifest=group("g", {path: file(PROSODY, check="prosody")}))
        spec = file(PROSODY + "@@", check="prosody", origin="jitsi:extra.prosody")
        error = self.refused("files", manifest=group("g", {path: spec}))
        self.assertIn("unexpected symbol", error)
        self.assertIn("correct jitsi:extra.prosody, whose settings are in it", error)
        self.assertEqual(self.machine.read(path), PROSODY)

    def test_prosody_check_config(self) -> None:
        self.prosody(config="echo 'Error: a clash of hosts'; exit 1")
        self.assertIn("a clash of hosts", self.refuse("/etc/p/p.cfg.lua", "prosody", PROSODY))

    def test_a_prosody_that_is_built_for_another_lua_is_named(self) -> None:
        said = "lua5.4: /usr/bin/prosodyctl:70: module 'prosody.util.startup' not found:"
        self.prosody(config=f'echo "{said}" >&2; exit 1')
        error = self.refuse("/etc/p/p.cfg.lua", "prosody", PROSODY)
        self.assertIn("this server's Prosody does not run on lua5.4", error)

    def test_prosody_warnings_about_the_configuration_count(self) -> None:
        self.prosody(config="echo 'Configuration warning: p.cfg.lua: duplicate option'; exit 0")
        self.assertIn("duplicate option", self.refuse("/etc/p/p.cfg.lua", "prosody", PROSODY))

    def test_prosody_errors_of_the_dry_start_count_but_for_missing_addresses(self) -> None:
        expected = "portmanager  error\\tFailed to open server port 5222 on 10.0.0.1"
        self.prosody(dry=f"printf '{expected}\\nmodulemanager  error\\tUnable to load module x\\n'; exit 1")
        error = self.refuse("/etc/p/p.cfg.lua", "prosody", PROSODY)
        self.assertIn("modulemanager error Unable to load module x", error)

    def test_where_no_dry_start_is_possible_a_note_says_so(self) -> None:
        self.prosody(dry="echo 'Failed to set up network namespacing' >&2; exit 1")
        out = self.ok("files", manifest=group("g", {"/etc/p/p.cfg.lua": file(PROSODY, check="prosody")}))
        self.assertIn(
            "note: /etc/p/p.cfg.lua was not tested with a trial start: Failed to set up network namespacing",
            out,
        )
