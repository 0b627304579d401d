"""Ids of EC2: what they name, and where they are."""

import re
from collections.abc import Iterator
from typing import Any

# Types of EC2's resources by the prefix of their ids.
EC2_TYPES = {
    "ami": "image",
    "eipalloc": "elastic-ip",
    "eni": "network-interface",
    "i": "instance",
    "igw": "internet-gateway",
    "key": "key-pair",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vol": "volume",
    "vpc": "vpc",
}
EC2_ID = re.compile(f"({'|'.join(EC2_TYPES)}|eipassoc|rtbassoc)-[0-9a-f]+")


def ids_in(value: Any) -> Iterator[str]:
    """Ids of EC2's resources anywhere in the arguments of a call."""
    if isinstance(value, str) and EC2_ID.fullmatch(value):
        yield value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from ids_in(each)
