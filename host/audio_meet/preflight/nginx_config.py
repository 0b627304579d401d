"""nginx's configuration as a tree of directives, for questions that `nginx -t` does not answer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# A comment, a quoted word, a plain word (a variable may hold braces: ${name}), or a mark.
TOKEN = re.compile(
    r"""\s+|\#[^\n]*|(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')"""
    r"""|(?P<mark>[;{}])|(?P<word>(?:\\.|\$\{\w+\}|[^\s;{}"'\\])+)""",
    re.DOTALL,
)


@dataclass
class Directive:
    """One directive: its words, and what is in its block (None where it has none)."""

    words: list[str]
    children: list[Directive] | None = field(default=None)

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0] if self.words else ""


def parse(text: str) -> list[Directive]:
    """The directives of one file."""
    top: list[Directive] = []
    open_blocks = [top]
    words: list[str] = []
    for match in TOKEN.finditer(text):
        mark = match["mark"]
        if match["quoted"] or match["word"]:
            words.append(match["word"] or match["quoted"][1:-1])
        elif mark == ";":
            open_blocks[-1].append(Directive(words))
            words = []
        elif mark == "{":
            block = Directive(words, [])
            open_blocks[-1].append(block)
            open_blocks.append(block.children or [])
            block.children = open_blocks[-1]
            words = []
        elif mark == "}" and len(open_blocks) > 1:
            open_blocks.pop()
            words = []
    return top


def walk(directives: list[Directive]) -> Iterator[Directive]:
    """Every directive, blocks before what is in them."""
    for directive in directives:
        yield directive
        yield from walk(directive.children or [])


def listen_of(words: list[str]) -> tuple[str, int] | None:
    """Address ("*" for all) and port of a `listen`; None for a socket in the file system."""
    target = words[1] if len(words) > 1 else "80"
    if target.startswith("unix:"):
        return None
    match = re.fullmatch(r"(?:(\[[^\]]*\]|[^:\[\]]*):)?(\d+)", target)
    address, port = (match[1] or "*", int(match[2])) if match else (target, 80)
    return ("*" if address in ("", "*", "0.0.0.0", "[::]") else address.strip("[]"), port)  # noqa: S104
