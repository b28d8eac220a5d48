"""One proposal as a card: what to change, what that touches, how to check it and take it back."""

from __future__ import annotations

from typing import NamedTuple

from wizard.model.finding import MASKED, PATCH
from wizard.report import script
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


def fix(page: Page, card: Card, *, wrap: bool, sent: tuple[str, str] = ("", "")) -> None:
    """The whole card; `sent` is the part that was copied last, with what came of it."""
    page.heading(_FIRST_HEADING[card.kind])
    for part in parts(card):
        if part.heading:
            page.heading(part.heading)
        for line in part.text.split("\n"):
            if part.key == "advice" and not line.startswith(" "):
                page.sentence(line, indent=2, key=part.key)
            else:
                page.verbatim(line, _tone(part, line), indent=2, wrap=wrap, key=part.key)
        if part.hint:
            page.sentence(part.hint, "dim", indent=2)
        if part.key == sent[0]:
            page.sentence(sent[1], "good", indent=2)
        if part.is_last_of_the_text:
            _notes(page, card)


def _notes(page: Page, card: Card) -> None:
    if card.note:
        page.gap()
        page.sentence(card.note, "good" if "passes" in card.note else "warn")
    if card.secret:
        page.gap()
        page.sentence(card.secret, "warn")
        if card.kind == "diff" and MASKED.search(card.text):
            page.sentence("s shows the secret here, read from the live file now", "dim")
    if card.touches:
        page.heading("WHAT IT TOUCHES")
        for each in card.touches:
            page.sentence(each, indent=2)


class Part(NamedTuple):
    """A part of a card that can be copied alone."""

    key: str
    text: str
    heading: str = ""
    hint: str = ""
    is_last_of_the_text: bool = False

    def content(self) -> str:
        """What is copied."""
        return f"{self.text}\n"


def parts(card: Card) -> list[Part]:
    """The change or each of its commands, then how to apply, check and undo it."""
    texts = _commands(card.text) if card.kind == "command" else [card.text]
    last = len(texts) - 1
    found = [
        Part(f"{card.kind} {at}" if last else card.kind, text, is_last_of_the_text=at == last)
        for at, text in enumerate(texts)
    ]
    if card.apply:
        hint = "c copies the part under the cursor, and always writes it to a file"
        found.append(Part("apply", card.apply, f"TO APPLY IT, SAVED AS {PATCH}", hint))
    if card.verify:
        hint = "v asks the site again from here, V watches it for a minute"
        found.append(Part("check", card.verify, "CHECK THAT IT WORKED", hint))
    if card.undo:
        found.append(Part("undo", card.undo, "TO TAKE IT BACK"))
    return found


def _commands(text: str) -> list[str]:
    """Each command by itself, where every line is one."""
    lines = text.split("\n")
    is_one = any(line.endswith("\\") or line[:1].isspace() or "<<" in line for line in lines)
    return [text] if is_one or "" in lines else lines


def file_name(card: Card, part: Part | None) -> str:
    """Where the card, or a part of it, is put beside the session."""
    if part is None:
        return f"fix-{card.number}-card.sh"
    if part.key == card.kind:
        return script.name(card)
    return f"fix-{card.number}-{part.key.replace(' ', '-')}.sh"


def _tone(part: Part, line: str) -> Tone:
    if part.key != "diff":
        return "code"
    if line.startswith("+") and not line.startswith("+++"):
        return "good"
    if line.startswith("-") and not line.startswith("---"):
        return "bad"
    return ""
