"""What a lab runs with: asked of real servers on the loopback."""

from __future__ import annotations

import gzip
import json
import os
import sys
import tempfile
import threading
import unittest
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import choice
import state
from base import LabError

RELEASE_FILE = "Origin: somebody\nSHA256:\n 00 1 stable/Packages\n"
INDEX = "\n".join(
    f"Package: {name}\nVersion: {version}\nFilename: stable/{name}.deb\n"
    for name, version in [
        ("jicofo", "1.0-1189-1"),
        ("jicofo", "1.0-1193-1"),
        ("jicofo", "1.0-998-1"),
        ("jitsi-videobridge2", "2.3-307-g4bb0aead1-1"),
        ("jitsi-meet-prosody", "1.0.9365-1"),
        ("jitsi-meet-web", "1.0.9365-1"),
        ("jigasi", "1.1-1"),
    ]
)
ARMORED = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n"


class Quiet(SimpleHTTPRequestHandler):
    """Files of one folder, without a log."""

    def log_message(self, format: str, *args: object) -> None:
        pass


class ChoiceCase(unittest.TestCase):
    """A lab of its own, a stack file, and a server for what can be reached."""

    def setUp(self) -> None:
        top = tempfile.TemporaryDirectory()
        self.addCleanup(top.cleanup)
        self.top = Path(top.name)
        self.served = self.top / "served"
        self.stack_file = self.top / "Pulumi.dev.yaml"
        self.stack_file.write_text("config:\n  jitsi:domain: meet.example.org\n")
        patched = mock.patch.dict(os.environ, {"AUDIO_MEET_LAB": f"{top.name}/lab"})
        patched.start()
        self.addCleanup(patched.stop)
        self.url = self.serve()
        places = {
            "JITSI": f"{self.url}/jitsi/stable",
            "FOR_JAMMY": {"Ubuntu's archive": f"{self.url}/ubuntu", "prosody": f"{self.url}/prosody"},
        }
        for name, value in places.items():
            self.patch(choice, name, value)
        self.patch(choice.platform, "machine", lambda: "x86_64")

    def patch(self, where: object, name: str, value: object) -> None:
        patched = mock.patch.object(where, name, value)
        patched.start()
        self.addCleanup(patched.stop)

    def serve(self) -> str:
        self.served.mkdir()
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(self.served)))
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}"

    def offer(self, path: str, content: str | bytes = RELEASE_FILE) -> None:
        file = self.served / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def chosen(self, **environment: str) -> tuple[choice.Choice, str]:
        line = choice.headline(str(self.stack_file), environment)
        made = choice.load()
        assert made
        return made, line

    def refused(self, words: str, **environment: str) -> None:
        with self.assertRaisesRegex(LabError, words):
            self.chosen(**environment)


class Reachable(ChoiceCase):
    """What answers decides."""

    def test_all_that_answers_is_real(self) -> None:
        for path in ("jitsi/stable/InRelease", "ubuntu/InRelease", "prosody/Release"):
            self.offer(path)
        made, line = self.chosen()
        self.assertEqual((made.packages, made.suite, made.repository), ("real", "jammy", None))
        self.assertEqual(line, f"Jitsi's packages: the real ones of {self.url}/jitsi. Guests: Ubuntu 22.04.")

    def test_what_is_missing_is_said(self) -> None:
        self.offer("ubuntu/InRelease")
        made, line = self.chosen()
        self.assertEqual((made.packages, made.suite), ("stand-in", "trixie"))
        self.assertRegex(line, "stand-ins without sound, since 127.0.0.1 does not answer")
        self.assertRegex(line, "Guests: Debian 13, since prosody, which Ubuntu needs, does not answer")

    def test_ubuntu_needs_all_of_its_sources_and_the_processor_that_they_have(self) -> None:
        for path in ("ubuntu/InRelease", "prosody/InRelease"):
            self.offer(path)
        with mock.patch.object(choice.platform, "machine", lambda: "aarch64"):
            self.assertEqual(self.chosen()[0].suite, "trixie")

    def test_a_page_that_says_yes_to_everything_is_no_repository(self) -> None:
        self.offer("jitsi/stable/InRelease", "<html>Please log in to this network</html>")
        self.assertEqual(self.chosen()[0].packages, "stand-in")

    def test_a_server_that_is_silent_is_not_waited_for_long(self) -> None:
        with silent_server() as url, mock.patch.object(choice, "_ALL_SECONDS", 0.3):
            self.assertEqual(choice.reachable({"jitsi": url}), set())

    def test_the_choice_stays_until_the_lab_goes(self) -> None:
        self.chosen()
        self.offer("jitsi/stable/InRelease")
        self.assertEqual(self.chosen()[0].packages, "stand-in")
        (state.lab_folder() / "choice.json").unlink()
        self.assertEqual(self.chosen()[0].packages, "real")

    def test_a_stack_from_before_there_was_a_choice_keeps_its_stand_ins(self) -> None:
        self.offer("jitsi/stable/InRelease")
        stack = state.lab_folder() / "state/.pulumi/stacks/jitsi/dev.json"
        stack.parent.mkdir(parents=True)
        stack.touch()
        self.assertEqual((self.chosen()[0].packages, self.chosen()[0].suite), ("stand-in", "trixie"))


