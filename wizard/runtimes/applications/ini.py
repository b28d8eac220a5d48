"""INI files as PHP-FPM and uWSGI read them: keys repeat, `include` takes a pattern."""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator

import msgspec

from wizard.model.route import Place
from wizard.model.text import clean, decode

_SECTION = re.compile(r"\[([^]]+)\]\s*$")
_ENTRY = re.compile(r"([^=;#\s][^=]*?)\s*=\s*(.*?)\s*$")
_COMMENT = re.compile(r"\s+;.*$")
_LIMIT = 512 * 1024
_DEEPEST = 5


class Entry(msgspec.Struct, frozen=True):
    """One `key = value` with its section and its line."""

    section: str
    key: str
    value: str
    place: Place


def entries(path: str, depth: int = 0) -> Iterator[Entry]:
    """The entries of a file and of those that it includes, in reading order; none where hidden."""
    try:
        with open(path, "rb") as file:
            lines = decode(file.read(_LIMIT)).splitlines()
    except OSError:
        return
    section = ""
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if heading := _SECTION.match(stripped):
            section = clean(heading[1])
        elif match := _ENTRY.match(stripped):
            value = _COMMENT.sub("", match[2]).strip("\"'")
            if match[1] == "include":
                yield from _included(path, value, depth)
            else:
                yield Entry(section, clean(match[1]), clean(value), Place(path, number))


def _included(path: str, written: str, depth: int) -> Iterator[Entry]:
    """Files of an `include`, in the order of their names."""
    for name in sorted(glob.glob(os.path.join(os.path.dirname(path), written))):
        if depth < _DEEPEST:
            yield from entries(name, depth + 1)
