"""Blocks as text of 80 columns: for a pager, a mail, a ticket that knows no markup."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from wizard.model.text import clean
from wizard.report.document.blocks import (
    Block,
    Folded,
    Heading,
    Items,
    Line,
    Pairs,
    Paragraph,
    Verbatim,
)

WIDTH = 80


def write(blocks: Iterable[Block]) -> Iterator[str]:
    """The document, a piece at a time."""
    for number, block in enumerate(blocks):
        if number:
            yield "\n"
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield from _heading(level, text)
        case Paragraph(inline):
            yield _wrapped(_flat(inline), "  ", "  ")
        case Items(lines, numbered):
            for number, each in enumerate(lines, 1):
                mark = f"  {number}. " if numbered else "  - "
                yield _wrapped(_flat(each), mark, " " * len(mark))
        case Pairs(rows):
            width = max(len(name) for name, _ in rows)
            for name, value in rows:
                yield _wrapped(_flat(value), f"  {name:{width}}  ", " " * (width + 4))
        case Verbatim(text):
            for written in clean(text).rstrip("\n").split("\n"):
                yield f"    {written}".rstrip() + "\n"
        case Folded(title, inside):
            yield from _block(title)
            for block_inside in inside:
                yield "\n"
                yield from _block(block_inside)


def _heading(level: int, text: str) -> Iterator[str]:
    shown = " ".join(clean(text).split())
    if level == 1:
        yield _wrapped(shown, "", "")
        yield "=" * min(WIDTH, len(shown)) + "\n"
    elif level == 2:
        yield _wrapped(shown.upper(), "", "")
    else:
        yield _wrapped(shown, "  ", "  ")


def _flat(line: Line) -> str:
    return "".join(f"[{each.text}]" if each.kind == "cite" else each.text for each in line)


def _wrapped(text: str, first: str, further: str) -> str:
    lines = textwrap.wrap(
        " ".join(clean(text).split()), WIDTH, initial_indent=first, subsequent_indent=further,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return "\n".join(lines or [first.rstrip()]) + "\n"
