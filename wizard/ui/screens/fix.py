"""One proposal as a card: to read, copy, save, and to verify once it was done."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from wizard.report import panels, script
from wizard.report.panels import Card
from wizard.ui.page import Page, Piece
from wizard.ui.pages import fix as pages
from wizard.ui.pages import verdict
from wizard.ui.screens.frame import HELP, QUIT, WATCH, Frame
from wizard.ui.view import View
from wizard.ui.widgets.rows import Rows

_ALL = "all"
_SHOWN = "With its secrets, read from the live file now; s hides them again."


class Fix(Frame):
    """A card, and the way to the others."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "copy", "Copy", tooltip="What the cursor is on: to the clipboard and a file"),
        Binding("C", "copy_all", "All", tooltip="Copy the whole card, as a script with comments"),
        Binding("n,right", "next(1)", "Next", tooltip="The next proposal"),
        Binding("p,left", "next(-1)", "Previous", tooltip="The proposal before"),
        Binding("w", "wrap", "Wrap", show=False, tooltip="Long lines go on below, or are cut"),
        Binding("v", "verify", "Verify", tooltip="Ask the site again: before and after"),
        WATCH,
        Binding("s", "secrets", "Secrets", show=False, tooltip="Show what is masked in a diff"),
        Binding("b,escape", "back", "Back", tooltip="To the verdict"),
        HELP,
        QUIT,
    ]

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._wrap = True
        self._sent = ("", "")
        self._whole = ""
        """The diff with its secrets, while the person wants to see them; kept nowhere else."""

    def compose_body(self) -> ComposeResult:
        """The card."""
        yield Rows(id="page")

    @property
    def card(self) -> Card | None:
        """The card that is shown."""
        cards = panels.cards(self.view.session)
        card = cards[self._number - 1] if 0 < self._number <= len(cards) else None
        return card._replace(text=self._whole, secret=_SHOWN) if card and self._whole else card

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
        pages.fix(page, card, wrap=self._wrap, sent=self._sent)
        if self._sent[0] == _ALL:
            page.gap()
            page.sentence(self._sent[1], "good")
        page.line(Piece(""))

    def action_next(self, by: int) -> None:
        """The card after or before; after the last one the verdict."""
        count = len(panels.cards(self.view.session))
        if not 0 < self._number + by <= count:
            self.dismiss()
            return
        self._number += by
        self._sent, self._whole = ("", ""), ""
        self.query_one("#page", Rows).scroll_to(y=0, animate=False)
        self.show_body(self.view)

    def entered(self) -> None:
        """Enter goes on to the next card."""
        self.action_next(1)

    def action_enter(self) -> None:
        """On to the next card, whatever the cursor is on."""
        self.entered()

    def opened(self, part: str, key: str) -> None:
        """A click copies what was clicked on."""
        self._copy(key)

    def action_copy(self) -> None:
        """Send the part under the cursor to the clipboard and put it into a file."""
        self._copy(self.query_one("#page", Rows).key)

    def action_copy_all(self) -> None:
        """Send the whole card, as a script with comments."""
        self._copy(_ALL)
        self.query_one("#page", Rows).scroll_end(animate=False)

    def _copy(self, key: str) -> None:
        from wizard.ui.clipboard import send

        card = self.card
        if card is None:
            return
        part = next((each for each in pages.parts(card) if each.key == key), None)
        text = part.content() if part else script.script(card)
        what = (
            f"fix {card.number}"
            if part is None or part.key == card.kind
            else (f"the part “{part.key}” of fix {card.number}")
        )
        sentence = send(
            self.wizard, pages.file_name(card, part), text, what,
            proposal=card.title, to_a_file=not self._whole,
        )  # fmt: skip
        self._sent = (part.key if part else _ALL, sentence)
        self.show_body(self.view)
        self.wizard.say(sentence)

    def action_secrets(self) -> None:
        """Show the secrets of a diff, read from the live file now, or hide them again."""
        from wizard.fixes.trial import text_of
        from wizard.fixes.unmasked import UnmaskError, unmasked

        card = self.card
        if self._whole or card is None or not card.secret or card.kind != "diff":
            self._whole = ""
        else:
            try:
                self._whole = unmasked(card.text, text_of)
            except (UnmaskError, OSError) as problem:
                self.wizard.say(f"Not shown: {problem}", warn=True)
        self.show_body(self.view)

    def action_wrap(self) -> None:
        """Long lines go on below, or are cut."""
        self._wrap = not self._wrap
        self.show_body(self.view)

    def action_verify(self) -> None:
        """Ask the site again."""
        self.query_one("#page", Rows).scroll_to(y=0, animate=False)
        self.wish("verify")
