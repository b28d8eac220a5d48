"""What stays in the terminal after a walk: the verdict, the proposals, how to walk it again."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path

from wizard.model.finding import PATCH
from wizard.model.session import Session
from wizard.model.text import one_line
from wizard.report.panels.causes import Ending, verdict
from wizard.report.panels.fix import Card
from wizard.report.words import at_home

_WIDTH = 80


def render(session: Session, again: str, folder: str = "", *, proposals: bool = True) -> str:
    """A few lines for a person who leaves; `again` is the command that walks it again."""
    ended = verdict(session)
    lines = list(_ending(ended)) if ended else ["Left before there was a verdict."]
    for card in ended.cards if ended and proposals else ():
        lines += ["", *card_lines(card)]
    if folder:
        lines += ["", f"The session is in {at_home(Path(folder))}"]
    if folder and session.id:
        lines.append(f"Hand it over with:  wizard export {session.id}")
    if again:
        lines.append(f"Walk it again with: {one_line(again, 400)}")
    return "\n".join(lines) + "\n"


def _ending(ended: Ending) -> Iterator[str]:
    if ended.outcome == "healthy":
        yield from _wrapped(f"Nothing wrong found: {ended.headline}.")
        return
    yield from _wrapped(f"{ended.headline}.")
    for cause in ended.causes:
        yield from _wrapped(f"Cause ({cause.confidence}): {cause.title}: {cause.subject}")
    if not ended.causes:
        yield from _wrapped(_unproven(ended))
        for row in ended.untested:
            if row.settle_with:
                yield from _wrapped(f"Would settle it: {row.look}")
                yield f"    {row.settle_with}"


def card_lines(card: Card) -> Iterator[str]:
    """A proposal with all that belongs to it; what may be copied stands alone and unwrapped."""
    when = "now" if card.when == "now" else "to make it last"
    yield from _wrapped(f"{card.number}. {card.title} ({when})")
    for line in card.text.splitlines():
        if card.kind == "advice" and not line.startswith(" "):
            yield from _wrapped(line, "    ")
        else:
            yield f"    {line}".rstrip()
    if card.note:
        yield from _wrapped(card.note, "   ")
    if card.secret:
        yield from _wrapped(card.secret, "   ")
    if card.touches:
        yield from _wrapped(f"Touches: {', '.join(card.touches)}.", "   ")
    for label, text in (
        (f"Apply, saved as {PATCH}", card.apply),
        ("Check", card.verify),
        ("Undo", card.undo),
    ):
        if text:
            yield f"   {label}:"
            yield from (f"    {line}".rstrip() for line in text.splitlines())


def _wrapped(text: str, margin: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=margin,
        subsequent_indent=margin + "   ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _unproven(ended: Ending) -> str:
    said = "No cause is proven."
    return ended.summary if said in ended.summary else f"{said} {ended.summary}"
