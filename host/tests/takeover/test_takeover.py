"""A Jitsi of the operator's own goes aside and comes back as it was, wherever it is interrupted."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from audio_meet import installation, uninstall
from audio_meet.system.places import ENTRY
from audio_meet.takeover import debs, give_back, record, services, take_over, trees
from machine import Machine, MachineCase

from . import handbook


class PowerCutError(BaseException):
    """The machine is gone at this point; nothing of ours catches it."""


class Handbook(MachineCase):
    def setUp(self) -> None:
        super().setUp()
        handbook.make(self.machine)
        self.before = handbook.state(self.machine)

    def there(self, path: str) -> bool:
        return os.path.lexists(self.machine.root.path(path))


class TakeOver(Handbook):
    def test_what_would_go_is_shown_and_nothing_is_changed(self) -> None:
        said = self.ok("take-over", "show")
        for line in (
            "domain: meet.example.org",
            "unit, stopped: jicofo.service",
            "unit, stopped: coturn.service",
            "package, purged: prosody 0.12.3-1",
            "put aside: /var/lib/prosody",
            "put aside: /etc/nginx/sites-enabled/meet.example.org.conf",
            "account, to be named in jitsi:access: anna",
        ):
            self.assertIn(line, said.splitlines())
        self.assertNotIn("club", said)
        self.assertEqual(handbook.state(self.machine), self.before)
        self.assertFalse(self.there(record.FOLDER))

    def test_afterwards_nothing_of_it_is_in_the_way(self) -> None:
        self.ok("take-over", "now")
        for unit in (*handbook.UNITS, "coturn.service"):
            self.assertEqual(self.machine.state(unit), "inactive", unit)
        gone = [
            path
            for path in [*handbook.FILES, *handbook.LINKS]
            if "club" not in path and path != "/etc/apt/sources.list"
        ]
        self.assertEqual([path for path in gone if self.there(path)], [])
        self.assertEqual((self.machine.folder / "installed").read_text(), "")

    def test_what_others_use_goes_on(self) -> None:
        self.ok("take-over", "now")
        self.assertEqual(self.machine.state("nginx.service"), "active")
        for path in ("/etc/nginx/sites-enabled/club.conf", "/etc/apt/sources.list.d/club.list"):
            self.assertTrue(self.there(path), path)

    def test_root_alone_gets_at_what_is_put_aside(self) -> None:
        self.ok("take-over", "now")
        self.assertEqual(self.machine.root.path(record.FOLDER).stat().st_mode & 0o777, 0o700)
        self.assertEqual(self.machine.root.path(record.RECORD).stat().st_mode & 0o777, 0o600)

    def test_everything_comes_back_as_it_was(self) -> None:
        self.ok("take-over", "now")
        said = self.ok("give-back")
        self.assertEqual(handbook.state(self.machine), self.before)
        self.assertIn("running: prosody.service, jicofo.service", said)
        self.assertFalse(self.there(record.FOLDER))

    def test_the_packages_scripts_find_configuration_and_answers_on_the_way_back(self) -> None:
        self.ok("take-over", "now")
        self.machine.calls()
        self.ok("give-back")
        self.assertFalse((self.machine.folder / "made-new").exists())
        self.assertEqual((self.machine.folder / "answered").read_text(), "answers\n")
        marks = self.machine.calls("apt-mark")
        self.assertIn("apt-mark hold prosody ", [f"{line} " for line in marks])
        self.assertTrue(any(line.startswith("apt-mark auto") and "jitsi-meet " not in line for line in marks))

    def test_again_it_changes_nothing(self) -> None:
        self.ok("take-over", "now")
        after = handbook.state(self.machine)
        self.assertIn("nothing to change", self.ok("take-over", "now"))
        self.assertEqual(handbook.state(self.machine), after)
        self.assertIn("already put aside", self.ok("take-over", "show"))

    def test_an_account_that_came_anew_under_another_number_owns_what_it_owned(self) -> None:
        owned = {"/etc/prosody": ["root", "prosody"], "/var/lib/prosody": ["prosody", "prosody"]}
        self.machine.write("/etc/passwd", "prosody:x:205:207::/:/bin/false\n")
        self.machine.write("/etc/group", "root:x:0:\nprosody:x:207:\n")
        with mock.patch.object(trees.os, "chown") as chown:
            trees.set_owners(self.machine.root, owned)
        given = {
            str(call.args[0]).removeprefix(str(self.machine.tree)): call.args[1:] for call in chown.mock_calls
        }
        self.assertEqual(given["/var/lib/prosody"], (205, 207))
        self.assertEqual(given["/etc/prosody"][1], 207)

    def test_who_was_in_which_group_is_again(self) -> None:
        with mock.patch.object(trees, "owners", return_value={"/var/lib/prosody": ["prosody", "prosody"]}):
            self.ok("take-over", "now")
        self.machine.write("/etc/group", "root:x:0:\nprosody:x:107:\nssl-cert:x:110:\n")
        with mock.patch.object(trees, "set_owners"):
            self.ok("give-back")
        self.assertIn("gpasswd --add prosody ssl-cert", self.machine.calls("gpasswd"))


class Refused(Handbook):
    def unchanged(self, said: str, *words: str) -> None:
        for word in words:
            self.assertIn(word, said)
        self.assertEqual(handbook.state(self.machine), self.before)

    def test_a_version_that_no_repository_has_is_said_before_anything_stops(self) -> None:
        (self.machine.folder / "unavailable").write_text("prosody jicofo")
        said = self.refused("take-over", "now")
        self.unchanged(said, "jicofo 1.0-1, prosody 0.12.3-1", "dpkg-repack jicofo prosody")
        self.assertEqual(self.machine.orders(), [])
        (self.machine.folder / "unavailable").unlink()
        self.ok("take-over", "now")

    def test_a_prosody_that_serves_others_is_not_ended(self) -> None:
        self.machine.write("/etc/prosody/conf.d/club.cfg.lua", 'VirtualHost "chat.club.example"\n')
        self.before = handbook.state(self.machine)
        self.unchanged(self.refused("take-over", "now"), "chat.club.example", "would end")

    def test_a_source_file_with_other_repositories_is_not_moved(self) -> None:
        self.machine.write("/etc/apt/sources.list", "deb https://download.jitsi.org stable/\n")
        self.before = handbook.state(self.machine)
        self.unchanged(self.refused("take-over", "now"), "/etc/apt/sources.list", "a file of its own")

    def test_a_file_system_of_its_own_is_not_moved(self) -> None:
        mounted = str(self.machine.root.path("/var/lib/prosody"))
        with mock.patch.object(os.path, "ismount", lambda path: str(path) == mounted):
            self.unchanged(self.refused("take-over", "now"), "/var/lib/prosody", "unmount")

    def test_a_host_with_a_deployment_or_without_a_jitsi_has_nothing_to_take_over(self) -> None:
        self.machine.write("/var/lib/audio-meet/groups/core.json", '{"files": {}, "run": []}')
        self.unchanged(self.refused("take-over", "now"), "has a deployment already (group core)")
        bare = Machine()
        self.addCleanup(bare.close)
        bare.command("dpkg-query", "printf 'dpkg\\tinstalled\\t1\\tinstall\\n'")
        code, _, err = bare.cli("take-over", "show")
        self.assertEqual(code, 1)
        self.assertIn("no Jitsi and no Prosody is installed here", err)

    def test_the_way_back_waits_until_the_deployment_has_gone(self) -> None:
        self.assertIn("nothing is put aside", self.refused("give-back"))
        self.ok("take-over", "now")
        self.machine.write("/var/lib/audio-meet/groups/core.json", '{"files": {}, "run": []}')
        self.assertIn("run pulumi destroy first", self.refused("give-back"))
        self.assertTrue(self.there(record.RECORD))


class Deployment(Handbook):
    def test_destroy_leaves_the_helper_until_the_jitsi_is_back(self) -> None:
        self.machine.write(ENTRY, "#!/usr/bin/python3\n# audio_meet.cli\n", 0o755)
        self.ok("take-over", "now")
        self.assertIn("audio-meet give-back brings back", self.ok("uninstall"))
        self.assertTrue(self.there(ENTRY))
        self.ok("give-back")
        self.assertFalse(self.there(ENTRY))
        after = {path: seen for path, seen in handbook.state(self.machine).items() if path in self.before}
        self.assertEqual(after, self.before)

    def test_a_helper_that_a_new_deployment_brought_again_stays(self) -> None:
        self.ok("take-over", "now")
        self.ok("uninstall")
        installation.install({"__init__.py": ""}, self.machine.tree)
        self.ok("give-back")
        self.assertTrue(self.there(ENTRY))

    def test_what_somebody_put_there_meanwhile_is_kept_and_named(self) -> None:
        self.ok("take-over", "now")
        self.machine.write("/etc/jitsi/jicofo/notes", "of the evening")
        self.machine.root.path("/etc/prosody").mkdir()
        said = self.ok("give-back")
        self.assertEqual(handbook.state(self.machine), self.before)
        self.assertIn("/etc/jitsi was there again", said)
        [kept] = self.machine.root.path("/var/backups/audio-meet").glob("*/etc/jitsi/jicofo/notes")
        self.assertEqual(kept.read_text(), "of the evening")


class Interrupted(Handbook):
    """Every point at which a run can be cut off; a power cut comes before the change that is counted."""

    POINTS: tuple[tuple[Any, str], ...] = (
        (trees, "_move"),
        (trees, "_remove"),
        (trees, "_copy"),
        (record, "save"),
        (services, "stop"),
        (services, "start"),
        (services, "reload_nginx"),
        (debs, "keep_answers"),
        (debs, "purge"),
        (debs, "install"),
    )

    def setUp(self) -> None:
        super().setUp()
        self.points = self.POINTS

    def cut(self, at: int, run: Callable[[], object]) -> bool:
        """Run until the point number `at`; whether there was one."""
        seen = 0

        def counting(real: Callable[..., Any]) -> Callable[..., Any]:
            def counted(*arguments: Any) -> Any:
                nonlocal seen
                seen += 1
                if seen == at:
                    raise PowerCutError
                return real(*arguments)

            return counted

        patches = [
            mock.patch.object(module, name, counting(getattr(module, name))) for module, name in self.points
        ]
        for patch in patches:
            patch.start()
        try:
            run()
        except PowerCutError:
            return True
        finally:
            for patch in patches:
                patch.stop()
        return False

    def anew(self) -> None:
        """Another server like it."""
        self.machine.close()
        self.machine.__init__()  # type: ignore[misc]
        handbook.make(self.machine, few=True)
        self.before = handbook.state(self.machine)

    def sweep(
        self, prepare: Callable[[], object], run: Callable[[], object], after: Callable[[], object]
    ) -> int:
        """Cut `run` off at each point, then do `after`: the server is as it was. Returns how many points."""
        for at in range(1, 500):
            self.anew()
            prepare()
            if not self.cut(at, run):
                return at - 1
            after()
            self.assertEqual(handbook.state(self.machine), self.before, f"cut off at {at}")
        raise AssertionError("never came to its end")

    def take(self) -> object:
        return take_over.take_over(self.machine.root)

    def back(self) -> object:
        return give_back.give_back(self.machine.root)

    def back_if_begun(self) -> None:
        if record.load(self.machine.root):
            self.ok("give-back")

    def both(self) -> None:
        self.ok("take-over", "now")
        for path in ("/etc/prosody", "/var/lib/prosody"):
            self.assertFalse(self.there(path), path)
        self.ok("give-back")

    def test_a_take_over_that_was_cut_off_goes_on(self) -> None:
        self.assertGreater(self.sweep(lambda: None, self.take, self.both), 8)

    def test_a_take_over_that_was_cut_off_leads_back_as_well(self) -> None:
        self.assertGreater(self.sweep(lambda: None, self.take, self.back_if_begun), 8)

    def test_a_way_back_that_was_cut_off_goes_on(self) -> None:
        self.assertGreater(self.sweep(self.take, self.back, lambda: self.ok("give-back")), 15)

    def test_the_same_where_the_backups_are_a_file_system_of_their_own(self) -> None:
        real = os.rename

        def across(source: Path, target: Path) -> None:
            if (record.FOLDER in str(source)) != (record.FOLDER in str(target)):
                raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
            real(source, target)

        # a full write to the disk takes seconds where others are at work
        self.points = tuple(point for point in self.POINTS if point[0] is trees)
        with mock.patch.object(trees.os, "rename", across), mock.patch.object(trees.os, "sync"):
            self.assertGreater(self.sweep(lambda: None, self.take, self.both), 15)
            self.assertGreater(self.sweep(self.take, self.back, lambda: self.ok("give-back")), 20)

    def test_packages_that_do_not_go_or_come_say_so_and_lose_nothing(self) -> None:
        (self.machine.folder / "purge-fails").touch()
        said = self.refused("take-over", "now")
        self.assertIn("dpkg is out of order", said)
        self.assertIn("audio-meet give-back", said)
        (self.machine.folder / "purge-fails").unlink()
        self.ok("take-over", "now")
        (self.machine.folder / "install-fails").touch()
        self.assertIn("no room", self.refused("give-back"))
        self.assertIn("the way back has begun", self.refused("take-over", "now"))
        (self.machine.folder / "install-fails").unlink()
        self.ok("give-back")
        self.assertEqual(handbook.state(self.machine), self.before)

    def test_a_daemon_that_does_not_come_up_is_named_and_the_way_back_can_be_tried_again(self) -> None:
        self.ok("take-over", "now")
        self.machine.poison("jicofo.service", "/etc/jitsi/jicofo/jicofo.conf", "password")
        self.assertIn("jicofo.service: did not come up again", self.refused("give-back"))
        (self.machine.folder / "units" / "jicofo.service.poison").unlink()
        self.ok("give-back")
        self.assertEqual(handbook.state(self.machine), self.before)


class Record(Handbook):
    def test_it_holds_no_secret(self) -> None:
        self.ok("take-over", "now")
        text = json.dumps(record.load(self.machine.root))
        for secret in ("hidden", "stored_key", "a key"):
            self.assertNotIn(secret, text)

    def test_nothing_is_uninstalled_that_was_not_put_aside(self) -> None:
        self.assertIn("nothing to remove", uninstall.uninstall(self.machine.root))
