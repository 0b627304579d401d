"""Whether IAM policies allow a request: actions, resources and conditions, as IAM evaluates them."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

Statement = dict[str, Any]

# The bucket for which operators write the name of theirs.
DOCUMENTED_BUCKET = "example-recordings"


@dataclass(frozen=True)
class Request:
    """One action on one resource. `keys`: condition keys in lower case, each with its values."""

    action: str
    resource: str = "*"
    keys: dict[str, list[str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.action if self.resource == "*" else f"{self.action} on {self.resource}"


class Policy:
    """Policies that one role has together."""

    def __init__(self, statements: Iterable[Statement]) -> None:
        self.statements = list(statements)

    def allows(self, request: Request) -> bool:
        effects = {each["Effect"] for each in self.statements if applies(each, request)}
        return effects == {"Allow"}


def documented(text: str, bucket: str, tags: dict[str, str]) -> list[Statement]:
    """Statements of a documented policy, with an operator's own bucket and tags in place of those in it."""
    statements: list[Statement] = json.loads(text.replace(DOCUMENTED_BUCKET, bucket))["Statement"]
    for statement in statements:
        for operator, pairs in statement.get("Condition", {}).items():
            if operator == "StringEquals":
                pairs.update({key: tags[tag] for key in pairs if (tag := key.partition("Tag/")[2]) in tags})
    return statements


def applies(statement: Statement, request: Request) -> bool:
    """Whether a statement speaks of a request. Throws for elements that no policy of ours has."""
    unknown = statement.keys() - {"Sid", "Effect", "Action", "Resource", "Condition"}
    if unknown:
        raise NotImplementedError(f"elements of policies that are not known here: {', '.join(unknown)}")
    return (
        any(like(pattern.lower())(request.action.lower()) for pattern in listed(statement["Action"]))
        and any(like(pattern)(request.resource) for pattern in listed(statement["Resource"]))
        and all(
            holds(operator, request.keys.get(key.lower(), []), listed(wanted))
            for operator, pairs in statement.get("Condition", {}).items()
            for key, wanted in pairs.items()
        )
    )


def holds(operator: str, found: list[str], wanted: list[str]) -> bool:
    """One condition. Source: "IAM JSON policy elements: Condition operators"."""
    if operator == "Null":
        return (not found) == (wanted == ["true"])
    quantifier, _, name = operator.rpartition(":")
    base = name.removesuffix("IfExists")
    if base not in OPERATORS:
        raise NotImplementedError(f"the condition operator {operator} is not known here")
    matches, negated = OPERATORS[base]
    if not found:
        return negated or name.endswith("IfExists") or quantifier == "ForAllValues"
    each = [any(matches(pattern)(value) for pattern in wanted) != negated for value in found]
    return all(each) if quantifier == "ForAllValues" or negated else any(each)


@cache
def like(pattern: str) -> Callable[[str], bool]:
    """Matches * and ?, and $ as itself."""
    regex = re.compile(
        "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in pattern), re.DOTALL
    )
    return lambda value: regex.fullmatch(value) is not None


def equal(pattern: str) -> Callable[[str], bool]:
    return lambda value: value == pattern


def listed(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


# How each operator compares, and whether it asks for the opposite.
OPERATORS: dict[str, tuple[Callable[[str], Callable[[str], bool]], bool]] = {
    "StringEquals": (equal, False),
    "StringNotEquals": (equal, True),
    "StringLike": (like, False),
    "StringNotLike": (like, True),
    "ArnLike": (like, False),
    "ArnEquals": (like, False),
    "Bool": (equal, False),
}
