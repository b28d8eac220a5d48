"""Takes the pasted output of a command that could not be run here."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import TextArea

from wizard.model.evidence import Evidence
from wizard.ui.page import Page
from wizard.ui.screens.asking import Dialog
from wizard.ui.widgets.rows import Rows


class PasteDialog(Dialog):
    """Shows the command and takes what it printed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f2", "take", "Take it", priority=True, show=False),
    ]
    title_text = "Paste what I cannot read"
    foot_text = "ctrl+s or F2: take it   Escape: leave"

    def __init__(self, evidence: Evidence, command: str) -> None:
        super().__init__()
        self._evidence = evidence
        self._command = command

    def compose_inside(self) -> ComposeResult:
        """What to run, and a field for what it prints."""
        yield Rows(self._about)
        area = TextArea()
        area.cursor_blink = False
        yield area

    def on_mount(self) -> None:
        """The field has the keys."""
        self.query_one(TextArea).focus()

    def _about(self, page: Page) -> None:
        page.sentence(f"{self._evidence.title or self._evidence.look}: run this where you may,")
        page.verbatim(f"$ {self._command}")
        page.sentence("and paste what it prints. It is read as if the wizard had seen it.", "dim")

    def action_take(self) -> None:
        """Take what was pasted."""
        self.dismiss(self.query_one(TextArea).text or None)
