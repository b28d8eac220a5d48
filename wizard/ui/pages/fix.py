"""One proposal as a card: what to change, what that touches, how to check it and take it back."""

from __future__ import annotations

from wizard.model.finding import PATCH
from wizard.report.panels import Card
from wizard.ui.page import Page, Tone

_FIRST_HEADING = {
    "diff": "THE CHANGE (the wizard edits nothing)",
    "command": "TO TYPE",
    "advice": "ADVICE",
}


def headline(page: Page, card: Card, count: int) -> None:
    """Which of them it is, and when it is to be done."""
    page.sentence(card.title, "strong", first=f"Fix {card.number} of {count}   ")
    when = "Now: it stops the bleeding" if card.when == "now" else "Lasting: it keeps it away"
    page.sentence(f"{when}. It mends: {card.cause}.", "dim")
    if card.because:
        page.sentence(card.because)


def fix(page: Page, card: Card, *, wrap: bool) -> None:
    """The whole card."""
    page.heading(_FIRST_HEADING[card.kind])
    for line in card.text.split("\n"):
        if card.kind == "advice" and not line.startswith(" "):
            page.sentence(line, indent=2)
        else:
            page.verbatim(line, _tone(card, line), indent=2, wrap=wrap)
    if card.note:
        page.gap()
        page.sentence(card.note, "good" if "passes" in card.note else "warn")
    if card.apply:
        page.heading(f"TO APPLY IT, SAVED AS {PATCH}")
        page.verbatim(card.apply, indent=2, wrap=wrap)
        page.sentence("c copies the diff, and always writes it to a file", "dim", indent=2)
    if card.touches:
        page.heading("WHAT IT TOUCHES")
        for each in card.touches:
            page.sentence(each, indent=2)
    if card.verify:
        page.heading("CHECK THAT IT WORKED")
        page.verbatim(card.verify, indent=2, wrap=wrap)
        page.sentence("v asks the site again from here: before and after", "dim", indent=2)
    if card.undo:
        page.heading("TO TAKE IT BACK")
        page.verbatim(card.undo, indent=2, wrap=wrap)


def script(card: Card) -> str:
    """The card as a text to copy: all that is no command stands behind `#`."""
    if card.kind == "diff":
        return f"{card.text}\n"
    lines = [f"# {card.title}", *(f"# touches: {each}" for each in card.touches)]
    lines += card.text.split("\n") if card.kind == "command" else _commented(card.text)
    if card.verify:
        lines += ["# check that it worked:", *_commented(card.verify)]
    if card.undo:
        lines += ["# to take it back:", *_commented(card.undo)]
    return "\n".join(lines) + "\n"


def file_name(card: Card) -> str:
    """Where the card is put beside the session."""
    return f"fix-{card.number}.{'diff' if card.kind == 'diff' else 'sh'}"


def _tone(card: Card, line: str) -> Tone:
    if card.kind != "diff":
        return "code"
    if line.startswith("+") and not line.startswith("+++"):
        return "good"
    if line.startswith("-") and not line.startswith("---"):
        return "bad"
    return ""


def _commented(text: str) -> list[str]:
    return [f"#   {line}" for line in text.split("\n")]
