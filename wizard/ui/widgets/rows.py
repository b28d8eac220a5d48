"""A list of rows that scrolls, with a cursor over those that can be opened.

It draws only the lines that are seen, and when the cursor moves only the lines that change: over
a slow link a key costs some hundred bytes. Text is drawn as it is, never as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.content import Content
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from wizard.ui.page import Page, Row

Build = Callable[[Page], None]
"""Writes the rows into a page of the width that there is."""

_TONES = ("strong", "dim", "heading", "good", "bad", "warn", "code", "here")


class Rows(ScrollView, can_focus=False):
    """Rows of text, built anew for every width.

    Which of them the keys go to is the screen's affair (`Frame.active`): Textual's own focus draws
    both widgets whole again when it moves, and this only the rows under the cursor.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--cursor",
        "rows--resting",
        *(f"rows--{tone}" for tone in _TONES),
    }

    class Opened(Message):
        """Enter was pressed on a row."""

        def __init__(self, rows: Rows, key: str) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> Rows:
            """The list that it happened in."""
            return self.rows

    class Moved(Message):
        """The cursor came to another row."""

        def __init__(self, rows: Rows, key: str) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> Rows:
            """The list that it happened in."""
            return self.rows

        def can_replace(self, message: Message) -> bool:
            """Only where the cursor is now matters."""
            return isinstance(message, Rows.Moved) and message.rows is self.rows

    class Beyond(Message):
        """The cursor wants to leave over the top (-1) or the bottom (1)."""

        def __init__(self, rows: Rows, direction: int) -> None:
            super().__init__()
            self.rows = rows
            self.direction = direction

        @property
        def control(self) -> Rows:
            """The list that it happened in."""
            return self.rows

    def __init__(
        self,
        build: Build | None = None,
        *,
        id: str | None = None,  # noqa: A002 - as Textual has it
    ) -> None:
        super().__init__(id=id)
        self._build = build
        self._rows: Sequence[Row] = ()
        self._keys: list[str] = []
        self._tops: dict[str, int] = {}
        self._key = ""
        self._laid_out_for = 0
        self._title = ""
        self._is_active = False

    @property
    def is_active(self) -> bool:
        """The keys go here."""
        return self._is_active

    def activate(self, is_active: bool) -> None:
        """Show where the keys go."""
        if is_active != self._is_active:
            self._is_active = is_active
            self._refresh_rows(self._key)

    @property
    def key(self) -> str:
        """What the cursor is on; empty when nothing can be opened."""
        return self._key

    @property
    def keys(self) -> Sequence[str]:
        """What can be opened, from top to bottom."""
        return self._keys

    @property
    def text(self) -> str:
        """All rows as text."""
        return "\n".join(row.text for row in self._rows)

    def show(self, build: Build, *, key: str | None = None, title: str | None = None) -> None:
        """Show other rows. Nothing is drawn again where nothing has changed."""
        self._build = build
        if title is not None and title != self._title:
            self._title = title
            self.border_title = Content(title)
        self._lay_out(key)

    def move_to(self, key: str, *, tell: bool = True) -> None:
        """Put the cursor on a row."""
        if key == self._key or key not in self._tops:
            return
        before, self._key = self._key, key
        self._refresh_rows(before)
        self._refresh_rows(key)
        self._scroll_to_key()
        if tell:
            self.post_message(self.Moved(self, key))

    def enter_from(self, direction: int) -> None:
        """Put the cursor where it comes in: from above (1) or from below (-1)."""
        if self._keys:
            self.move_to(self._keys[0 if direction > 0 else -1])

    def scroll_to_line(self, line: int) -> None:
        """Bring a line into view, some lines below the top."""
        self.scroll_to(y=max(0, line - 2), animate=False)

    def to_heading(self, by: int) -> None:
        """Bring the next heading, or the one before, to the top."""
        headings = [n for n, row in enumerate(self._rows) if _is_heading(row)]
        last = max(0, len(self._rows) - self.scrollable_content_region.height)
        seen = self.scroll_offset.y
        further = [n for n in headings if (n > seen if by > 0 else n < seen)]
        if further:
            self.scroll_to(y=min(last, further[0 if by > 0 else -1]), animate=False)

    def find(self, text: str, after: int = -1) -> int | None:
        """The next line that holds the text, from the top again after the last; None for none."""
        wanted = text.lower()
        found = [n for n, row in enumerate(self._rows) if wanted in row.text.lower()]
        return next((n for n in found if n > after), found[0] if found else None)

    def on_resize(self, event: events.Resize) -> None:
        """Lay the rows out for the new width."""
        if self.scrollable_content_region.width != self._laid_out_for:
            self._lay_out(None)

    def _lay_out(self, key: str | None) -> None:
        width = self.scrollable_content_region.width
        if self._build is None or width <= 0:
            self._key = key or self._key
            return
        page = Page(width, ascii_marks=self.app.has_class("-ascii"))
        self._build(page)
        before, known = self._rows, self._key
        changed_width = width != self._laid_out_for
        self._laid_out_for = width
        self._rows = page.rows
        self._tops = {}
        for number, row in enumerate(self._rows):
            if row.key:
                self._tops.setdefault(row.key, number)
        self._keys = list(self._tops)
        self._key = next(
            (each for each in (key, known) if each and each in self._tops),
            self._keys[0] if self._keys else "",
        )
        if len(self._rows) != self.virtual_size.height or width != self.virtual_size.width:
            self.virtual_size = Size(width, len(self._rows))
            self.refresh(layout=self.styles.height is not None and self.styles.height.is_auto)
        if changed_width or len(before) != len(self._rows):
            self.refresh()
        else:
            for number, (old, new) in enumerate(zip(before, self._rows, strict=True)):
                if old != new:
                    self._refresh_line(number)
            if known != self._key:
                self._refresh_rows(known)
                self._refresh_rows(self._key)
        if key:
            self._scroll_to_key()
        if self._key != known:
            self.post_message(self.Moved(self, self._key))

    def render_line(self, y: int) -> Strip:
        """One line, as far down as is scrolled."""
        number = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        base = self.rich_style
        if number >= len(self._rows):
            return Strip.blank(width, base)
        row = self._rows[number]
        chosen = bool(row.key) and row.key == self._key
        under = self._cursor_style() if chosen else None
        segments = []
        for piece in row.pieces:
            style = base
            if piece.tone:
                style += self.get_component_rich_style(f"rows--{piece.tone}", partial=True)
            if under is not None:
                style += under
            segments.append(Segment(piece.text, style))
        rest = base + under if under is not None else base
        return Strip(segments).adjust_cell_length(width, rest)

    def _cursor_style(self) -> Style:
        name = "rows--cursor" if self._is_active else "rows--resting"
        return self.get_component_rich_style(name, partial=True)

    def _refresh_line(self, number: int) -> None:
        y = number - self.scroll_offset.y
        if 0 <= y < self.scrollable_content_region.height:
            self.refresh(Region(0, y, self.scrollable_content_region.width, 1))

    def _refresh_rows(self, key: str) -> None:
        top = self._tops.get(key)
        while top is not None and top < len(self._rows) and self._rows[top].key == key:
            self._refresh_line(top)
            top += 1

    def _scroll_to_key(self) -> None:
        top = self._tops.get(self._key)
        height = self.scrollable_content_region.height
        if top is None or height <= 0:
            return
        bottom = top
        while bottom + 1 < len(self._rows) and self._rows[bottom + 1].key == self._key:
            bottom += 1
        seen = self.scroll_offset.y
        if top < seen:
            is_first = bool(self._keys) and self._key == self._keys[0] and top < height
            self.scroll_to(y=0 if is_first else top, animate=False)
        elif bottom >= seen + height:
            self.scroll_to(y=min(top, bottom - height + 1), animate=False)

    def move(self, by: int) -> None:
        """To the next thing that can be opened; where there is none near, a line further."""
        place = self._keys.index(self._key) if self._key in self._keys else -1
        top = self.scroll_offset.y
        last = max(0, len(self._rows) - self.scrollable_content_region.height)
        target = place + by
        if place >= 0 and 0 <= target < len(self._keys):
            height = self.scrollable_content_region.height
            if not top - height <= self._tops[self._keys[target]] < top + 2 * height:
                self.scroll_to(y=min(last, max(0, top + by * (height - 1))), animate=False)
                return
            self.move_to(self._keys[target])
        elif 0 <= top + by <= last:
            self.scroll_to(y=top + by, animate=False)
        else:
            self.post_message(self.Beyond(self, by))

    def page(self, by: int) -> None:
        """A screenful further; the cursor comes along."""
        height = max(1, self.scrollable_content_region.height - 1)
        last = max(0, len(self._rows) - self.scrollable_content_region.height)
        self.scroll_to(y=min(last, max(0, self.scroll_offset.y + by * height)), animate=False)

    def edge(self, side: int) -> None:
        """To the first or the last row."""
        last = max(0, len(self._rows) - self.scrollable_content_region.height)
        if self._keys:
            self.move_to(self._keys[0 if side < 0 else -1])
        self.scroll_to(y=0 if side < 0 else last, animate=False)

    def open(self) -> bool:
        """Open what the cursor is on; False when there is nothing to open."""
        if not self._key:
            return False
        self.post_message(self.Opened(self, self._key))
        return True

    def on_click(self, event: events.Click) -> None:
        """A click opens the row under it."""
        number = event.y - self.gutter.top + self.scroll_offset.y
        if 0 <= number < len(self._rows) and self._rows[number].key:
            self.move_to(self._rows[number].key)
            self.open()


def _is_heading(row: Row) -> bool:
    return any(piece.tone == "heading" for piece in row.pieces)
