"""One line of text in several tones, drawn again only when it has changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from wizard.ui.page import Page, Piece


class Line(Widget):
    """A line; what does not fit is cut with a mark."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"line--{tone}" for tone in ("strong", "dim", "good", "bad", "warn", "here", "code")
    }

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - as Textual has it
        super().__init__(id=id)
        self._pieces: tuple[Piece, ...] = ()
        self._right: tuple[Piece, ...] = ()

    @property
    def text(self) -> str:
        """The line as text."""
        return "".join(piece.text for piece in (*self._pieces, *self._right))

    def show(self, pieces: Sequence[Piece], right: Sequence[Piece] = ()) -> None:
        """Show other text; `right` stands at the right edge and is never cut."""
        if (tuple(pieces), tuple(right)) != (self._pieces, self._right):
            self._pieces, self._right = tuple(pieces), tuple(right)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line, for the width that there is."""
        width = self.size.width
        if y > 0 or width <= 0:
            return Strip.blank(width, self.rich_style)
        marks = self.app.has_class("-ascii")
        right = Strip(self._segments(self._right, width, marks))
        room = width - right.cell_length - (1 if self._right else 0)
        left = Strip(self._segments(self._pieces, room, marks))
        blank = Strip.blank(max(0, width - left.cell_length - right.cell_length), self.rich_style)
        return Strip.join([left, blank, right]).adjust_cell_length(width, self.rich_style)

    def _segments(self, pieces: Sequence[Piece], width: int, marks: bool) -> list[Segment]:
        if not pieces or width <= 0:
            return []
        page = Page(width, ascii_marks=marks)
        page.line(*pieces)
        base = self.rich_style
        return [
            Segment(
                piece.text,
                base + self.get_component_rich_style(f"line--{piece.tone}", partial=True)
                if piece.tone
                else base,
            )
            for piece in page.rows[0].pieces
        ]
