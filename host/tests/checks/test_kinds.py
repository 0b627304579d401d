"""Every kind of check: what a summary calls it, and what it says to do."""

import unittest
from typing import Any

from audio_meet.checks.kinds import table
from audio_meet.checks.kinds.check import Check, UnitCheck

VALUES = {str: "x", int: 1, list: [], dict: {}}


def every(base: type[Any]) -> list[type[Any]]:
    return [kind for below in base.__subclasses__() for kind in [below, *every(below)]]


class Kinds(unittest.TestCase):
    def test_each_one_can_be_asked_for_by_its_name(self) -> None:
        written = {kind for kind in every(Check) if kind is not UnitCheck}
        self.assertEqual(written, {type(kind) for kind in table.KINDS.values()})
        self.assertEqual(len(written), len(table.KINDS), "two of one name")

    def test_each_one_leads_from_its_title_to_its_remedy(self) -> None:
        for name, kind in table.KINDS.items():
            check = {"kind": name, **{key: VALUES[wanted] for key, wanted in kind.required.items()}}
            self.assertEqual(kind.title(check).split()[0], name)
            self.assertEqual(table.remedy(kind.title(check)), kind.remedy.replace("{subject}", "x"))
            self.assertGreater(len(kind.remedy.split()), 2, name)
