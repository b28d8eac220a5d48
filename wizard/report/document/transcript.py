"""The transcript: a whole session, told to somebody who was not there.

What stands in it comes from the session's events and from nowhere else: no clock, no zone of the
reader, no library. So a transcript of a tape, made elsewhere and later, is that of its session.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import timezone

from wizard.model.events import Copied, Event, Forgotten, Verified
from wizard.model.evidence import Evidence
from wizard.model.finding import PATCH
from wizard.model.masking import mask
from wizard.model.session import Session, fold
from wizard.report import again, hidden
from wizard.report.document.blocks import (
    Block,
    Folded,
    Heading,
    Items,
    Line,
    Pairs,
    Paragraph,
    Span,
    Verbatim,
    cited,
    ids,
    words,
)
from wizard.report.document.steps_taken import steps_taken
from wizard.report.moment import of_day, zone_of
from wizard.report.panels import Card, Cause, Precaution, hops, precautions, timeline, verdict
from wizard.report.panels.causes import Ending
from wizard.report.words import answer, made_by

RawText = Callable[[Evidence], str]
"""What a look saw; read when it is written down, so that a long session need not be in memory."""

_SAW = {
    "present": "seen",
    "absent": "looked, and it is not there",
    "unreadable": "could not be looked at",
    "unparsed": "looked, and could not be understood",
}


def transcript(
    events: Sequence[Event], raw: RawText = lambda evidence: evidence.raw
) -> Iterator[Block]:
    """The blocks of a session's transcript, in the order in which somebody new reads them."""
    session = fold(events)
    yield Heading(1, answer(session))
    yield Pairs(tuple(_incident(session)))
    yield from _whose(session)
    ended = verdict(session)
    yield from _ending(ended) if ended else _unended(session)
    yield from _proposals(ended.cards if ended else (), session)
    yield from _verified(session)
    yield from _preventions(precautions(session))
    yield from _on_the_host(session)
    yield Heading(2, "The walk")
    yield Items(tuple(steps_taken(events, session)))
    yield from _not_looked_at(ended)
    yield Heading(2, "Evidence")
    replaced = {each for event in events if isinstance(event, Forgotten) for each in event.evidence}
    yield from evidence_appendix(session.evidence.values(), raw, zone_of(session), replaced)
    yield Heading(2, "Left out")
    yield Paragraph(words(hidden.sentence(events, raw)))


def _incident(session: Session) -> Iterator[tuple[str, Line]]:
    incident = session.incident
    if incident is None:
        return
    yield "URL", words(mask(incident.url), "code")
    if incident.status is not None:
        yield "Reported", words(f"status {incident.status}")
    yield "Host", words(incident.hostname or "not known")
    zone = zone_of(session)
    yield "Looked at", words(f"{of_day(incident.started, zone)} as {incident.user or 'not known'}")
    window = [of_day(each, zone) or "open" for each in (incident.since, incident.until)]
    if incident.since is not None or incident.until is not None:
        yield "Window", words(" to ".join(window))
    yield "Session", words(session.id or "none", "code")
    yield "Made with", words(f"Gateway Wizard {session.version}, flows {session.flow_digest[:12]}")


def _whose(session: Session) -> Iterator[Block]:
    way = hops(session)
    if len(way) < 2 and not made_by(session):
        return
    is_well = session.conclusion is not None and session.conclusion.outcome == "healthy"
    yield Heading(2, "The way of the request" if is_well else "Whose error it is")
    if whose := made_by(session):
        yield Paragraph(words(whose))
    lines = []
    for hop in way:
        made = (Span(" made the answer"),) if hop.made_it else ()
        detail = cited(f": {hop.detail}", (hop.evidence,) if hop.evidence else ())
        lines.append((Span(hop.name, "strong"), *made, *(detail if hop.detail else ())))
    yield Items(tuple(lines), numbered=True)


def _unended(session: Session) -> Iterator[Block]:
    yield Heading(2, "Verdict")
    asked = session.node.ask if session.node else ""
    where = f" at the question: {asked}" if asked else ""
    yield Paragraph(words(f"The walk was left before there was a verdict{where}."))


def _ending(ended: Ending) -> Iterator[Block]:
    yield Heading(2, "Verdict")
    if ended.outcome == "healthy":
        yield Paragraph(words("Nothing wrong found."))
    elif not ended.causes:
        yield Paragraph((Span("No cause is proven. ", "strong"), Span(ended.summary)))
    for cause in ended.causes:
        yield from _cause(cause)
    if ended.consequences:
        yield Heading(3, "Also seen, as a consequence")
        yield Items(tuple(words(each) for each in ended.consequences))
    if ended.ruled_out:
        yield Heading(3, "Ruled out")
        yield Items(
            tuple(
                (Span(f"{each.title}: "), *cited(each.because, each.evidence))
                for each in ended.ruled_out
            )
        )


def _cause(cause: Cause) -> Iterator[Block]:
    yield Paragraph((Span(cause.title, "strong"), Span(f": {cause.subject}")))
    if cause.said:
        yield Paragraph(cited(cause.said, cause.evidence))
    rule = cause.rule.rstrip(".")
    yield Paragraph((Span(f"{cause.confidence.capitalize()}: ", "strong"), Span(f"{rule}.")))
    if len(cause.chain) > 1:
        yield Heading(3, "From the cause to the symptom")
        yield Items(tuple(words(each) for each in cause.chain), numbered=True)


