"""What keeps a fault from coming back: the list, and one of them as a card."""

from __future__ import annotations

from wizard.report.panels import Precaution
from wizard.ui.page import Page, Tone


def prevention(page: Page, each: Precaution, count: int, *, wrap: bool) -> None:
    """The whole card."""
    page.sentence(each.title, "strong", first=f"{each.number} of {count}   ")
    page.sentence(each.reason, "dim")
    if each.where:
        page.heading("WHERE IT GOES")
        page.sentence(each.where, indent=2)
    page.heading(f"THE TEXT, {each.file} (the wizard puts it nowhere)")
    for line in each.text.split("\n"):
        page.verbatim(line, _tone(each, line), indent=2, wrap=wrap)
    if each.note:
        page.gap()
        page.sentence(each.note, "good" if "passes" in each.note else "warn")
    if each.apply:
        page.heading(f"TO PUT IT THERE, SAVED AS {each.file}")
        page.verbatim(each.apply, indent=2, wrap=wrap)
    if each.undo:
        page.heading("TO TAKE IT BACK")
        page.verbatim(each.undo, indent=2, wrap=wrap)


def _tone(each: Precaution, line: str) -> Tone:
    if each.kind != "diff":
        return "code"
    if line.startswith("+") and not line.startswith("+++"):
        return "good"
    return "bad" if line.startswith("-") and not line.startswith("---") else ""
