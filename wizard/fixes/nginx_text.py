"""nginx's configuration as text with offsets, for edits that leave every other byte alone.

The rules for words, quotes and comments are those of ngx_conf_read_token() in
src/core/ngx_conf_file.c.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_BLANK = " \t\r\n"
_RAW_BLOCK = "_by_lua_block"


class TextError(ValueError):
    """The text is no configuration: a brace or a quote that is not closed, a missing semicolon."""


@dataclass(frozen=True)
class Word:
    """A directive's name or one of its arguments, with its place in the text."""

    start: int
    end: int
    value: str
    """Without quotes and backslashes."""


@dataclass(frozen=True)
class Block:
    """What stands between braces."""

    opens: int
    """Where its `{` stands."""
    closes: int
    """Where its `}` stands."""
    inside: list[Directive] = field(default_factory=list)


@dataclass(frozen=True)
class Directive:
    """A directive: `name argument ...;` or `name argument ... { ... }`."""

    words: list[Word]
    line: int
    end: int
    """After its semicolon or its closing brace."""
    block: Block | None = None
    """None for a simple directive."""

    @property
    def name(self) -> str:
        """The first word."""
        return self.words[0].value

    @property
    def start(self) -> int:
        """Where its first word begins."""
        return self.words[0].start


def directives(text: str) -> list[Directive]:
    """The directives of a file, those of blocks inside them.

    Raises:
        TextError: the text is no configuration.
    """
    reader = _Reader(text)
    found, _ = reader.block(None)
    return found


def every(found: list[Directive]) -> Iterator[Directive]:
    """All directives, outer ones first."""
    for directive in found:
        yield directive
        if directive.block is not None:
            yield from every(directive.block.inside)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1

    def block(self, opened_on: int | None) -> tuple[list[Directive], int]:
        """Directives up to the closing brace (or the end), and where that stands."""
        found: list[Directive] = []
        words: list[Word] = []
        first_line = 0
        while True:
            self._skip()
            if self.at >= len(self.text):
                if opened_on is not None:
                    raise TextError(f"the block of line {opened_on} is not closed")
                if words:
                    raise TextError(f"line {first_line}: no `;` after `{words[0].value}`")
                return found, self.at
            char = self.text[self.at]
            if char == "}":
                if opened_on is None or words:
                    raise TextError(f"line {self.line}: unexpected `}}`")
                self.at += 1
                return found, self.at - 1
            if char in ";{":
                if not words:
                    raise TextError(f"line {self.line}: unexpected `{char}`")
                found.append(self._ended(words, first_line, char))
                words = []
                continue
            first_line = first_line if words else self.line
            words.append(self._word())

    def _ended(self, words: list[Word], line: int, char: str) -> Directive:
        opens = self.at
        self.at += 1
        if char == ";":
            return Directive(words, line, self.at)
        if words[0].value.endswith(_RAW_BLOCK):
            closes = self._raw_block(line)
            return Directive(words, line, self.at, Block(opens, closes))
        inside, closes = self.block(line)
        return Directive(words, line, self.at, Block(opens, closes, inside))

    def _skip(self) -> None:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif char in _BLANK or (self.at == 0 and char == "\ufeff"):
                self.line += char == "\n"
                self.at += 1
            else:
                return

    def _word(self) -> Word:
        start, quote = self.at, self.text[self.at]
        if quote in "\"'":
            return self._quoted(start, quote)
        value: list[str] = []
        after_dollar = False
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\" and self.at + 1 < len(self.text):
                value.append(self.text[self.at : self.at + 2])
                self.line += self.text[self.at + 1] == "\n"
                self.at += 2
                after_dollar = False
                continue
            if char in _BLANK or char == ";" or (char == "{" and not after_dollar):
                break
            value.append(char)
            after_dollar = char == "$"
            self.at += 1
        return Word(start, self.at, "".join(value))

    def _quoted(self, start: int, quote: str) -> Word:
        line = self.line
        value: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\\" and self.at + 1 < len(self.text):
                following = self.text[self.at + 1]
                value.append(following if following in "\"'\\" else char + following)
                self.at += 2
                continue
            self.at += 1
            if char == quote:
                return Word(start, self.at, "".join(value))
            self.line += char == "\n"
            value.append(char)
        raise TextError(f"the quote of line {line} is not closed")

    def _raw_block(self, line: int) -> int:
        """Past the end of a block of another language, by its braces."""
        depth = 1
        while self.at < len(self.text):
            char = self.text[self.at]
            self.line += char == "\n"
            depth += (char == "{") - (char == "}")
            self.at += 1
            if depth == 0:
                return self.at - 1
        raise TextError(f"the block of line {line} is not closed")
