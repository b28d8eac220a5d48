"""Whose error it is: the sentence, the proof, and the ways on."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.ui.page import Page, Piece
from wizard.ui.pages import hops
from wizard.ui.pages.marks import EVIDENCE
from wizard.ui.view import View


def recorded(page: Page, sentences: Sequence[str]) -> None:
    """Of a tape: whose record it is, and how today's walk differs from it."""
    for sentence in sentences:
        page.sentence(sentence, "dim")
    if sentences:
        page.gap()


def whose(page: Page, view: View) -> None:
    """The question of this screen, and its answer."""
    maker = hops.maker(view)
    if maker:
        page.line(
            Piece("Whose error is it?  ", "heading"), Piece(f"{maker} {hops.made(view)}.", "strong")
        )
    elif is_told(view):
        page.line(Piece("Whose error is it?  ", "heading"), Piece("Not known yet.", "strong"))
    else:
        page.line(Piece("Whose error is it?", "heading"))


def is_told(view: View) -> bool:
    """It is known whose error it is, or that it cannot be known yet."""
    return bool(view.key) and not view.busy and view.decided is None


def proof(page: Page, view: View) -> None:
    """What was asked first and how it came out, with the evidence."""
    if view.failed:
        page.sentence(f"The wizard itself failed: {view.failed}", "bad")
        return
    session = view.session
    if not session.path:
        page.sentence("Asking the site as a client would ...", "dim")
    told = hops.proof(view) or (session.path[-1].said if session.path else "")
    if told:
        page.sentence(told, "strong")
    page.gap()
    if session.evidence:
        width = min(34, page.width * 2 // 5)
        for each in session.evidence.values():
            mark, tone, words = EVIDENCE[each.status]
            page.columns(
                [Piece(mark, tone), Piece(each.id, "dim"), each.title, each.reading or words],
                [1, 3, width, page.width - width - 8],
                key=each.id,
            )


def choices(page: Page, view: View, *, auto: bool) -> None:
    """To the verdict at once, or question by question; the asked-for way comes first."""
    if not is_told(view):
        return
    ways = [
        ("auto", "Find the cause: walk the five steps to the verdict"),
        ("step", "Go step by step, and decide at each question"),
    ]
    for number, (key, label) in enumerate(ways if auto else reversed(ways), 1):
        mark = Piece("  <- Enter" if number == 1 else "", "good")
        page.line(Piece(f" {number}  ", "strong"), label, mark, key=key)
