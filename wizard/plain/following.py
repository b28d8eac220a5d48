"""Following a session in lines: what another wizard asks and decides, as it comes."""

from __future__ import annotations

import time
from pathlib import Path

from wizard.front_end import LEFT_EARLY, STATUSES
from wizard.model.events import Concluded, Decided, Entered, Event, Looked, Noted, Verified
from wizard.model.session import Session, after
from wizard.plain import telling
from wizard.plain.console import Console, Left
from wizard.sessions.following import APART, Following


def run(path: Path, session: Session) -> int | None:
    """Tell what comes until the other wizard ends; None when the person takes over."""
    console = Console()
    url = session.incident.url if session.incident else path.parent.name
    console.say(f"wizard: {url}")
    console.say("Another wizard leads this session. You follow, read-only; Ctrl-C leaves.")
    follower = Following(path)
    session = Session()
    try:
        while True:
            led = follower.is_led()  # before reading: its last words came before it left
            for event in follower.news():
                session = after(session, event)
                _tell(console, event, session)
            if not led:
                break
            time.sleep(APART)
        if _takes_over(console):
            return None
    except KeyboardInterrupt:
        return LEFT_EARLY
    return STATUSES[session.conclusion.outcome] if session.conclusion else LEFT_EARLY


def _takes_over(console: Console) -> bool:
    console.say()
    console.say("The other wizard has left this session.")
    try:
        return console.ask("Take it over? (t, Enter for no)").lower() in ("t", "take")
    except Left:
        return False


def _tell(console: Console, event: Event, session: Session) -> None:
    match event:
        case Entered():
            telling.tell_question(console, event)
        case Looked():
            telling.tell_look(console, event.evidence, session)
        case Decided():
            telling.tell_decision(console, event, session, set(session.evidence))
        case Noted():
            console.item(f"  Note by {event.by or 'the wizard'}: ", event.text)
        case Verified():
            console.item("  Asked again: ", event.after or "no answer")
        case Concluded():
            telling.tell_verdict(console, session)
