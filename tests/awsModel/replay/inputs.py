"""Inputs that remember what was read of them: one that goes into no call must not pass unseen."""

from collections.abc import Iterator
from typing import Any


class Inputs(dict[str, Any]):
    """A map whose values are maps of this kind, too, at every depth."""

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__({key: wrapped(value) for key, value in values.items()})
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.read.add(key)
        return super().get(key, default)

    def whole(self) -> dict[str, Any]:
        """All of them, read."""
        self.read.update(self)
        return dict(self)

    def unread(self, path: str = "") -> Iterator[str]:
        """Paths of everything that nobody asked for."""
        for key, value in self.items():
            if key not in self.read:
                yield f"{path}{key}"
            else:
                yield from unread_in(value, f"{path}{key}")


def wrapped(value: Any) -> Any:
    if isinstance(value, dict):
        return Inputs(value)
    return [wrapped(each) for each in value] if isinstance(value, list) else value


def unread_in(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Inputs):
        yield from value.unread(f"{path}.")
    if isinstance(value, list):
        for each in value:
            yield from unread_in(each, path)
