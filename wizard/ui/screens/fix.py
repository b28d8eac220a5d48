"""One proposal as a card: to read, copy, save, and to verify once it was done."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from wizard.report import panels
from wizard.report.panels import Card
from wizard.ui.page import Page, Piece
from wizard.ui.pages import fix as pages
from wizard.ui.pages import verdict
from wizard.ui.screens.frame import HELP, QUIT, Frame
from wizard.ui.view import View
from wizard.ui.widgets.rows import Rows


class Fix(Frame):
    """A card, and the way to the others."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy", tooltip="Send it to the clipboard, and always to a file"),
        Binding("n,right", "next(1)", "Next", tooltip="The next proposal"),
        Binding("p,left", "next(-1)", "Previous", tooltip="The proposal before"),
        Binding("w", "wrap", "Wrap", tooltip="Long lines go on below, or are cut"),
        Binding("v", "verify", "Verify", tooltip="Ask the site again: before and after"),
        Binding("b,escape", "back", "Back", tooltip="To the verdict"),
        HELP,
        QUIT,
    ]

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._wrap = True
        self._sent = ""

    def compose_body(self) -> ComposeResult:
        """The card."""
        yield Rows(id="page")

    @property
    def card(self) -> Card | None:
        """The card that is shown."""
        cards = panels.cards(self.view.session)
        return cards[self._number - 1] if 0 < self._number <= len(cards) else None

    def show_body(self, view: View) -> None:
        """Show the card."""
        self.query_one("#page", Rows).show(self._write)

    def _write(self, page: Page) -> None:
        card = self.card
        if card is None:
            page.sentence("This proposal no longer stands: the walk has gone on.", "dim")
            return
        verdict.verified(page, self.view)
        pages.headline(page, card, len(panels.cards(self.view.session)))
        pages.fix(page, card, wrap=self._wrap)
        if self._sent:
            page.gap()
            page.sentence(self._sent, "good")
        page.line(Piece(""))

    def action_next(self, by: int) -> None:
        """The card after or before; after the last one the verdict."""
        count = len(panels.cards(self.view.session))
        if not 0 < self._number + by <= count:
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
        """Send the card to the clipboard and put it into a file."""
        from wizard.ui.clipboard import send

        if self.card is not None:
            self._sent = send(self.wizard, pages.file_name(self.card), pages.script(self.card))
            self.show_body(self.view)
            self.query_one("#page", Rows).edge(1)

    def action_wrap(self) -> None:
        """Long lines go on below, or are cut."""
        self._wrap = not self._wrap
        self.show_body(self.view)

    def action_verify(self) -> None:
        """Ask the site again."""
        self.query_one("#page", Rows).scroll_to(y=0, animate=False)
        self.wish("verify")
