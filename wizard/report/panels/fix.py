"""Proposals as cards: what to type or change, what it touches, how to check and undo it."""

from __future__ import annotations

from typing import Literal, NamedTuple

from wizard.model.finding import Proposal, application, checked, secret
from wizard.model.session import Session
from wizard.model.text import clean, one_line


class Card(NamedTuple):
    """One proposal. The wizard never carries it out."""

    number: int
    """Counted from 1 over all verdicts."""
    title: str
    kind: Literal["command", "diff", "advice"]
    when: Literal["now", "lasting"]
    text: str
    """Commands, a diff or sentences; may have several lines."""
    touches: tuple[str, ...]
    note: str
    """Whether the proxy's own check passed with it; empty where there is nothing to check."""
    apply: str
    """Of a diff: the commands that apply it once it is saved; may have several lines."""
    verify: str
    """May have several lines."""
    undo: str
    """May have several lines; empty when nothing undoes it."""
    cause: str
    """The title of what it mends."""
    secret: str = ""
    """What is masked in it, in a sentence; empty where nothing is."""
    because: str = ""
    """Why it stands before or after another way; empty where there is none to choose."""


def cards(session: Session) -> tuple[Card, ...]:
    """All proposals, those of the surest verdict first; of two verdicts' same one only one."""
    ended = session.conclusion
    kept: dict[tuple[str, str], tuple[Proposal, str]] = {}
    for verdict in ended.verdicts if ended else ():
        mends = f"{verdict.title}: {verdict.subject}"
        for when in ("now", "lasting"):
            for proposal in verdict.proposals:
                if proposal.when == when:
                    kept.setdefault((proposal.title, proposal.text), (proposal, mends))
    return tuple(
        _card(number, proposal, mends) for number, (proposal, mends) in enumerate(kept.values(), 1)
    )


def _card(number: int, proposal: Proposal, mends: str) -> Card:
    return Card(
        number,
        one_line(proposal.title),
        proposal.kind,
        proposal.when,
        clean(proposal.text).rstrip("\n"),
        tuple(one_line(each) for each in proposal.touches),
        one_line(checked(proposal)),
        clean(application(proposal)),
        clean(proposal.verify).rstrip("\n"),
        clean(proposal.undo).rstrip("\n"),
        one_line(mends),
        one_line(secret(proposal), 300),
        one_line(proposal.because),
    )
