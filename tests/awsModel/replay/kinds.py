"""What the modules of the single services have in common."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .account import Region
from .inputs import Inputs

# What Pulumi puts behind the name of a resource to name it at Amazon: seven hexadecimal digits.
SUFFIX = "-1a2b3c4"


@dataclass(frozen=True)
class Wanted:
    """A resource as the program asks for it, with the ids that Amazon gave to what it needs."""

    name: str
    inputs: Inputs
    # Those of the provider, which it puts on everything.
    default_tags: dict[str, str]

    @property
    def tags(self) -> dict[str, str]:
        """Those of the provider and its own."""
        return {**self.default_tags, **self.inputs.get("tags", Inputs({})).whole()}

    @property
    def physical_name(self) -> str:
        """The name that the plugin makes up where the program gives none."""
        return f"{self.name}{SUFFIX}"

    @property
    def tag_list(self) -> list[dict[str, str]]:
        return tag_list(self.tags)

    def tagged(self, kind: str) -> dict[str, Any]:
        """The argument that puts its tags on it when it is made; absent without tags."""
        return {"TagSpecifications": tagging(kind, self.tags)} if self.tags else {}


@dataclass(frozen=True)
class Made:
    """What Amazon made: id and outputs, named as the plugin names them."""

    id: str
    outputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Kind:
    """The calls of the plugin for one type of resource."""

    make: Callable[[Region, Wanted], Made]
    remove: Callable[[Region, Wanted, Made], None]


def tagging(kind: str, tags: dict[str, str]) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tag_list(tags)}] if tags else []


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def given(inputs: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """The arguments of a call for those inputs that are there; `names`: argument by input."""
    return {argument: inputs[key] for key, argument in names.items() if key in inputs}


def by_id(name: str, value: str) -> list[dict[str, Any]]:
    """A filter of EC2 for one value."""
    return [{"Name": name, "Values": [value]}]
