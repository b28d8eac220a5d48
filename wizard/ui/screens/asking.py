"""A small dialog that asks for one line."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input

from wizard.ui.widgets.rows import Rows


class Dialog(ModalScreen["str | None"]):
    """Something small over the screen; gives a text, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", show=False, priority=True)
    ]
    title_text = ""
    foot_text = ""

    def compose(self) -> ComposeResult:
        """The dialog's frame."""
        with Vertical(id="dialog") as frame:
            frame.border_title = Content(f" {self.title_text} ")
            frame.border_subtitle = Content(f" {self.foot_text} ")
            yield from self.compose_inside()

    def compose_inside(self) -> ComposeResult:
        """What the dialog asks for."""
        yield from ()

    def action_cancel(self) -> None:
        """Leave without an answer."""
        self.dismiss(None)


class AskLine(Dialog):
    """Asks for one line of text."""

    def __init__(self, title: str, about: str, text: str = "") -> None:
        super().__init__()
        self.title_text = title
        self.foot_text = "Enter: take it   Escape: leave"
        self._about = about
        self._text = text

    def compose_inside(self) -> ComposeResult:
        """A sentence and the line."""
        yield Rows(lambda page: page.sentence(self._about, "dim"))
        line = Input(self._text)
        line.cursor_blink = False
        yield line

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Enter takes it."""
        self.dismiss(message.value.strip() or None)
