"""Rows of text for a screen, laid out to a width.

Everything shown is put into rows of plain text here: never markup, every control character
visible, tabs and line breaks resolved, wide characters counted as two cells. A row may have a
key: then the cursor stops at it and Enter opens it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal, NamedTuple

from rich.cells import cell_len

from wizard.model.text import clean, shorten
from wizard.report.ascii import ascii_only

Tone = Literal["", "strong", "dim", "heading", "good", "bad", "warn", "code", "here"]
"""How a piece of text is to look; what it means always stands in its words too."""

_LONGEST_LINE = 24_000
_LONGEST_SENTENCE = 2_000
_WORD = re.compile(r"\s*\S+|\s+\Z")


class Piece(NamedTuple):
    """A run of text in one tone."""

    text: str
    tone: Tone = ""


class Row(NamedTuple):
    """One line of the screen."""

    pieces: tuple[Piece, ...]
    key: str = ""
    """What Enter opens here; rows of the same key are one thing. Empty: not to be chosen."""

    @property
    def text(self) -> str:
        """The line without its tones."""
        return "".join(piece.text for piece in self.pieces)


class Page:
    """Rows in the making, for one width."""

    def __init__(self, width: int, *, ascii_marks: bool = False) -> None:
        self.width = max(8, width)
        self.rows: list[Row] = []
        self._ascii = ascii_marks
        self._cut = "~" if ascii_marks else "…"

    def line(self, *pieces: Piece | str, key: str = "") -> None:
        """One row; what does not fit is cut with a visible mark."""
        self.rows.append(Row(self._fitted(pieces), key))

    def gap(self) -> None:
        """An empty row."""
        self.rows.append(Row(()))

    def heading(self, text: str) -> None:
        """Begin a part, with an empty row before it unless it is the first."""
        if self.rows:
            self.gap()
        self.sentence(text, "heading")

    def sentence(
        self, text: str, tone: Tone = "", *, indent: int = 0, first: str = "", key: str = ""
    ) -> None:
        """Prose, wrapped at words; `first` stands before it and further rows align with it."""
        margin = " " * indent
        begin = margin + self._shown(first)
        rest = " " * cell_len(begin)
        words = self._words(text)
        for number, line in enumerate(wrapped(words, self.width - cell_len(begin)) or [""]):
            self.line(Piece(rest if number else begin), Piece(line, tone), key=key)

    def verbatim(
        self,
        text: str,
        tone: Tone = "code",
        *,
        indent: int = 0,
        key: str = "",
        wrap: bool = True,
        find: str = "",
    ) -> None:
        """What may be copied: every line as it is; a long one goes on, marked, in the next row."""
        margin = " " * indent
        room = max(8, self.width - indent)
        for line in text.split("\n"):
            written = self._shown(shorten(line.rstrip(), _LONGEST_LINE))
            tone_here: Tone = "here" if find and find.lower() in written.lower() else tone
            if not wrap:
                self.line(margin, Piece(written, tone_here), key=key)
                continue
            for number, part in enumerate(folded(written, room)):
                mark = Piece("  ") if number else Piece("")
                self.line(margin, mark, Piece(part, tone_here), key=key)

    def fact(self, label: str, value: str, *, label_width: int, key: str = "") -> None:
        """A label and its value, which wraps beside it."""
        room = max(8, self.width - label_width - 1)
        lines = wrapped(self._words(value), room) or [""]
        for number, line in enumerate(lines):
            shown = "" if number else shortened(self._shown(label), label_width, self._cut)
            pad = " " * (label_width - cell_len(shown) + 1)
            self.line(Piece(shown, "dim"), Piece(pad), Piece(line), key=key)

    def columns(
        self, cells: Iterable[Piece | str], widths: Iterable[int], *, key: str = ""
    ) -> None:
        """Cells side by side, each cut to its width; the last has the rest of the row."""
        pieces: list[Piece] = []
        for cell, width in zip(cells, widths, strict=False):
            piece = cell if isinstance(cell, Piece) else Piece(cell)
            words = self._shown(" ".join(piece.text[:1_000].split("\n")))
            text = shortened(words, width, self._cut)
            pieces += [Piece(text, piece.tone), Piece(" " * (width - cell_len(text) + 1))]
        self.line(*pieces, key=key)

    def beside(
        self,
        mark: Piece,
        name: str,
        lines: Iterable[Piece],
        *,
        name_width: int,
        key: str = "",
        cut: int = 0,
    ) -> None:
        """A mark and a name that wraps, and beside it lines that wrap; the last `cut` are cut."""
        left = wrapped(self._words(name), name_width) or [""]
        every = list(lines)
        room = max(8, self.width - name_width - cell_len(mark.text) - 2)
        right: list[Piece] = []
        for number, (text, tone) in enumerate(every):
            words = self._words(text)
            if number < len(every) - cut:
                right += [Piece(line, tone) for line in wrapped(words, room)]
            elif words:
                right.append(Piece(words, tone))
        blank = " " * cell_len(mark.text)
        for number in range(max(len(left), len(right))):
            label = left[number] if number < len(left) else ""
            self.line(
                mark if number == 0 else blank,
                f"{label}{' ' * (name_width - cell_len(label) + 2)}",
                right[number] if number < len(right) else Piece(""),
                key=key,
            )

    def _words(self, text: str) -> str:
        """The text on one line, within reason."""
        return self._shown(shorten(" ".join(text.split()), _LONGEST_SENTENCE))

    def _shown(self, text: str) -> str:
        text = clean(text).expandtabs(4)
        return ascii_only(text) if self._ascii and not text.isascii() else text

    def _fitted(self, pieces: Iterable[Piece | str]) -> tuple[Piece, ...]:
        fitted: list[Piece] = []
        room = self.width
        for piece in pieces:
            text, tone = piece if isinstance(piece, Piece) else Piece(piece)
            text = _on_one_row(self._shown(text[: max(room, 1) + 1_000]))
            wide = cell_len(text)
            if wide > room:
                fitted.append(Piece(shortened(text, room, self._cut), tone))
                break
            fitted.append(Piece(text, tone))
            room -= wide
        return tuple(fitted)


def shortened(text: str, width: int, mark: str = "…") -> str:
    """At most so many cells of the text, the cut marked."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    if text.isascii():
        return text[: max(0, width - 1)] + mark
    kept = text[: width - 1]
    while kept and cell_len(kept) > width - 1:
        kept = kept[:-1]
    return kept + mark


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of so many cells, broken between words where that is possible."""
    width = max(4, width)
    lines: list[str] = []
    line = ""
    for word in _WORD.findall(text):
        if cell_len(line) + cell_len(word) <= width:
            line += word
            continue
        if line.strip():
            lines.append(line.rstrip())
        line = word.lstrip()
        if cell_len(line) > width:
            *full, line = folded(line, width, further=0)
            lines += full
    if line.strip():
        lines.append(line.rstrip())
    return lines


def folded(text: str, width: int, further: int = 2) -> list[str]:
    """The text cut into pieces of so many cells, at a space where one is near.

    Those after the first leave some room.
    """
    if cell_len(text) <= width:
        return [text]
    parts: list[str] = []
    part, used, room = "", 0, width
    for character in text:
        wide = 1 if character.isascii() else cell_len(character)
        if used + wide > room:
            begin, space, end = part.rpartition(" ")
            if space and begin.strip() and cell_len(end) < room // 3:
                parts.append(begin + space)
                part, used = end, cell_len(end)
            else:
                parts.append(part)
                part, used = "", 0
            room = max(4, width - further)
        part += character
        used += wide
    return [*parts, part]


def _on_one_row(text: str) -> str:
    return text.replace("\r\n", " ").replace("\n", " ")