def _proposals(cards: Sequence[Card], session: Session) -> Iterator[Block]:
    if not cards:
        return
    yield Heading(2, "What to do")
    for card in cards:
        when = "now" if card.when == "now" else "to make it last"
        yield Heading(3, f"{card.number}. {card.title} ({when})")
        yield from _proposal(card)
        copies = [each for each in session.copied if each.proposal == card.title]
        if copies:
            yield Items(tuple(words(_copy(each, zone_of(session))) for each in copies))


def _copy(copied: Copied, zone: timezone) -> str:
    by = f" by {copied.by}" if copied.by else ""
    return f"{of_day(copied.at, zone)}: {copied.what} copied{by} to {copied.where}."


def _proposal(card: Card) -> Iterator[Block]:
    if card.because:
        yield Paragraph(words(card.because))
    if card.kind == "advice":
        for each in card.text.split("\n"):
            yield Paragraph(words(each)) if not each.startswith(" ") else Verbatim(each)
    else:
        yield Verbatim(card.text, "diff" if card.kind == "diff" else "sh")
    for sentence in (card.note, card.secret):
        if sentence:
            yield Paragraph(words(sentence))
    if card.touches:
        yield Paragraph(words(f"Touches: {', '.join(card.touches)}."))
    for label, text in (
        (f"Apply, saved as {PATCH}:", card.apply),
        ("Check that it worked:", card.verify),
        ("Undo:", card.undo),
    ):
        if text:
            yield Paragraph(words(label))
            yield Verbatim(text, "sh")


def _verified(session: Session) -> Iterator[Block]:
    if not session.verified and not session.watched:
        return
    zone = zone_of(session)
    yield Heading(2, "Verification")
    told: list[tuple[float, tuple[Line, ...]]] = [
        (each.at, tuple(_asked_again(each, zone))) for each in session.verified
    ]
    told += [
        (each.at, (words(f"{of_day(each.at, zone)}: {again.watched(each)}"),))
        for each in session.watched
    ]
    yield Items(tuple(line for _, lines in sorted(told, key=_first) for line in lines))


def _first(told: tuple[float, object]) -> float:
    return told[0]


def _asked_again(verified: Verified, zone: timezone) -> Iterator[Line]:
    by = f" ({verified.by})" if verified.by else ""
    before, after = verified.before or "no answer", verified.after or "no answer"
    yield cited(
        f"{of_day(verified.at, zone)}{by}: before: {before}; after: {after}. "
        f"{again.outcome(verified)}",
        (verified.evidence,),
    )
    for each in verified.looks:
        scope = f" ({each.scope})" if each.scope else ""
        now = "as before" if each.before == each.after else f"was {each.before}; is {each.after}"
        yield words(f"{each.title}{scope}: {now}")


def _preventions(offered: Sequence[Precaution]) -> Iterator[Block]:
    if not offered:
        return
    yield Heading(2, "So that it does not come back")
    for each in offered:
        yield Heading(3, f"{each.number}. {each.title}")
        yield Paragraph(words(each.reason))
        if each.where:
            yield Paragraph(words(each.where))
        yield Verbatim(each.text, "diff" if each.kind == "diff" else "text")
        if each.note:
            yield Paragraph(words(each.note))
        for label, text in ((f"Put it there, saved as {each.file}:", each.apply),
                            ("Undo:", each.undo)):  # fmt: skip
            if text:
                yield Paragraph(words(label))
                yield Verbatim(text, "sh")


def _on_the_host(session: Session) -> Iterator[Block]:
    moments, zone = timeline(session), zone_of(session)
    if moments:
        yield Heading(2, "What happened on the host")
        yield Items(
            tuple(
                cited(f"{of_day(each.at, zone)}: {each.text}", (each.evidence,)) for each in moments
            )
        )


def _not_looked_at(ended: Ending | None) -> Iterator[Block]:
    if ended is None or not ended.untested:
        return
    yield Heading(2, "Not looked at")
    for each in ended.untested:
        decides = f". It would decide: {', '.join(each.decides)}" if each.decides else ""
        because = f": {each.because}" if each.because else ""
        yield Paragraph(words(f"{each.look}{because}{decides}"))
        if each.settle_with:
            yield Verbatim(each.settle_with, "sh")


def evidence_appendix(
    evidence: Iterable[Evidence], raw: RawText, zone: timezone, replaced: Collection[str] = ()
) -> Iterator[Block]:
    """Every look with what it saw, under the id by which it is cited."""
    for each in evidence:
        title = f"{each.id} {each.title or each.look}{f' ({each.scope})' if each.scope else ''}"
        yield Folded(Heading(3, title, each.id), tuple(_looked(each, raw(each), zone, replaced)))


def _looked(each: Evidence, raw: str, zone: timezone, replaced: Collection[str]) -> Iterator[Block]:
    rows = [("Answer", words(f"{_SAW[each.status]}: {each.reading or each.status}"))]
    if each.reason:
        rows.append(("Why", words(each.reason)))
    rows.append(
        ("When", words(f"{of_day(each.started, zone)}, {_lasted(each.seconds)}, as {each.user}"))
    )
    if each.id in replaced:
        rows.append(("Counts", words("no longer: it was looked at again")))
    if each.rests_on:
        rows.append(("Rests on", ids(each.rests_on)))
    yield Pairs(tuple(rows))
    if each.command:
        yield Verbatim(each.command, "sh")
    if each.remedy:
        yield Paragraph(words("It would become readable with:"))
        yield Verbatim(each.remedy, "sh")
    if raw.strip():
        yield Verbatim(raw)


def _lasted(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
