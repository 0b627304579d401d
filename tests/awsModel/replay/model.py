"""Holds the arguments of a call against botocore's model, enums, patterns and lengths included."""

import re
from collections.abc import Iterator
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StringShape, StructureShape

# Classes of characters of Java that Python writes otherwise; letters and digits beyond ASCII are not taken.
JAVA_CLASSES = {r"\p{L}": "A-Za-z", r"\p{N}": "0-9", r"\p{Z}": " "}


def objections(shape: Shape, value: Any, path: str) -> Iterator[str]:
    """Everything of `value` that the model does not take, each with its path."""
    kind = CHECKS.get(shape.type_name)
    if kind is None:
        raise NotImplementedError(f"{path}: values of the type {shape.type_name} are not known here")
    yield from kind(shape, value, path)


def structure(shape: StructureShape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no structure"
        return
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name} is missing"
    for name, item in value.items():
        if name not in shape.members:
            yield f"{path} has no member {name}"
        else:
            yield from objections(shape.members[name], item, f"{path}.{name}")


def items(shape: ListShape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: {value!r} is no list"
        return
    yield from outside(shape, len(value), path, "members")
    for index, item in enumerate(value):
        yield from objections(shape.member, item, f"{path}[{index}]")


def mapping(shape: MapShape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is no map"
        return
    for key, item in value.items():
        yield from objections(shape.key, key, f"{path} key {key}")
        yield from objections(shape.value, item, f"{path}.{key}")


def text(shape: StringShape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{path}: {value!r} is no text"
        return
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of the {len(shape.enum)} values of {shape.name}"
    yield from outside(shape, len(value), path, "characters")
    pattern = shape.metadata.get("pattern")
    if pattern is not None and not re.fullmatch(in_python(pattern), value, re.ASCII):
        yield f"{path}: {value!r} does not match {pattern}"


def number(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, int) or isinstance(value, bool):
        yield f"{path}: {value!r} is no whole number"
    else:
        yield from outside(shape, value, path, "as a value")


def truth(_: Shape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"{path}: {value!r} is neither true nor false"


def blob(shape: Shape, value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, bytes):
        yield f"{path}: {value!r} is no bytes"
    else:
        yield from outside(shape, len(value), path, "bytes")


def outside(shape: Shape, size: int, path: str, unit: str) -> Iterator[str]:
    lowest, highest = shape.metadata.get("min", size), shape.metadata.get("max", size)
    if not lowest <= size <= highest:
        yield f"{path}: {size} {unit}, which is outside of {lowest} to {highest}"


def in_python(pattern: str) -> str:
    for java, python in JAVA_CLASSES.items():
        pattern = pattern.replace(java, python)
    return pattern


CHECKS: dict[str, Any] = {
    "structure": structure,
    "list": items,
    "map": mapping,
    "string": text,
    "integer": number,
    "long": number,
    "boolean": truth,
    "blob": blob,
}
