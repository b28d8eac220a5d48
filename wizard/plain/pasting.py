"""Taking the output of a command that could not be run here, as evidence."""

from __future__ import annotations

from wizard.engine.investigation import Investigation
from wizard.plain.console import Console
from wizard.plain.words import number

_END = "."


def paste(console: Console, walk: Investigation, asked: str, by: str) -> bool:
    """Ask for a look and its text; True when something was pasted."""
    offers = walk.pasteable()
    if not offers:
        console.say("No look of this walk takes pasted text.")
        return False
    if not asked:
        for place, offer in enumerate(offers, 1):
            scope = f" of {offer.scope}" if offer.scope else ""
            console.item(f"  {place}. ", f"{offer.title or offer.look}{scope}: {offer.state}")
        asked = console.ask("Paste for which look? (a number, Enter for none)")
    wanted = number(asked)
    if wanted is None or not 1 <= wanted <= len(offers):
        console.say("Nothing pasted.")
        return False
    offer = offers[wanted - 1]
    console.say("Run this where it can be run, and paste what it prints:")
    console.verbatim(offer.command)
    text = console.ask_lines(f"End with a line that holds only `{_END}`.", _END)
    if not text.strip():
        console.say("Nothing pasted.")
        return False
    walk.paste(offer.look, offer.scope, text, by=by)
    return True
