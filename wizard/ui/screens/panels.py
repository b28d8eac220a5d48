"""The panels: route, servers, log, timeline. One screen, a number key each."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from wizard.ui.page import Page, Piece
from wizard.ui.pages.panels import PANELS
from wizard.ui.screens.frame import HELP, QUIT, Frame
from wizard.ui.view import View
from wizard.ui.widgets.line import Line
from wizard.ui.widgets.rows import Rows


class Panels(Frame):
    """One panel at a time; Enter opens the evidence behind a row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"panel({number})", panel.name, tooltip=panel.what)
            for number, panel in enumerate(PANELS, 1)
        ),
        Binding("p,right", "turn(1)", "Next", tooltip="The next panel"),
        Binding("left", "turn(-1)", "Previous", show=False, tooltip="The panel before"),
        Binding("b,escape", "back", "Back", tooltip="To where you came from"),
        HELP,
        QUIT,
    ]

    def __init__(self, number: int = 1) -> None:
        super().__init__()
        self._number = number

    def compose_body(self) -> ComposeResult:
        """The names of the panels, and the one that is open."""
        yield Line(id="tabs")
        yield Rows(id="page")

    def show_body(self, view: View) -> None:
        """Show the open panel."""
        names: list[Piece] = []
        for number, panel in enumerate(PANELS, 1):
            here = number == self._number
            name = f"[{number} {panel.name}]" if here else f" {number} {panel.name} "
            names += [Piece(name, "here" if here else "dim"), Piece(" ")]
        self.query_one("#tabs", Line).show(names)
        self.query_one("#page", Rows).show(self._write)

    def _write(self, page: Page) -> None:
        PANELS[self._number - 1].write(page, self.view, self.app.has_class("-ascii"))

    def opened(self, part: str, key: str) -> None:
        """Open the evidence behind the row."""
        from wizard.ui.screens.look import Look

        evidence_id = key.partition(" ")[0]
        if evidence_id in self.view.session.evidence:
            self.app.push_screen(Look(evidence_id))

    def action_panel(self, number: int) -> None:
        """The panel of this number."""
        self._number = number
        self.query_one("#page", Rows).scroll_to(y=0, animate=False)
        self.show_body(self.view)

    def action_turn(self, by: int) -> None:
        """The next panel, or the one before."""
        self.action_panel((self._number - 1 + by) % len(PANELS) + 1)
