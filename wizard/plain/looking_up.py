"""What a person looks up beside the walk: evidence whole, lessons, the list of questions."""

from __future__ import annotations

import time

from wizard.flows.model import Library, Node
from wizard.flows.values import as_text
from wizard.model.evidence import Evidence
from wizard.model.session import Session
from wizard.plain.console import Console
from wizard.plain.telling import named, read_out
from wizard.plain.words import number
from wizard.report import panels


def tell_evidence(console: Console, session: Session, asked: str) -> None:
    """All evidence in a list, or one piece whole."""
    if not asked:
        for evidence in session.evidence.values():
            console.item(f"  {evidence.id} {named(evidence, session)}: ", read_out(evidence))
        if not session.evidence:
            console.say("Nothing was looked at yet.")
        return
    wanted = number(asked)
    found = session.evidence.get(f"e{wanted}")
    if found is None:
        console.say(f"There is no evidence {asked!r}. e alone lists what there is.")
        return
    _whole(console, found, session)


def _whole(console: Console, evidence: Evidence, session: Session) -> None:
    when = time.strftime("%H:%M:%S", time.localtime(evidence.started))
    scope = f" of {evidence.scope}" if evidence.scope else ""
    console.say(f"{evidence.id} {evidence.title or evidence.look}{scope}")
    console.item("  ", f"{evidence.status}: {read_out(evidence)}")
    console.item(
        "  ",
        f"Looked by {evidence.probe} at {when}, {evidence.seconds * 1000:.3g} ms, "
        f"as {evidence.user or 'nobody known'}.",
    )
    if evidence.facts:
        console.say("  Facts:")
        for name, value in evidence.facts.items():
            shown = as_text(value, name, evidence.started)
            console.item(f"    {name}: ", shown or "none")
    for label, text in (("By hand", evidence.command), ("Readable with", evidence.remedy)):
        if text:
            console.say(f"  {label}:")
            console.verbatim(text)
    if evidence.raw:
        console.say("  As it was read:")
        console.verbatim(evidence.raw)
    used = [
        f"{decided.node} rule {weighed.rule} ({weighed.holds})"
        for decided in session.path
        for weighed in decided.weighed
        if any(each.evidence == evidence.id for each in weighed.comparisons)
    ]
    if used:
        console.item("  Used by: ", ", ".join(dict.fromkeys(used)))


def tell_lesson(console: Console, library: Library, session: Session, node: Node | None) -> None:
    """Why this question is asked and how to read its looks; at the end, what the cause means."""
    if node is None:
        for verdict in session.conclusion.verdicts if session.conclusion else ():
            cause = library.causes.get(verdict.cause)
            if cause is not None:
                console.say(cause.title)
                console.say(cause.about or "Nothing more is written about it.", "  ")
                _bullets(console, "To prevent it", cause.prevent)
                _bullets(console, "Read more", cause.see)
        return
    console.say("Why this is asked")
    console.say(node.why or node.ask, "  ")
    if node.misleads:
        console.item("  What misleads: ", node.misleads)
    for name in node.looks:
        look = library.looks[name]
        console.item(f"  {name}: ", look.title)
        if look.how:
            console.say(look.how, "    ")
        if look.misleads:
            console.item("    What misleads: ", look.misleads)
    _bullets(console, "Read more", node.see)


def _bullets(console: Console, heading: str, texts: tuple[str, ...]) -> None:
    if texts:
        console.say(f"  {heading}:")
    for text in texts:
        console.item("    - ", text)


def questions(library: Library) -> list[str]:
    """The keys of all questions, in the order of the walk."""
    return sorted(library.order, key=lambda key: library.order[key])


def tell_questions(console: Console, library: Library, session: Session) -> None:
    """All questions, numbered, with those that were asked marked."""
    asked = {decided.node for decided in session.path}
    for place, key in enumerate(questions(library), 1):
        mark = " (asked)" if key in asked else ""
        label = panels.question(library, key, session=session)
        console.item(f"  {place}. ", f"{label}{mark}")


def tell_cards(console: Console, session: Session) -> None:
    """The proposals in a list."""
    cards = panels.cards(session)
    for card in cards:
        console.item(f"  {card.number}. ", f"{card.title} ({card.when})")
    if not cards:
        console.say("There is no proposal yet: proposals come with a cause.")


def tell_precautions(console: Console, session: Session) -> None:
    """What keeps it from coming back, in a list."""
    offered = panels.precautions(session)
    for each in offered:
        console.item(f"  {each.number}. ", f"{each.title}. {each.reason}")
    if not offered:
        console.say("There is nothing yet: it comes with a cause.")


def tell_precaution(console: Console, each: panels.Precaution) -> None:
    """One of them, whole."""
    console.item(f"  {each.number}. ", each.title)
    console.item("     ", each.reason)
    if each.where:
        console.item("     Where: ", each.where)
    console.verbatim(each.text, "    ")
    if each.note:
        console.item("     ", each.note)
    for label, text in ((f"Apply, saved as {each.file}", each.apply), ("Undo", each.undo)):
        if text:
            console.say(f"     {label}:")
            console.verbatim(text, "    ")
