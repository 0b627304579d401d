"""Every stack is taken: by Amazon's model, by an account of moto, and by the documented policies."""

import unittest
from collections.abc import Callable
from typing import Any

from replay.registrations import registrations
from replay.stack import objections, policy_of


class StacksTest(unittest.TestCase):
    """One test for each stack, made and removed."""


def taken(stack: dict[str, Any]) -> Callable[[unittest.TestCase], None]:
    def test(case: unittest.TestCase) -> None:
        found = objections(stack, policy_of(stack))
        case.assertFalse(found, "\n".join(["", *found]))

    return test


for name, stack in registrations().items():
    setattr(StacksTest, f"test {name}", taken(stack))
