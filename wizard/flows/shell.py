"""Commands with facts: whatever a fact holds, the shell sees it as data.

A template that a person will paste is read as the shell reads it, so that each hole is quoted for
the place where it stands: bare, between single or double quotes, in a comment, in a here-document
(POSIX Shell Command Language, 2.2 Quoting and 2.7.4 Here-Document). A value that cannot be made
harmless there, one with a line end or one that would be taken for an option, counts as missing.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from wizard.flows.conditions import Facts
from wizard.flows.templates import SHOWN, Filled, Hole, parse, text_of

Place = Literal["bare", "single", "double", "comment", "document", "literal document"]
"""Where a hole stands; in a literal document (`<<'EOF'`) the shell expands nothing."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029]")
_DOCUMENT = re.compile(r"<<-?[ \t]*(['\"]?)(\w+)\1")
_SECOND_SHELL = re.compile(r"(sh\s+(-\w+\s+)*-\w*c|\beval)\s+$")
_LITERAL_SPECIAL = re.compile(r"[\\$`]")


class Standing(NamedTuple):
    """A hole with its surroundings."""

    hole: Hole
    place: Place
    begins_word: bool
    """Nothing of its word stands before it, and no `--` ends the options."""
    is_script: bool
    """It stands in the quoted script of a `sh -c`, which a second shell reads."""


class _Reader:
    """Reads what stands between the holes, and knows where the next one stands."""

    def __init__(self) -> None:
        self.read = ""
        self.open: list[str] = []
        self.documents: list[tuple[str, bool]] = []

    def place(self) -> Place:
        match self.open[-1:]:
            case ["'"]:
                return "single"
            case ['"']:
                return "double"
            case ["#"]:
                return "comment"
            case ["<<"]:
                return "literal document" if self.documents[0][1] else "document"
        return "bare"

    def feed(self, text: str) -> None:
        at, text = len(self.read), self.read + text
        self.read = text
        while at < len(text):
            at += self._step(text, at)

    def _step(self, text: str, at: int) -> int:
        """Read one thing; how many characters it takes."""
        char, place = text[at], self.place()
        if char == "\n" and place in ("bare", "comment"):
            if place == "comment":
                self.open.pop()
            if self.documents:
                self.open.append("<<")
        elif place == "single":
            if char == "'":
                self.open.pop()
        elif place in ("document", "literal document"):
            self._document(text, at)
        elif char == "\\" and place != "comment":
            return 2
        elif place != "comment":
            return self._expanded(text, at, place)
        return 1

    def _expanded(self, text: str, at: int, place: Place) -> int:
        char = text[at]
        if char == '"':
            if place == "double":
                self.open.pop()
            else:
                self.open.append('"')
        elif text.startswith("$(", at):
            self.open.append("(")
            return 2
        elif place == "bare":
            return self._bare(text, at)
        return 1

    def _bare(self, text: str, at: int) -> int:
        char = text[at]
        if char == "'":
            self.open.append("'")
        elif char == "(":
            self.open.append("(")
        elif char == ")" and self.open[-1:] == ["("]:
            self.open.pop()
        elif char == "#" and (at == 0 or text[at - 1] in " \t\n;"):
            self.open.append("#")
        elif document := _DOCUMENT.match(text, at):
            self.documents.append((document[2], bool(document[1])))
            return len(document[0])
        return 1

    def _document(self, text: str, at: int) -> None:
        """Leave the here-document behind the line that holds its word alone."""
        if text[at] != "\n":
            return
        line = text[text.rfind("\n", 0, at) + 1 : at]
        if line.lstrip("\t") == self.documents[0][0]:
            self.documents.pop(0)
            if not self.documents:
                self.open.pop()

    def begins_word(self) -> bool:
        return self.read[-1:] in ("", " ", "\t", "\n") and not self.read.endswith(" -- ")

    def is_script(self) -> bool:
        quotes = [each for each in self.open if each in "'\""]
        if not quotes:
            return False
        before = self.read[: self.read.rfind(quotes[0])] if len(quotes) == 1 else self.read
        return _SECOND_SHELL.search(before) is not None


def standing(template: str) -> Iterator[Standing]:
    """Every hole of a command with the place where it stands.

    Raises:
        TemplateError: the template cannot be read.
    """
    reader = _Reader()
    for part in parse(template):
        if isinstance(part, str):
            reader.feed(part)
            continue
        yield Standing(part, reader.place(), reader.begins_word(), reader.is_script())
        # What is filled in is part of a word, whatever it is.
        reader.read += SHOWN


def fill(template: str, facts: Facts) -> Filled:
    """The command with facts filled in, each quoted for its place, and those that were missing."""
    places = list(standing(template))
    pieces: list[str] = []
    missing: list[str] = []
    for part in parse(template):
        if isinstance(part, str):
            pieces.append(part)
            continue
        where = places.pop(0)
        value = facts.value(part.path) if part.form == "words" else text_of(part, facts)
        word = _words(value, where) if part.form == "words" else _word(value, where)
        if word is None:
            missing.append(part.path)
        pieces.append(SHOWN if word is None else word)
    return Filled("".join(pieces), tuple(missing))


def filled(template: str, facts: Facts) -> str:
    """The command; empty where a fact is missing."""
    command = fill(template, facts)
    return "" if command.missing else command.text


def _words(value: Any, where: Standing) -> str | None:
    """The words of a command line or of a list, each quoted where it must be."""
    if isinstance(value, str):
        try:
            value = shlex.split(value)
        except ValueError:
            return None
    if not isinstance(value, (list, tuple)) or not value:
        return None
    words = [str(each) for each in value]
    harmless = not words[0].startswith("-") and not any(map(_CONTROL.search, words))
    return shlex.join(words) if harmless and where.place == "bare" and where.begins_word else None


def _word(value: str | None, where: Standing) -> str | None:
    """The value for its place; None where it cannot stand there as what it is."""
    if value is None or _CONTROL.search(value):
        return None
    match where.place:
        case "bare":
            if where.begins_word:
                return None if value.startswith("-") else shlex.quote(value)
            return shlex.quote(value) if value else ""
        case "single":
            return value.replace("'", "'\"'\"'")
        case "double":
            quoted = shlex.quote(value)
            return value if quoted == value or not value else f'"{quoted}"'
        case "document":
            return _LITERAL_SPECIAL.sub(r"\\\g<0>", value)
    return value
