"""The verdict: where the walk has come to."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical

from wizard.report import panels
from wizard.ui.pages import verdict as pages
from wizard.ui.pages import verdict_side
from wizard.ui.screens.common import EVIDENCE, GO, LEARN, NOTE, PANELS, TRANSCRIPT, Walking
from wizard.ui.screens.frame import HELP, QUIT, WATCH
from wizard.ui.view import View
from wizard.ui.widgets.rows import Rows


class VerdictScreen(Walking):
    """The cause, what to do, and how it is known."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "fixes", "Fixes", tooltip="The first thing to do, as a card"),
        Binding("v", "verify", "Verify", tooltip="Ask the site again: before and after"),
        WATCH,
        Binding("b,escape,left", "back", "Back", tooltip="To the last question"),
        EVIDENCE,
        PANELS,
        NOTE,
        LEARN,
        TRANSCRIPT,
        HELP,
        QUIT,
        Binding(
            "k", "keep", "Keep", show=False, tooltip="What keeps it from coming back, as cards"
        ),
        Binding("c", "copy", "Copy", show=False, tooltip="Copy the verdict as seven lines"),
        Binding("r", "again", "Re-run", show=False, tooltip="Walk again from the beginning"),
        GO,
        *(Binding(str(n), f"fix({n})", f"Fix {n}", show=False) for n in range(1, 10)),
    ]

    def compose_body(self) -> ComposeResult:
        """The page, and beside it what the cursor is on."""
        with Horizontal():
            with Vertical(id="main"):
                yield Rows(id="page")
            yield Rows(id="side")

    def show_body(self, view: View) -> None:
        """Show the verdict."""
        self.query_one("#page", Rows).show(lambda page: pages.verdict(page, view))
        self._show_side(view)

    def _show_side(self, view: View) -> None:
        key = self.query_one("#page", Rows).key
        self.query_one("#side", Rows).show(lambda page: verdict_side.beside(page, view, key))

    def chosen_evidence(self) -> str:
        """The evidence under the cursor."""
        key = self.query_one("#page", Rows).key
        if key in self.view.session.evidence:
            return key
        ended = self.view.session.conclusion
        return ended.verdicts[0].evidence[0] if ended and ended.verdicts else ""

    def on_rows_moved(self, message: Rows.Moved) -> None:
        """Beside the verdict stands what the cursor is on."""
        self._show_side(self.view)

    def opened(self, part: str, key: str) -> None:
        """Open the fix or the evidence."""
        if key.startswith("fix "):
            self.action_fix(int(key.removeprefix("fix ")))
        elif key.startswith("keep"):
            self.action_keep(int(key.removeprefix("keep") or 1))
        else:
            self.open_evidence(key)

    def action_fixes(self) -> None:
        """The first thing to do."""
        self.action_fix(1)

    def action_fix(self, number: int) -> None:
        """The card of this number."""
        from wizard.ui.screens.fix import Fix

        if number <= len(panels.cards(self.view.session)):
            self.app.push_screen(Fix(number))
        else:
            self.wizard.say("There is no such proposal.")

    def action_keep(self, number: int = 1) -> None:
        """What keeps it from coming back."""
        from wizard.ui.screens.prevention import Prevention

        if panels.precautions(self.view.session):
            self.app.push_screen(Prevention(number))
        else:
            self.wizard.say("There is nothing to prevent without a cause.")

    def action_verify(self) -> None:
        """Ask the site again."""
        self.wish("verify")

    def action_again(self) -> None:
        """Walk again."""
        self.wish("jump", "answer/front")

    def action_copy(self) -> None:
        """The verdict as seven lines."""
        from wizard.report import short
        from wizard.ui.clipboard import send

        self.wizard.say(
            send(self.wizard, "verdict.txt", short.render([self.view.session], None), "the verdict")
        )

    def action_learn(self) -> None:
        """What the cause means."""
        from wizard.ui.screens.learn import Learn

        ended = self.view.session.conclusion
        cause = ended.verdicts[0].cause if ended and ended.verdicts else ""
        self.app.push_screen(Learn(cause=cause))
