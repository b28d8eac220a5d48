"""A document on the screen: the same blocks as in a file, laid out to the width there is."""

from __future__ import annotations

from collections.abc import Iterable

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
from wizard.ui.page import Page, Tone

_LONGEST = 40
"""Lines of a verbatim text that are shown; the file has them all."""


def document(page: Page, blocks: Iterable[Block]) -> None:
    """Write the blocks."""
    for block in blocks:
        _block(page, block)


def _block(page: Page, block: Block) -> None:
    match block:
        case Heading(level, text):
            if level == 1:
                page.sentence(text, "strong")
            elif level == 2:
                page.heading(text.upper())
            else:
                page.gap()
                page.sentence(text, "strong")
        case Paragraph(inline):
            page.sentence(_flat(inline), indent=2)
        case Items(lines, numbered):
            for number, each in enumerate(lines, 1):
                page.sentence(_flat(each), first=f"  {number}. " if numbered else "  - ")
        case Pairs(rows):
            width = max(len(name) for name, _ in rows) + 2
            for name, value in rows:
                page.fact(f"  {name}", _flat(value), label_width=width)
        case Verbatim(text, language):
            _verbatim(page, text, language)
        case Folded(title, inside):
            _block(page, title)
            document(page, inside)


def _verbatim(page: Page, text: str, language: str) -> None:
    lines = text.rstrip("\n").split("\n")
    for line in lines[:_LONGEST]:
        page.verbatim(line, _tone(language, line), indent=4)
    if len(lines) > _LONGEST:
        page.sentence(f"{len(lines) - _LONGEST} more lines in the file", "dim", indent=4)


def _flat(line: Line) -> str:
    return "".join(f"[{each.text}]" if each.kind == "cite" else each.text for each in line)


def _tone(language: str, line: str) -> Tone:
    if language == "diff" and line[:1] in "+-" and line[:3] not in ("+++", "---"):
        return "good" if line[:1] == "+" else "bad"
    return "code"
