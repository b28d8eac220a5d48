"""The note dialog."""

from __future__ import annotations

from wizard.ui.screens.asking import AskLine


class NoteDialog(AskLine):
    """Asks for a note."""

    def __init__(self) -> None:
        super().__init__("Note", "Kept in the session with the time; secrets are masked.")
