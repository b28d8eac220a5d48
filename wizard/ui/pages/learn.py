"""What a learner wants to know at a question: why it is asked, how to read what it shows."""

from __future__ import annotations

from wizard.flows.model import Library, Node
from wizard.ui.page import Page


def learn(page: Page, node: Node, library: Library) -> None:
    """Why this question, what its looks do, what misleads, where to read on."""
    from wizard.engine.walk import looks_of

    if node.why:
        page.heading("WHY THIS IS ASKED")
        page.sentence(node.why)
    if node.misleads:
        page.heading("WHAT MISLEADS")
        page.sentence(node.misleads)
    for name in looks_of(node):
        record = library.looks[name]
        if not record.how:
            continue
        page.heading((record.title or name).upper())
        page.sentence(record.how)
        if record.misleads:
            page.sentence(record.misleads, "dim")
    if node.see:
        page.heading("READ ON")
        for each in node.see:
            page.verbatim(each, "code")


def cause(page: Page, cause_id: str, library: Library) -> None:
    """What a cause means, what it is mistaken for, and how to keep it from coming back."""
    known = library.causes.get(cause_id)
    if known is None:
        return
    page.heading(known.title.upper())
    page.sentence(known.about)
    if known.look_alikes:
        page.heading("NOT TO BE TAKEN FOR")
        for other, difference in known.look_alikes.items():
            title = library.causes[other].title if other in library.causes else other
            page.sentence(f"{title}: {difference}", first=" - ")
    if known.prevent:
        page.heading("SO THAT IT DOES NOT COME BACK")
        for each in known.prevent:
            page.sentence(each, first=" - ")
    if known.see:
        page.heading("READ ON")
        for each in known.see:
            page.verbatim(each, "code")