class Asked(ChoiceCase):
    """The environment decides."""

    def setUp(self) -> None:
        super().setUp()
        self.key = self.top / "jitsi-key.gpg.key"
        self.key.write_text(ARMORED)
        self.mirror = {
            "AUDIO_MEET_JITSI_REPOSITORY": f"{self.url}/mirror/",
            "AUDIO_MEET_JITSI_KEY": str(self.key),
        }

    def test_either_kind_can_be_asked_for_whatever_answers(self) -> None:
        self.assertEqual(self.chosen(AUDIO_MEET_PACKAGES="real")[0].packages, "real")
        (state.lab_folder() / "choice.json").unlink()
        self.offer("jitsi/stable/InRelease")
        made, line = self.chosen(AUDIO_MEET_PACKAGES="stand-in", AUDIO_MEET_SUITE="near-jammy")
        self.assertEqual((made.packages, made.suite), ("stand-in", "near-jammy"))
        self.assertEqual(line, "Jitsi's packages: stand-ins without sound. Guests: near-jammy.")

    def test_a_mirror_is_looked_into_once_and_its_newest_versions_are_taken(self) -> None:
        self.offer("mirror/stable/Packages.gz", gzip.compress(INDEX.encode()))
        made, _ = self.chosen(**self.mirror)
        self.assertEqual(made.repository, f"{self.url}/mirror")
        self.assertEqual(made.key, "/usr/share/keyrings/audio-meet-jitsi.asc")
        self.assertEqual((state.lab_folder() / "audio-meet-jitsi.asc").read_text(), ARMORED)
        choice.look_into_mirror()
        made, line = self.chosen(**self.mirror)
        self.assertTrue(line.endswith("No recorder: the mirror has no jibri."), line)
        self.assertEqual(made.release["jicofo"], "1.0-1193-1")
        self.assertEqual(sorted(made.release), ["jicofo", "meetProsody", "meetWeb", "videobridge"])
        self.assertFalse(made.has_jibri)
        self.offer("mirror/stable/Packages.gz", b"gone")
        choice.look_into_mirror()
        self.assertEqual(
            json.loads((state.lab_folder() / "choice.json").read_text())["release"], made.release
        )

    def test_a_mirror_that_lacks_a_package_or_an_index_is_refused(self) -> None:
        self.chosen(**self.mirror)
        with self.assertRaisesRegex(LabError, "mirror/stable: Packages.gz: .*404.*start the mirror"):
            choice.look_into_mirror()
        self.offer("mirror/stable/Packages", "Package: jicofo\nVersion: 1\n")
        with self.assertRaisesRegex(
            LabError, "has no jitsi-meet-prosody, jitsi-meet-web, jitsi-videobridge2"
        ):
            choice.look_into_mirror()

    def test_every_mistake_says_what_to_do(self) -> None:
        self.refused("AUDIO_MEET_PACKAGES is 'yes'; give one of real, stand-in", AUDIO_MEET_PACKAGES="yes")
        self.refused("suite 'sarge'", AUDIO_MEET_SUITE="sarge")
        self.refused("needs AUDIO_MEET_JITSI_KEY", AUDIO_MEET_JITSI_REPOSITORY="http://mirror.example")
        self.refused("give an http or https", **{**self.mirror, "AUDIO_MEET_JITSI_REPOSITORY": "/srv/debs"})
        self.refused("takes no AUDIO_MEET_JITSI_REPOSITORY", **self.mirror, AUDIO_MEET_PACKAGES="stand-in")
        self.refused("No such file", **{**self.mirror, "AUDIO_MEET_JITSI_KEY": "/nowhere"})
        self.key.write_text("<html>404</html>")
        self.refused("is no OpenPGP public key", **self.mirror)
        self.assertIsNone(choice.load())

    def test_another_choice_than_the_lab_s_is_refused(self) -> None:
        self.chosen()
        self.refused(
            "this lab runs with stand-in, .* asks for real; run `make down`", AUDIO_MEET_PACKAGES="real"
        )
        self.refused("this lab runs with trixie", AUDIO_MEET_SUITE="jammy")

    def test_a_stack_file_that_names_its_packages_is_taken_as_it_is(self) -> None:
        self.stack_file.write_text("config:\n  jitsi:packages:\n    jitsiRepository: http://mirror.example\n")
        line = choice.headline(str(self.stack_file), {})
        self.assertRegex(line, "as .*Pulumi.dev.yaml says")
        self.assertIsNone(choice.load())
        with self.assertRaisesRegex(LabError, "take AUDIO_MEET_PACKAGES away"):
            choice.headline(str(self.stack_file), {"AUDIO_MEET_PACKAGES": "real"})


@contextmanager
def silent_server() -> Iterator[str]:
    """A server that takes connections and never says a word."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        yield f"http://127.0.0.1:{server.server_port}"


if __name__ == "__main__":
    unittest.main()
