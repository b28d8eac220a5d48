"""A screen with one page of text that is read and left again."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from wizard.ui.page import Page
from wizard.ui.screens.frame import BACK, HELP, QUIT, Frame
from wizard.ui.view import View
from wizard.ui.widgets.rows import Rows


class Reading(Frame):
    """Shows what `write` writes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        BACK,
        HELP,
        QUIT,
    ]

    def compose_body(self) -> ComposeResult:
        """The page."""
        yield Rows(id="page")

    def show_body(self, view: View) -> None:
        """Show the page as it is now."""
        self.query_one("#page", Rows).show(self.write)

    def entered(self) -> None:
        """Enter leaves what was only to be read."""
        self.action_back()

    def write(self, page: Page) -> None:
        """What stands on it."""
