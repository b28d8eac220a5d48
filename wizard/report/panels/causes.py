"""The verdict: causes with their chains, what was ruled out, what could not be looked at."""

from __future__ import annotations

from typing import Literal, NamedTuple

from wizard.model.events import Concluded
from wizard.model.finding import Verdict
from wizard.model.session import Session
from wizard.model.text import clean, one_line
from wizard.report.panels.fix import Card, cards
from wizard.report.words import answer, made_by, titles


class Cause(NamedTuple):
    """One root cause."""

    title: str
    subject: str
    said: str
    confidence: str
    """`confirmed`, `supported`, `suspected`."""
    rule: str
    """The rule that gave the confidence."""
    chain: tuple[str, ...]
    """Titles from this cause to the symptom, both ends included."""
    evidence: tuple[str, ...]
    step: str
    cause: str
    """Its id in the library, where `about` explains it."""
    verify: str
    """May have several lines."""


class RuledOutRow(NamedTuple):
    """A cause that was looked for and is not there."""

    title: str
    because: str
    evidence: tuple[str, ...]


class UntestedRow(NamedTuple):
    """A look that could not be had."""

    look: str
    because: str
    settle_with: str
    """The command that would settle it."""
    decides: tuple[str, ...]
    """Titles of the causes that it would decide."""


class Ending(NamedTuple):
    """All that the walk came to."""

    outcome: Literal["healthy", "cause", "unproven"]
    headline: str
    """`http://shop.example.com/ answers 502 Bad Gateway`."""
    summary: str
    whose: str
    """Whose error it is, in a sentence; empty when that is not known."""
    causes: tuple[Cause, ...]
    consequences: tuple[str, ...]
    """What else was seen and follows from the causes."""
    ruled_out: tuple[RuledOutRow, ...]
    untested: tuple[UntestedRow, ...]
    cards: tuple[Card, ...]


def verdict(session: Session) -> Ending | None:
    """The end of the walk; None before it."""
    ended = session.conclusion
    if ended is None:
        return None
    return Ending(
        ended.outcome,
        one_line(answer(session)),
        one_line(ended.summary, 600),
        one_line(made_by(session), 600),
        tuple(_cause(each) for each in ended.verdicts),
        tuple(_consequences(session, ended)),
        tuple(_ruled_out(ended)),
        tuple(_untested(ended)),
        cards(session),
    )


def _cause(verdict: Verdict) -> Cause:
    return Cause(
        one_line(verdict.title),
        one_line(verdict.subject),
        one_line(verdict.said, 600),
        verdict.confidence,
        one_line(verdict.confidence_rule, 600),
        tuple(one_line(each) for each in verdict.chain_titles),
        verdict.evidence,
        verdict.step,
        verdict.cause,
        clean(verdict.verify).rstrip("\n"),
    )


def _consequences(session: Session, ended: Concluded) -> list[str]:
    shown = {cause for verdict in ended.verdicts for cause in verdict.chain}
    known = titles(ended)
    told: dict[str, None] = {}
    for cause in ended.consequences:
        if cause in shown:
            continue
        said = [each.said for each in session.findings if each.cause == cause]
        told[one_line((said or [known.get(cause, cause)])[0], 600)] = None
    return list(told)


def _ruled_out(ended: Concluded) -> list[RuledOutRow]:
    by_title = {each.title: each for each in ended.ruled_out}
    return [
        RuledOutRow(one_line(title), one_line(each.because, 400), each.evidence)
        for title, each in by_title.items()
    ]


def _untested(ended: Concluded) -> list[UntestedRow]:
    known = titles(ended)
    return [
        UntestedRow(
            one_line(each.look),
            one_line(each.because, 400),
            one_line(each.settle_with, 600),
            tuple(one_line(known.get(cause, cause)) for cause in each.causes),
        )
        for each in ended.untested
    ]
