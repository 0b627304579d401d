"""The words of the command: each verb leads to what does it, and takes the words that its usage shows."""

import contextlib
import io
import subprocess
import sys
import unittest
from pathlib import Path

from audio_meet import cli, verbs

HOST = Path(__file__).resolve().parents[1]


class Verbs(unittest.TestCase):
    def said(self, *arguments: str) -> tuple[int, str, str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = cli.main(list(arguments))
        return code, out.getvalue(), err.getvalue()

    def test_each_one_has_a_module_that_does_it(self) -> None:
        for verb in verbs.VERBS:
            self.assertTrue(callable(verb.load()), verb.name)

    def test_the_usage_is_shown_when_it_is_asked_for_and_names_each_one(self) -> None:
        for arguments in ((), ("--help",), ("-h",)):
            code, out, err = self.said(*arguments)
            self.assertEqual((code, err), (0, ""))
            named = [line.split()[0] for line in out.splitlines() if line.startswith("  ") and line[2] != " "]
            self.assertEqual(named, [verb.name for verb in verbs.VERBS])

    def test_other_words_than_those_of_the_usage_are_refused_with_it(self) -> None:
        for arguments in (
            ("nothing",),
            ("remove",),
            ("remove", "a", "b"),
            ("drift", "now"),
            ("drop-former-accounts", "a", "b"),
            ("metrics", "a"),
            ("recorder", "dance", "/file"),
            ("recorder", "guard"),
            ("watchdog",),
        ):
            code, out, err = self.said(*arguments)
            self.assertEqual((code, out), (1, ""), arguments)
            self.assertTrue(err.startswith("usage: audio-meet VERB\n"), arguments)

    def test_the_last_line_says_what_was_wrong(self) -> None:
        for arguments, last in (
            (("nothing",), "audio-meet: there is no verb nothing"),
            (("take-over",), "audio-meet: call it as: audio-meet take-over show|now"),
            (("drift", "now"), "audio-meet: call it as: audio-meet drift"),
        ):
            _, _, err = self.said(*arguments)
            self.assertEqual(err.splitlines()[-1], last)

    def test_a_verb_loads_no_other_ones_modules(self) -> None:
        program = (
            "import sys; from audio_meet import verbs; verbs.find(['kernel']).load();"
            "print(*(name.split('.')[1] for name in sys.modules if name.startswith('audio_meet.')))"
        )
        done = subprocess.run(
            [sys.executable, "-c", program], cwd=HOST, capture_output=True, text=True, check=True
        )
        self.assertEqual(set(done.stdout.split()), {"system", "verbs"})
