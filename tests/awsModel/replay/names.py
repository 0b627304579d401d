"""Ids and addresses: those that the program was told, and those that the account gave."""

import ipaddress
import re
from typing import Any

IPV6_BLOCK = re.compile(r"[0-9a-f:]+:[0-9a-f:]*/\d+")


class Names:
    """What stands at the account for the values that the program was told."""

    def __init__(self) -> None:
        self.real: dict[str, str] = {}
        # What was there before may have one name in several regions: a configuration that is copied says so.
        self.before: dict[tuple[str, str], str] = {}

    def learn(self, told: str, real: str) -> None:
        if told:
            self.real[told] = real

    def translated(self, value: Any, region: str) -> Any:
        """The same value with the account's ids, at every depth."""
        if isinstance(value, dict):
            return {key: self.translated(each, region) for key, each in value.items()}
        if isinstance(value, list):
            return [self.translated(each, region) for each in value]
        return self.text(value, region) if isinstance(value, str) else value

    def text(self, value: str, region: str) -> str:
        address, _, length = value.partition("/")
        if (value, region) in self.before:
            return self.before[value, region]
        if value in self.real:
            return self.real[value]
        if length == "32" and address in self.real:
            return f"{self.real[address]}/{length}"
        return self.part_of_block(value) if IPV6_BLOCK.fullmatch(value) else value

    def part_of_block(self, value: str) -> str:
        """A part of a block that the program was told, as the same part of the one that the account gave."""
        part = ipaddress.IPv6Network(value)
        for told, real in self.real.items():
            if not IPV6_BLOCK.fullmatch(told):
                continue
            block = ipaddress.IPv6Network(told)
            if part.subnet_of(block):
                distance = int(part.network_address) - int(block.network_address)
                start = int(ipaddress.IPv6Network(real).network_address) + distance
                return f"{ipaddress.IPv6Address(start)}/{part.prefixlen}"
        return value
