"""The pane beside the verdict on a wide screen: the fix or the evidence under the cursor."""

from __future__ import annotations

from wizard.report import panels
from wizard.ui.page import Page
from wizard.ui.pages import side
from wizard.ui.pages.fix import fix
from wizard.ui.pages.prevention import prevention
from wizard.ui.view import View


def beside(page: Page, view: View, key: str) -> None:
    """The card of a proposal, a piece of evidence, or the path."""
    if key.startswith("fix "):
        card = panels.cards(view.session)[int(key.removeprefix("fix ")) - 1]
        page.sentence(card.title, "strong")
        fix(page, card, wrap=True)
    elif key == "keep":
        for each in panels.precautions(view.session):
            page.sentence(each.title, "strong", first=f"{each.number}  ")
            page.sentence(each.reason, indent=3)
    elif key.startswith("keep "):
        offered = panels.precautions(view.session)
        prevention(page, offered[int(key.removeprefix("keep ")) - 1], len(offered), wrap=True)
    elif key in view.session.evidence:
        side.evidence(page, view.session.evidence[key])
    else:
        side.path(page, view)
