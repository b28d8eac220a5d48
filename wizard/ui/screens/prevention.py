"""What keeps the fault from coming back: one card after the other, to read, copy and save."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from wizard.report import panels
from wizard.ui.page import Page, Piece
from wizard.ui.pages import prevention as pages
from wizard.ui.screens.frame import HELP, QUIT, Frame
from wizard.ui.view import View
from wizard.ui.widgets.rows import Rows


class Prevention(Frame):
    """A card, and the way to the others."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy", tooltip="Send it to the clipboard, and always to a file"),
        Binding("n,right", "next(1)", "Next", tooltip="The next one"),
        Binding("p,left", "next(-1)", "Previous", tooltip="The one before"),
        Binding("w", "wrap", "Wrap", tooltip="Long lines go on below, or are cut"),
        Binding("b,escape", "back", "Back", tooltip="To the verdict"),
        HELP,
        QUIT,
    ]

    def __init__(self, number: int = 1) -> None:
        super().__init__()
        self._number = number
        self._wrap = True
        self._sent = ""

    def compose_body(self) -> ComposeResult:
        """The card."""
        yield Rows(id="page")

    @property
    def _offered(self) -> tuple[panels.Precaution, ...]:
        return panels.precautions(self.view.session)

    def show_body(self, view: View) -> None:
        """Show the card."""
        self.query_one("#page", Rows).show(self._write)

    def _write(self, page: Page) -> None:
        offered = self._offered
        if not 0 < self._number <= len(offered):
            page.sentence("This no longer stands: the walk has gone on.", "dim")
            return
        pages.prevention(page, offered[self._number - 1], len(offered), wrap=self._wrap)
        if self._sent:
            page.gap()
            page.sentence(self._sent, "good")
        page.line(Piece(""))

    def action_next(self, by: int) -> None:
        """The card after or before; after the last one the verdict."""
        if not 0 < self._number + by <= len(self._offered):
            self.dismiss()
            return
        self._number += by
        self._sent = ""
        self.query_one("#page", Rows).scroll_to(y=0, animate=False)
        self.show_body(self.view)

    def entered(self) -> None:
        """Enter goes on to the next card."""
        self.action_next(1)

    def action_copy(self) -> None:
        """Send the text to the clipboard and put it into a file."""
        from wizard.ui.clipboard import send

        offered = self._offered
        if 0 < self._number <= len(offered):
            each = offered[self._number - 1]
            self._sent = send(
                self.wizard, each.file, f"{each.text}\n", f"prevention {each.number} ({each.title})"
            )
            self.show_body(self.view)
            self.query_one("#page", Rows).edge(1)

    def action_wrap(self) -> None:
        """Long lines go on below, or are cut."""
        self._wrap = not self._wrap
        self.show_body(self.view)
