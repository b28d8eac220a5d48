"""The open question: its looks filling in, the decision and its reasons, the ways on."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from wizard.ui.pages import learn, question, side
from wizard.ui.screens.common import EVIDENCE, GO, LEARN, NOTE, PANELS, TRANSCRIPT, Walking
from wizard.ui.screens.frame import HELP, QUIT
from wizard.ui.view import View
from wizard.ui.widgets.rows import Rows


class Walk(Walking):
    """One question at a time."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b,escape,left", "back", "Back", tooltip="To the question before"),
        EVIDENCE,
        PANELS,
        Binding("r", "again", "Re-run", tooltip="Make the looks of this question again"),
        NOTE,
        LEARN,
        Binding("s", "pace", "Step", tooltip="Walk by itself, or wait at each question"),
        HELP,
        QUIT,
        TRANSCRIPT,
        GO,
        *(Binding(str(n), f"take({n})", f"Way {n}", show=False) for n in range(1, 10)),
    ]

    PARTS = ("looks", "decision", "ways")
    learning = False
    """The reasons give way to what there is to learn here."""
    _placed = ("", "")
    """The question, node and scope, at which the cursor was put on the recommended way."""

    def compose_body(self) -> ComposeResult:
        """Question, looks, decision, ways; more beside them where there is room."""
        with Horizontal():
            with Vertical(id="main"):
                yield Rows(id="ask")
                yield Rows(id="looks")
                yield Rows(id="decision")
                yield Rows(id="ways")
            yield Rows(id="side")

    def on_mount(self) -> None:
        """The looks and the decision stand in boxes; the cursor is on the way on."""
        for name in ("looks", "decision"):
            self.query_one(f"#{name}").add_class("box")
        super().on_mount()

    def show_body(self, view: View) -> None:
        """Show the question as far as it is answered."""
        self.query_one("#ask", Rows).show(lambda page: page.sentence(question.ask(view), "strong"))
        looks = self.query_one("#looks", Rows)
        looks.show(
            lambda page: question.looks(page, view, height=looks.scrollable_content_region.height),
            title=" What is seen ",
        )
        self._show_decision(view)
        ways = self.query_one("#ways", Rows)
        # The way that was taken at the last question may be a side way of this one: Enter takes
        # what is recommended here, however fast the questions follow one another.
        is_new = (view.key, view.scope) != self._placed
        first = view.ways[0] if view.ways and (is_new or ways.key not in view.ways) else None
        if first:
            self._placed = (view.key, view.scope)
        ways.show(lambda page: question.ways(page, view), key=first)
        if first and self.active is not ways:
            self.activate("ways")
        self._show_side(view)

    def _show_decision(self, view: View) -> None:
        decision = self.query_one("#decision", Rows)
        node, library = view.node, view.library
        decision.set_class(question.is_found(view) and not self.learning, "found")
        if self.learning and node is not None and library is not None:
            decision.show(lambda page: learn.learn(page, node, library), title=" Learn (l hides) ")
            return
        title = question.decision_title(view)
        decision.show(lambda page: question.decision(page, view), title=f" {title} ")

    def _show_side(self, view: View) -> None:
        shown = self.chosen_evidence() if self.active.id == "looks" else ""
        self.query_one("#side", Rows).show(lambda page: side.beside(page, view, shown))

    def chosen_evidence(self) -> str:
        """The look under the cursor, else the last one that the decision rests on."""
        return self.query_one("#looks", Rows).key

    def opened(self, part: str, key: str) -> None:
        """Open the look, or take the way."""
        if part == "looks":
            self.open_evidence(key)
        elif part == "ways":
            self.wish("take", key)

    def activate(self, part: str) -> None:
        """Beside the question stands what the cursor is on."""
        super().activate(part)
        self._show_side(self.view)

    def on_rows_moved(self, message: Rows.Moved) -> None:
        """Beside the question stands what the cursor is on."""
        self._show_side(self.view)

    def action_take(self, number: int) -> None:
        """Take the way of this number."""
        if number <= len(self.view.ways):
            self.wish("take", self.view.ways[number - 1])

    def action_again(self) -> None:
        """Look again."""
        self.wish("look_again")

    def action_pace(self) -> None:
        """Auto or step."""
        self.wish("toggle_pace")

    def action_learn(self) -> None:
        """Show or hide what there is to learn here."""
        self.learning = not self.learning
        self.set_class(self.learning, "-learning")
        self._show_decision(self.view)
        self.activate("decision" if self.learning else "ways")
