"""Cards as files: a patch, a shell script. What is no command stands behind `#`."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.model.finding import PATCH
from wizard.report.panels.fix import Card

_END = "END_OF_PATCH"
"""Every line of a diff begins with another character, so none can be taken for this one."""


def script(card: Card) -> str:
    """The card as a text to paste into a shell."""
    lines = [f"# {card.title}"]
    lines += [f"# {each}" for each in (card.note, card.secret) if each]
    lines += [f"# touches: {each}" for each in card.touches]
    if card.kind == "diff":
        apply, _, then = card.apply.partition("\n")
        lines += [apply.replace(f"< {PATCH}", f"<<'{_END}'"), card.text, _END]
        lines += [then] if then else []
    else:
        lines += card.text.split("\n") if card.kind == "command" else _commented(card.text)
    if card.verify:
        lines += ["# check that it worked:", *_commented(card.verify)]
    if card.undo:
        lines += ["# to take it back:", *_commented(card.undo)]
    return "\n".join(lines) + "\n"


def commands(cards: Sequence[Card]) -> str:
    """Cards as one shell script that stops at the first command that fails."""
    return "\n".join(["#!/bin/sh", "set -e", *(script(card) for card in cards)])


def patch(cards: Sequence[Card]) -> str:
    """Diffs as one patch file; where there are several, each with a line that says what it is.

    patch(1) and git apply pass over such lines.
    """
    several = len(cards) > 1
    return "".join(
        f"{f'# Fix {card.number}: {card.title}{_LINE}' if several else ''}{card.text}\n"
        for card in cards
    )


_LINE = "\n"


def name(card: Card) -> str:
    """What the card is called as a file beside the session."""
    suffix = {"diff": "patch", "command": "sh", "advice": "txt"}[card.kind]
    return f"fix-{card.number}.{suffix}"


def content(card: Card) -> str:
    """What is in that file: the diff alone, or the whole card."""
    return patch([card]) if card.kind == "diff" else script(card)


def _commented(text: str) -> list[str]:
    return [f"#   {line}" for line in text.split("\n")]
