"""Whole blocks for a configuration file: put in by splice, with the indentation of the place."""

from __future__ import annotations

from wizard.fixes.edits import EditError
from wizard.fixes.nginx_text import Block, Directive, TextError, directives, every

_INDENT = "    "


def last(text: str, line: int, block: str, *, within: str | None = None) -> str:
    """The block becomes the last thing in the block that begins on this line.

    Raises:
        EditError: no block begins there, or it is written on one line.
    """
    outer, inside = _block(text, line, within)
    if "\n" not in text[inside.opens : inside.closes]:
        raise EditError(f"the block of line {line} is written on one line")
    place = text.rfind("\n", 0, inside.closes) + 1
    if text[place : inside.closes].strip():
        raise EditError(f"the block of line {line} does not end on a line of its own")
    indent = _indent(text, inside.inside[0].start if inside.inside else outer.start)
    indent = indent if inside.inside else indent + _INDENT
    newline = _newline(text)
    return text[:place] + newline + _shown(block, indent, newline) + text[place:]


def before(text: str, line: int, block: str, *, within: str | None = None) -> str:
    """The block stands before the one that begins on this line, with an empty line between.

    Raises:
        EditError: no block begins there, or something else stands before it on its line.
    """
    outer, _ = _block(text, line, within)
    place = text.rfind("\n", 0, outer.start) + 1
    if text[place : outer.start].strip():
        raise EditError(f"the block of line {line} does not begin on a line of its own")
    newline = _newline(text)
    return text[:place] + _shown(block, text[place : outer.start], newline) + newline + text[place:]


def _shown(block: str, indent: str, newline: str) -> str:
    lines = (f"{indent}{line}".rstrip() for line in block.strip("\n").split("\n"))
    return "".join(f"{line}{newline}" for line in lines)


def _block(text: str, line: int, name: str | None) -> tuple[Directive, Block]:
    try:
        whole = directives(text)
    except TextError as error:
        raise EditError(f"the file cannot be read: {error}") from error
    found = [
        (each, each.block)
        for each in every(whole)
        if each.line == line and each.block is not None and name in (None, each.name)
    ]
    if len(found) != 1:
        what = "no block begins" if not found else "several blocks begin"
        raise EditError(f"{what} in line {line}")
    return found[0]


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _indent(text: str, start: int) -> str:
    line = text[text.rfind("\n", 0, start) + 1 : start]
    return line[: len(line) - len(line.lstrip(" \t"))]
