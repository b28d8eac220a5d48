"""Lines out, lines in. No cursor control, no colour: what is said stays said."""

from __future__ import annotations

import sys
import textwrap

from wizard import output
from wizard.model.text import clean

_NARROWEST = 20


class Left(Exception):
    """There is nobody to answer any more: the end of the input."""


class Console:
    """The person at the other end of standard input and output."""

    def __init__(self) -> None:
        self._width = max(_NARROWEST, output.columns())

    def say(self, text: str = "", margin: str = "") -> None:
        """A sentence, wrapped at words; blanks at its beginning are its margin."""
        margin += " " * (len(text) - len(text.lstrip(" ")))
        lines = textwrap.wrap(
            " ".join(clean(text).split()),
            self._width,
            initial_indent=margin,
            subsequent_indent=margin,
            break_long_words=False,
            break_on_hyphens=False,
        )
        output.page("\n".join(lines))

    def item(self, first: str, text: str) -> None:
        """A sentence with a mark before it; further lines stand under its beginning."""
        lines = textwrap.wrap(
            " ".join(clean(text).split()),
            self._width,
            initial_indent=first,
            subsequent_indent=" " * len(first),
            break_long_words=False,
            break_on_hyphens=False,
        )
        output.page("\n".join(lines) or first.rstrip())

    def verbatim(self, text: str, margin: str = "    ") -> None:
        """What may be copied: every line as it is."""
        lines = (f"{margin}{line}".rstrip() for line in clean(text).splitlines())
        output.page("\n".join(lines))

    def ask(self, prompt: str) -> str:
        """The next line that the person types, without blanks around it.

        Raises:
            Left: there is none.
        """
        return self._line(prompt).strip()

    def ask_lines(self, prompt: str, end: str) -> str:
        """Lines up to one that is `end` alone, or to the end of the input."""
        self.say(prompt)
        lines: list[str] = []
        while True:
            try:
                line = self._line("")
            except Left:
                break
            if line.strip() == end:
                break
            lines.append(line.rstrip("\r\n"))
        return "\n".join(lines)

    def _line(self, prompt: str) -> str:
        if prompt:
            output.line_begun(f"{prompt} ")
        line = _typed()
        # A terminal shows what is typed by itself; in a pipe the record would lack it.
        shown_already = line and sys.stdin is not None and sys.stdin.isatty()
        if prompt and not shown_already:
            output.page(clean(line).strip())
        if not line:
            raise Left
        return line


def _typed() -> str:
    """The next line of standard input; empty at its end."""
    try:
        raw = sys.stdin.buffer.readline()
    except (AttributeError, ValueError, OSError):  # closed, or gone with its terminal
        return ""
    return raw.decode("utf-8", errors="replace")
