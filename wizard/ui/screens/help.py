"""Help: the keys of the screen that was left for it, the marks, and what the wizard touches."""

from __future__ import annotations

from typing import Any

from textual.binding import Binding
from textual.screen import Screen

from wizard.ui.page import Page, Piece
from wizard.ui.pages.marks import EVIDENCE, HOLDS, STEP
from wizard.ui.screens.reading import Reading
from wizard.ui.widgets.key_bar import key_name


class Help(Reading):
    """Made from the bindings, so that it cannot lag behind them."""

    def __init__(self, asked_from: Screen[Any]) -> None:
        super().__init__()
        self._asked_from = asked_from

    def write(self, page: Page) -> None:
        """Keys, marks, promises."""
        page.heading("KEYS ON THE SCREEN YOU CAME FROM")
        for binding in self._asked_from.BINDINGS:
            if isinstance(binding, Binding) and binding.tooltip:
                keys = " ".join(key_name(key) for key in binding.key.split(","))
                page.fact(f"  {keys}", f"{binding.description}: {binding.tooltip}", label_width=18)
        page.heading("KEYS EVERYWHERE")
        for keys, what in (
            ("up down", "Move; the page scrolls when nothing is left to choose"),
            ("Enter", "Take or open what the cursor is on"),
            ("PgUp PgDn Space", "A screenful up or down"),
            ("Home End", "The beginning, the end"),
            ("Tab", "To the next part of the screen, or heading of the page"),
            ("ctrl+p", "Every action by name; other colours"),
            ("q  ctrl+c", "Leave at once; nothing is lost, and the verdict is printed"),
        ):
            page.fact(f"  {keys}", what, label_width=18)
        page.heading("MARKS")
        for mark, tone, words in EVIDENCE.values():
            page.line("  ", Piece(f"{mark:<14}", tone), Piece(f"a look: {words}"))
        for mark, tone, words in STEP.values():
            page.line("  ", Piece(f"{mark:<14}", tone), Piece(f"a step: {words}"))
        for mark, tone, words in HOLDS.values():
            page.line("  ", Piece(f"{mark:<14}", tone), Piece(f"a reason: {words}"))
        page.heading("WHAT THE WIZARD TOUCHES")
        page.sentence(
            "Nothing. It reads files, asks the system's own tools, connects, and sends GET "
            "requests. What it proposes is for you to do.",
            indent=2,
        )
