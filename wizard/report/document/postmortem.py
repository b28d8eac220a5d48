"""The draft of a post-mortem: what the session knows is filled in, what it cannot know is asked.

Numbers come from the proxy's logs as they were read; a number that no log had is left out, never
estimated. The parts are those of a blameless post-mortem (Google, Site Reliability Engineering,
chapter 15): impact, trigger, contributing causes, detection, mitigation, timeline, follow-up.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from wizard.model.events import Event
from wizard.model.session import Session, fold
from wizard.report import again
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
from wizard.report.moment import clock, day, of_day, zone_of
from wizard.report.panels import precautions, timeline, verdict
from wizard.report.panels.causes import Ending
from wizard.report.panels.latest import facts, latest
from wizard.report.words import answer

_INSIDE = (".local", ".internal", ".lan", ".localdomain", ".corp", ".home.arpa", ".svc", ".test")
"""Ends of names that customers never see (RFC 6762, RFC 8375, and usual ones)."""
_TO_FILL_IN = "To be filled in:"


def postmortem(events: Sequence[Event]) -> Iterator[Block]:
    """The blocks of the draft, in the order in which a post-mortem is read."""
    session = fold(events)
    ended = verdict(session)
    yield Heading(1, f"Post-mortem (draft): {answer(session)}")
    yield Paragraph(
        words(
            "Drafted from the session's record; nothing here is estimated. What the record cannot "
            f"know is marked “{_TO_FILL_IN[:-1].lower()}”. What is cited as e1, e2, ... stands in "
            f"the transcript of session {session.id or 'without a name'}."
        )
    )
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
    yield Heading(2, "Who did what")
    yield Items(tuple(steps_taken(events, session, questions=False)))
    yield Heading(2, "Open questions")
    yield Items(tuple(words(each) for each in _questions(session, ended)))
    yield Heading(2, "So that it does not come back")
    yield Items(tuple(_follow_up(session, ended)))


def status_page(session: Session) -> str:
    """Two sentences for customers: no names, addresses or products of the inside."""
    site, zone = _public_name(session), zone_of(session)
    window = _window(session)
    since = f" since {_for_customers(window.began, session)}" if window.began else ""
    ended = session.conclusion
    last = session.verified[-1] if session.verified else None
    if last is not None and last.mended:
        time = clock(last.at, zone)[:5]
        if day(last.at, zone) != day(window.began, zone):
            time = _for_customers(last.at, session)
        from_ = f" from {_for_customers(window.began, session)}" if window.began else ""
        return (
            f"{site} answered some or all requests with an error{from_}. "
            f"It has been working normally again since {time}."
        )
    if ended is not None and ended.outcome == "healthy":
        return f"{site} is working normally. We looked into a report of errors and found none now."
    known = ended is not None and ended.verdicts and ended.verdicts[0].confidence == "confirmed"
    second = (
        "We have found the cause and are working on the repair."
        if known
        else "We are looking for the cause."
    )
    return f"{site} answers some or all requests with an error{since}. {second}"


def _public_name(session: Session) -> str:
    """The site as customers know it; nothing that is known inside only."""
    incident = session.incident
    host = incident.host.rstrip(".").lower() if incident else ""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        is_inside = "." not in host or host.endswith(_INSIDE)
        own = incident.hostname.lower() if incident else ""
        if not is_inside and host != own:
            return host
    return "The site"


def _for_customers(moment: float | None, session: Session) -> str:
    """To the minute, with the zone: `2026-11-21 03:10 (+0100)`."""
    whole = of_day(moment, zone_of(session))
    return f"{whole[:16]} ({whole[20:]})" if whole else ""


class _Window(NamedTuple):
    """The first and the last failure that a log has, in seconds since the epoch."""

    began: float | None
    ended: float | None


def _window(session: Session) -> _Window:
    errors, access = facts(session, "errors"), facts(session, "access")
    firsts = [errors.get("first_at")]
    lasts = [errors.get("last_at"), access.get("last_5xx_at")]
    began = min((each for each in firsts if each), default=None)
    ended = max((each for each in lasts if each), default=None)
    return _Window(began, ended)


def _impact(session: Session) -> Iterator[tuple[str, Line]]:
    began, ended = _window(session)
    zone = zone_of(session)
    access, errors = facts(session, "access"), facts(session, "errors")
    seen = {look: (each.id,) for look in ("access", "errors") if (each := latest(session, look))}
    in_logs = (*seen.get("errors", ()), *seen.get("access", ()))
    if began and ended:
        yield "First failure in the logs", cited(of_day(began, zone), in_logs)
        yield "Last failure in the logs", cited(of_day(ended, zone), in_logs)
        yield "Between them", words(_lasted(ended - began))
    else:
        yield "Failures in the logs", words("no log that was read says when")
    failed, whole = access.get("count_5xx"), access.get("count")
    if failed is not None and whole:
        share = f"{failed} of {whole} requests ({100 * failed / whole:.1f} %)"
        yield "Requests that failed", cited(share, seen["access"])
    if errors.get("count") is not None:
        yield "Error lines of this route", cited(str(errors["count"]), seen["errors"])
    begin, end = access.get("from_time"), access.get("to_time")
    if begin and end:
        yield "Counted over", words(f"{of_day(begin, zone)} to {of_day(end, zone)}")
    for watched in session.watched[-1:]:
        yield "When last watched", words(f"{of_day(watched.at, zone)}: {again.watched(watched)}")
    yield "Who was affected", words(f"{_TO_FILL_IN} which customers, what they could not do")


def _lasted(seconds: float) -> str:
    """`3 h 12 min`, `4 min 10 s`, `8 s`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    if whole < 48 * 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86400} days {whole % 86400 // 3600} h"


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
    if ended.consequences:
        yield Paragraph(words("Seen as a consequence:"))
        yield Items(tuple(words(each) for each in ended.consequences))


def _detection(session: Session) -> Iterator[Line]:
    incident = session.incident
    if incident is not None:
        yield words(
            f"{of_day(incident.started, zone_of(session))}: {incident.user or 'somebody'} began "
            f"to look on {incident.hostname or 'the host'}."
        )
        began, _ = _window(session)
        late = incident.started - began if began else 0.0
        if late >= 1:
            yield words(f"That was {_lasted(late)} after the first failure in the logs.")
    yield words(f"{_TO_FILL_IN} who or what noticed it first (an alert, a customer, a colleague).")


def _mended(session: Session, ended: Ending | None) -> Iterator[Line]:
    zone = zone_of(session)
    copies: dict[str, list[str]] = {}
    for copied in session.copied:
        by = f" by {copied.by}" if copied.by else ""
        copies.setdefault(copied.proposal, []).append(f"{of_day(copied.at, zone)}{by}")
    last = session.verified[-1] if session.verified else None
    done = False
    for card in ended.cards if ended else ():
        if taken := copies.get(card.title):
            done = True
            yield words(
                f"Copied to be carried out, fix {card.number}: {card.title} ({', '.join(taken)}). "
                f"{_TO_FILL_IN} whether it was carried out as it stands, by whom."
            )
    for each in session.verified:
        before, after = each.before or "no answer", each.after or "no answer"
        sentence = f"{of_day(each.at, zone)}: {before} became {after}. {again.outcome(each)}"
        yield cited(sentence, (each.evidence,))
    for watched in session.watched:
        yield words(f"{of_day(watched.at, zone)}: {again.watched(watched)}")
    if last is None:
        yield words("Whether it is mended was not verified in this session.")
    if not done:
        yield words(f"{_TO_FILL_IN} what was done, when and by whom; no fix was copied from here.")
        for card in ended.cards if ended else ():
            if card.when == "now":
                yield words(f"Proposed at once, fix {card.number}: {card.title}.")


def _timeline(session: Session) -> Iterator[Line]:
    moments, zone = timeline(session), zone_of(session)
    for each in moments:
        yield cited(f"{of_day(each.at, zone)}: {each.text}", (each.evidence,))
    if not moments:
        yield words("No look says when something happened.")


def _questions(session: Session, ended: Ending | None) -> Iterator[str]:
    if ended is None or not ended.causes:
        yield "What was the cause?"
    for cause in ended.causes if ended else ():
        if cause.confidence != "confirmed":
            yield f"Is it really this: {cause.title}? It is only {cause.confidence} ({cause.rule})."
        yield f"What led to this: {cause.title} ({cause.subject})? What had changed before?"
    for each in ended.untested if ended else ():
        because = f" ({each.because})" if each.because else ""
        yield f"What would this have shown, which could not be looked at: {each.look}{because}?"
    window = _window(session)
    if window.began is None:
        yield "When did it begin? No log that was read says so."
    if not (session.verified and session.verified[-1].mended):
        yield "When did it end? No request of this session was answered well again."
    yield "Why was it not noticed, or prevented, earlier?"


def _follow_up(session: Session, ended: Ending | None) -> Iterator[Line]:
    """What is offered to prevent it, then the lasting fixes; each wants an owner."""
    offered = [f"{each.title}. {each.reason}" for each in precautions(session)]
    lasting = [card for card in ended.cards if card.when == "lasting"] if ended else []
    told = [*offered, *(f"{card.title} (fix {card.number})." for card in lasting)]
    for each in dict.fromkeys(told):
        yield words(f"{each} {_TO_FILL_IN} owner and date.")
    if not told:
        yield words(f"{_TO_FILL_IN} what would have kept it from happening, with owner and date.")
