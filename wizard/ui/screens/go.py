"""Go to any question: those asked, then all others of the flows."""

from __future__ import annotations

from wizard.flows.model import STEPS
from wizard.report import panels
from wizard.ui.page import Page, Piece
from wizard.ui.screens.reading import Reading


class GoTo(Reading):
    """A list of questions; gives the key of one, with the server after a space."""

    def write(self, page: Page) -> None:
        """The questions asked, then the others by step."""
        library, session = self.view.library, self.view.session
        if library is None:
            page.sentence("The flows are not loaded yet.", "dim")
            return
        page.heading("ASKED")
        asked = set()
        found = {(each.node, each.scope) for each in session.findings}
        for decided in session.path:
            asked.add(decided.node)
            bad = (decided.node, decided.scope) in found
            label = panels.question(library, decided.node, decided.scope, session)
            named = not decided.scope or decided.scope in label
            page.line(
                Piece(" ! " if bad else "   ", "bad"),
                label if named else f"{label}  ({decided.scope})",
                key=f"{decided.node} {decided.scope}".strip(),
            )
        page.heading("NOT ASKED")
        nodes = [node for flow in library.flows.values() for node in flow.nodes]
        for step in STEPS:
            for node in nodes:
                if node.step == step and node.key not in asked:
                    label = panels.question(library, node.key, "", session)
                    page.line(Piece(f"   {step:<14}", "dim"), label, key=node.key)

    def opened(self, part: str, key: str) -> None:
        """Go there."""
        self.dismiss(key)
