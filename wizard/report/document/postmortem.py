"""The draft of a post-mortem: what the session knows is filled in, what it cannot know is asked.

Numbers come from the proxy's logs as they were read; a number that no log had is left out, never
estimated. The parts are those of a blameless post-mortem (Google, Site Reliability Engineering,
chapter 15): impact, trigger, contributing causes, detection, mitigation, timeline, follow-up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wizard.model.events import Event
from wizard.model.session import Session, fold
from wizard.report.document.blocks import (
    Block,
    Heading,
    Items,
    Line,
    Pairs,
    Paragraph,
    cited,
    words,
)
from wizard.report.document.steps_taken import steps_taken
from wizard.report.moment import of_day
from wizard.report.panels import timeline, verdict
from wizard.report.panels.causes import Ending
from wizard.report.panels.latest import facts, latest
from wizard.report.words import answer


def postmortem(events: Sequence[Event]) -> Iterator[Block]:
    """The blocks of the draft, in the order in which a post-mortem is read."""
    session = fold(events)
    ended = verdict(session)
    yield Heading(1, f"Post-mortem (draft): {answer(session)}")
    yield Heading(2, "For the status page")
    yield Paragraph(words(status_page(session)))
    yield Heading(2, "Impact")
    yield Pairs(tuple(_impact(session)))
    yield Heading(2, "Trigger and contributing causes")
    yield from _causes(ended)
    yield Heading(2, "Detection")
    yield Items(tuple(_detection(session)))
    yield Heading(2, "What mended it")
    yield Items(tuple(_mended(session, ended)))
    yield Heading(2, "Timeline")
    yield Items(tuple(_timeline(session)))
    yield Heading(2, "What was done")
    yield Items(tuple(steps_taken(events, questions=False)))
    yield Heading(2, "Open questions")
    yield Items(tuple(words(each) for each in _questions(session, ended)))
    yield Heading(2, "So that it does not come back")
    yield from _follow_up(ended)


def status_page(session: Session) -> str:
    """Two sentences for customers: no names, addresses or products of the inside."""
    incident = session.incident
    site = incident.host if incident else "The site"
    began, _ = _window(session)
    since = f" since {of_day(began)}" if began else ""
    if session.verified and session.verified[-1].mended:
        ended_at = of_day(session.verified[-1].at)
        first = f"{site} answered some or all requests with an error{since}."
        return f"{first} It answers normally again as of {ended_at}."
    ended = session.conclusion
    if ended is not None and ended.outcome == "healthy":
        return f"{site} answers normally. Nothing wrong was found."
    known = ended is not None and ended.verdicts and ended.verdicts[0].confidence == "confirmed"
    second = "The cause has been found." if known else "The cause is being looked for."
    return f"{site} answers some or all requests with an error, or not at all{since}. {second}"


def _window(session: Session) -> tuple[float | None, float | None]:
    """The first and the last failure that a log has."""
    errors, access = facts(session, "errors"), facts(session, "access")
    firsts = [errors.get("first_at")]
    lasts = [errors.get("last_at"), access.get("last_5xx_at")]
    began = min((each for each in firsts if each), default=None)
    ended = max((each for each in lasts if each), default=None)
    return began, ended


def _impact(session: Session) -> Iterator[tuple[str, Line]]:
    began, ended = _window(session)
    access, errors = facts(session, "access"), facts(session, "errors")
    seen = {look: each.id for look in ("access", "errors") if (each := latest(session, look))}
    yield "First failure in the logs", words(of_day(began) or "not in the logs that were read")
    yield "Last failure in the logs", words(of_day(ended) or "not in the logs that were read")
    failed, whole = access.get("count_5xx"), access.get("count")
    if failed is not None and whole:
        share = f"{failed} of {whole} requests ({100 * failed / whole:.1f} %)"
        yield "Requests that failed", cited(share, (seen["access"],))
    elif errors.get("count") is not None:
        yield "Error lines of this route", cited(str(errors["count"]), (seen["errors"],))
    begin, end = access.get("from_time"), access.get("to_time")
    if begin and end:
        yield "Counted over", words(f"{of_day(begin)} to {of_day(end)}")
    yield "Who was affected", words("to be filled in: which customers, what they could not do")


def _causes(ended: Ending | None) -> Iterator[Block]:
    if ended is None or not ended.causes:
        yield Paragraph(words("No cause is proven yet."))
        return
    for number, cause in enumerate(ended.causes):
        what = "Trigger" if number == 0 else "Contributing"
        sentence = f"{what} ({cause.confidence}): {cause.title}: {cause.subject}. {cause.said}"
        yield Paragraph(cited(sentence, cause.evidence))
        if len(cause.chain) > 1:
            yield Items(tuple(words(each) for each in cause.chain), numbered=True)


def _detection(session: Session) -> Iterator[Line]:
    incident = session.incident
    if incident is not None:
        yield words(
            f"{of_day(incident.started)}: {incident.user or 'somebody'} began to look on "
            f"{incident.hostname or 'the host'}."
        )
        began, _ = _window(session)
        minutes = (incident.started - began) / 60 if began else 0.0
        if minutes >= 1:
            yield words(f"That was {minutes:.0f} minutes after the first failure in the logs.")
    yield words(
        "To be filled in: who or what noticed it first (an alert, a customer, a colleague)."
    )


def _mended(session: Session, ended: Ending | None) -> Iterator[Line]:
    for each in session.verified:
        result = "mended" if each.mended else "not yet"
        yield cited(f"{of_day(each.at)}: {each.before} became {each.after}: {result}.",
                    (each.evidence,))  # fmt: skip
    if not session.verified:
        yield words("Not verified in this session.")
    for card in ended.cards if ended else ():
        if card.when == "now":
            yield words(f"Proposed: {card.title}. To be filled in: whether this was done, by whom.")


def _timeline(session: Session) -> Iterator[Line]:
    moments = timeline(session)
    for each in moments:
        yield cited(f"{of_day(each.at)}: {each.text}", (each.evidence,))
    if not moments:
        yield words("No look says when something happened.")


def _questions(session: Session, ended: Ending | None) -> Iterator[str]:
    if ended is None or not ended.causes:
        yield "What was the cause?"
    for cause in ended.causes if ended else ():
        if cause.confidence != "confirmed":
            yield f"Is it really this: {cause.title}? It is only {cause.confidence} ({cause.rule})."
        yield f"Why did it come about: {cause.title}? What changed before?"
    for each in ended.untested if ended else ():
        because = f" ({each.because})" if each.because else ""
        yield f"What would this have shown, which could not be looked at: {each.look}{because}?"
    if _window(session)[0] is None:
        yield "When did it begin? No log that was read says so."
    yield "Why was it not noticed, or prevented, earlier?"


def _follow_up(ended: Ending | None) -> Iterator[Block]:
    lasting = [card for card in ended.cards if card.when == "lasting"] if ended else []
    lines = [words(f"{card.title}. Owner and date: to be filled in.") for card in lasting]
    yield Items(tuple(lines) or (words("To be filled in."),))
