"""The pane beside the question on a wide screen: the path, notes, and what the cursor is on."""

from __future__ import annotations

from wizard.model.evidence import Evidence
from wizard.ui.page import Page, Piece
from wizard.ui.pages import learn
from wizard.ui.pages.evidence import circumstances
from wizard.ui.view import View

_MOST_RAW = 12


def beside(page: Page, view: View, evidence_id: str) -> None:
    """The path so far, notes, then the evidence under the cursor or what there is to learn."""
    path(page, view)
    notes(page, view)
    known = view.session.evidence.get(evidence_id)
    if known is not None:
        evidence(page, known)
    elif view.node is not None and view.library is not None:
        learn.learn(page, view.node, view.library)


def path(page: Page, view: View) -> None:
    """The questions asked, and where something was found."""
    page.heading("PATH")
    found = {(each.node, each.scope) for each in view.session.findings}
    for decided in view.session.path:
        name = decided.node.partition("/")[2]
        bad = (decided.node, decided.scope) in found
        here = decided.node == view.key and decided.scope == view.scope
        page.line(
            Piece(">" if here else " ", "here"),
            Piece("! " if bad else "  ", "bad"),
            Piece(f"{name:<16}", "here" if here else ""),
            Piece(decided.scope, "dim"),
        )


def notes(page: Page, view: View) -> None:
    """What was written down."""
    if not view.session.notes:
        return
    page.heading("NOTES")
    for note in view.session.notes:
        page.sentence(note.text, first="- ")


def evidence(page: Page, each: Evidence) -> None:
    """One look, short: its reading, its command, the beginning of its text."""
    page.heading(f"{each.id}  {each.title or each.look}")
    page.sentence(each.reading)
    page.line(Piece(circumstances(each), "dim"))
    if each.command:
        page.heading("BY HAND")
        page.verbatim(f"$ {each.command}")
    if each.raw:
        page.heading("RAW")
        lines = each.raw.split("\n")
        page.verbatim("\n".join(lines[:_MOST_RAW]), "")
        if len(lines) > _MOST_RAW:
            page.line(Piece(f"{len(lines) - _MOST_RAW} more lines: e shows all", "dim"))
