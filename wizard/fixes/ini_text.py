"""INI files as text with offsets: `key = value` in `[section]`, for edits by splice.

The same for PHP-FPM's pools, uWSGI's files and systemd's units, which differ in two things: where a
comment may stand, and whether a backslash continues a line (systemd.syntax(7)).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from wizard.fixes.edits import EditError

_SECTION = re.compile(r"[ \t]*\[([^]\r\n]+)\][ \t]*(?:[;#].*)?$")
_SETTING = re.compile(
    r"(?P<lead>[ \t]*)(?P<key>[^=;#\[\s][^=]*?)(?P<equals>[ \t]*=[ \t]*)(?P<rest>.*)$"
)
_VALUE = re.compile(r"\"[^\"]*\"|'[^']*'|(?:(?![ \t];)(?!^;).)*")
_SAFE = re.compile(r"[\w./:,@+ -]*")


@dataclass(frozen=True)
class Setting:
    """One `key = value` with its place in the text."""

    section: str
    key: str
    value: str
    start: int
    """Where its first line begins."""
    value_start: int
    value_end: int
    end: int
    """After its last line, line end included."""
    lead: str
    """What stands before the key."""
    equals: str
    """The sign with the blanks around it."""


@dataclass(frozen=True)
class Heading:
    """A `[section]` with the end of its line."""

    section: str
    end: int


def parsed(text: str, *, continued: bool = False) -> tuple[list[Heading], list[Setting]]:
    """All sections and settings in their order.

    With `continued` a backslash at its end lets a line go on in the next, and no comment may stand
    behind a value: so systemd reads its files.
    """
    headings: list[Heading] = []
    settings: list[Setting] = []
    at = 0
    section = ""
    while at < len(text):
        start = at
        line_end, at = _line(text, at)
        line = text[start:line_end]
        if heading := _SECTION.match(line):
            section = heading[1].strip()
            headings.append(Heading(section, at))
            continue
        found = _SETTING.match(line)
        if found is None:
            continue
        value_start, value_end = start + found.start("rest"), line_end
        while continued and text[:value_end].endswith("\\") and at < len(text):
            value_end, at = _line(text, at)
        value = text[value_start:value_end]
        if not continued and (alone := _VALUE.match(value)):
            value = alone[0]
        value = value.rstrip(" \t")
        settings.append(
            Setting(section, found["key"].strip(), value, start, value_start,
                    value_start + len(value), at, found["lead"], found["equals"])
        )  # fmt: skip
    return headings, settings


def set_in(
    text: str, section: str, key: str, value: str, *,
    same: Sequence[str] = (), continued: bool = False,
) -> str:  # fmt: skip
    """Give a setting this value, or add it to its section.

    Where it stands several times the last one is in effect, and is changed. `same` are other
    names of the key.

    Raises:
        EditError: there is no such section, or the value is not a plain one.
    """
    _, settings = parsed(text, continued=continued)
    known = [each for each in settings if each.section == section and each.key in (key, *same)]
    if not known:
        return add_in(text, section, key, value, continued=continued)
    last = known[-1]
    rest = text[last.value_end :]
    blank = " " if rest.startswith(";") else ""
    return f"{text[: last.value_start]}{plain(value)}{blank}{rest}"


def add_in(text: str, section: str, key: str, value: str, *, continued: bool = False) -> str:
    """Add a setting behind the others of its section, in the way in which they are written.

    Raises:
        EditError: there is no such section, or the value is not a plain one.
    """
    headings, settings = parsed(text, continued=continued)
    of_section = [each for each in settings if each.section == section]
    if of_section:
        last = of_section[-1]
        place, lead, equals = last.end, last.lead, last.equals
    else:
        ends = [each.end for each in headings if each.section == section]
        if not ends:
            raise EditError(f"there is no section [{section}]")
        place, lead, equals = ends[-1], "", "=" if continued else " = "
    return put(text, place, f"{lead}{key}{equals}{plain(value)}")


def remove(text: str, section: str, key: str) -> str:
    """Take out the setting with its line.

    Raises:
        EditError: it does not stand there exactly once.
    """
    _, settings = parsed(text)
    known = [each for each in settings if each.section == section and each.key == key]
    if len(known) != 1:
        raise EditError(f"`{key}` stands {len(known)} times in [{section}]")
    return text[: known[0].start] + text[known[0].end :]


def put(text: str, place: int, line: str) -> str:
    """Put a line where another one begins or the text ends, with the line ends of the text."""
    newline = "\r\n" if "\r\n" in text else "\n"
    if place and text[place - 1] != "\n":
        return f"{text[:place]}{newline}{line}{text[place:]}"
    return f"{text[:place]}{line}{newline}{text[place:]}"


def plain(value: str) -> str:
    """The value, if nothing in it means anything to one of these formats."""
    if _SAFE.fullmatch(value) is None or value != value.strip():
        raise EditError(f"`{value}` is not a plain value")
    return value


def _line(text: str, start: int) -> tuple[int, int]:
    """Where the line's text ends, and where the next line begins."""
    newline = text.find("\n", start)
    if newline < 0:
        return len(text), len(text)
    return newline - (newline > start and text[newline - 1] == "\r"), newline + 1
