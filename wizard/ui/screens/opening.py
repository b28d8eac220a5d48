"""The first screen: whose error is it? The hops as boxes, the maker marked, the proof below."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from wizard.ui.page import Page
from wizard.ui.screens.common import EVIDENCE, GO, LEARN, NOTE, PANELS, Walking
from wizard.ui.screens.frame import HELP, QUIT
from wizard.ui.view import View
from wizard.ui.widgets.rows import Rows


class Opening(Walking):
    """Client, proxy, backend: who made the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "auto", "Auto", tooltip="Walk to the verdict and stop there"),
        Binding("s", "step", "Step", tooltip="Walk question by question"),
        EVIDENCE,
        PANELS,
        NOTE,
        LEARN,
        HELP,
        QUIT,
        Binding("1", "way(1)", "First way", show=False),
        Binding("2", "way(2)", "Second way", show=False),
        GO,
    ]

    PARTS = ("proof", "choice")

    def compose_body(self) -> ComposeResult:
        """The hops, their proof, and the two ways on."""
        yield Rows(id="hops")
        yield Rows(id="proof")
        yield Rows(id="choice")

    def show_body(self, view: View) -> None:
        """Show whose error it is as far as that is known."""
        if view.session.started is None:
            self.query_one("#proof", Rows).show(_waiting)
            return
        # the panels behind these cost 8 ms that the first frame does not wait for
        from wizard.ui.pages import hops, opening

        marks = self.app.has_class("-ascii")

        def draw(page: Page) -> None:
            opening.recorded(page, self.wizard.setup.recorded)
            opening.whose(page, view)
            hops.boxes(page, view, ascii_marks=marks)

        self.query_one("#hops", Rows).show(draw)
        self.query_one("#proof", Rows).show(lambda page: opening.proof(page, view))
        choice = self.query_one("#choice", Rows)
        choice.show(lambda page: opening.choices(page, view, auto=self.wizard.setup.auto))

    def chosen_evidence(self) -> str:
        """The evidence under the cursor."""
        rows = self.query_one("#proof", Rows)
        return rows.key

    def opened(self, part: str, key: str) -> None:
        """Take a way on, or open evidence."""
        if part == "choice":
            self.wish("pace", key)
        else:
            self.open_evidence(key)

    def action_way(self, number: int) -> None:
        """The way of this number."""
        keys = self.query_one("#choice", Rows).keys
        if number <= len(keys):
            self.wish("pace", keys[number - 1])

    def action_auto(self) -> None:
        """Walk to the verdict."""
        self.wish("pace", "auto")

    def action_step(self) -> None:
        """Walk question by question."""
        self.wish("pace", "step")

    def action_learn(self) -> None:
        """Why whose error it is comes first."""
        from wizard.ui.screens.learn import Learn

        self.app.push_screen(Learn("answer/whose"))


def _waiting(page: Page) -> None:
    page.sentence("Asking the site as a client would ...", "dim")
