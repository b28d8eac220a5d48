"""What the wizard and the people did, step by step, with who and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from wizard.model.events import (
    Chosen,
    Concluded,
    Copied,
    Decided,
    Entered,
    Event,
    Forgotten,
    Looking,
    Noted,
    Pasted,
    Returned,
    Started,
    Verified,
    Watched,
)
from wizard.model.session import Session
from wizard.report import again
from wizard.report.document.blocks import Line, Span
from wizard.report.moment import clock, day, zone_of

Questions = Mapping[str, str]
"""What is asked at a node, by the node's key."""


def steps_taken(
    events: Sequence[Event], session: Session, *, questions: bool = True
) -> Iterator[Line]:
    """A line for each, the oldest first; without the questions that the walk asked by itself.

    The date is told where it changes.
    """
    zone = zone_of(session)
    asked = {each.node: each.ask for each in events if isinstance(each, Entered)}
    here: dict[tuple[str, str], str] = {}
    date = ""
    for event in events:
        if isinstance(event, Looking) or (isinstance(event, Decided) and not questions):
            continue
        if isinstance(event, Entered):
            here[event.node, event.scope] = event.ask
            continue
        if isinstance(event, Decided):
            told = tuple(_decided(event, here))
        else:
            told = tuple(_told(event, asked))
        if told:
            today = day(event.at, zone)
            began, date = ("" if today == date else f"{today} "), today
            yield (Span(f"{began}{clock(event.at, zone)}  "), *told)


def _told(event: Event, asked: Questions) -> Iterator[Span]:
    match event:
        case Started():
            yield Span(f"Begun by {event.incident.user or 'somebody'}.")
        case Chosen():
            yield from _chose(event.by, "chose to go on at", event.goto, asked)
        case Returned():
            yield from _chose(event.by, "went back to", event.node, asked)
        case Forgotten(evidence=evidence) if evidence:
            yield Span("Looked again; no longer counted:")
            yield from _ids(evidence)
        case Pasted():
            scope = f" of {event.scope}" if event.scope else ""
            yield Span(
                f"{_person(event.by)} pasted {event.characters} characters for: "
                f"{event.title or event.look}{scope}"
            )
        case Copied():
            yield Span(f"{_person(event.by)} copied {event.what}{_about(event)} to {event.where}.")
        case Noted():
            yield Span(f"{event.by} noted: " if event.by else "The wizard says: ", "strong")
            yield Span(event.text)
        case Verified():
            by = f" by {event.by}" if event.by else ""
            yield Span(f"Asked again{by}: {again.outcome(event)}")
            yield from _ids((event.evidence,))
        case Watched():
            by = f" by {event.by}" if event.by else ""
            yield Span(f"Watched{by}: {again.watched(event)}")
        case Concluded():
            yield Span("Verdict: ", "strong")
            yield Span(event.summary or event.outcome)


def _decided(event: Decided, here: Mapping[tuple[str, str], str]) -> Iterator[Span]:
    yield Span(here.get((event.node, event.scope), event.node), "strong")
    yield Span(f" {event.said or 'No answer.'}")
    yield from _ids(_evidence_of(event))


def _evidence_of(event: Decided) -> Sequence[str]:
    """What the rule that was taken was weighed on, each once."""
    last = event.weighed[-1:] if event.weighed else ()
    found = [each.evidence for rule in last for each in rule.comparisons if each.evidence]
    return list(dict.fromkeys(found))


def _chose(by: str, did: str, node: str, asked: Questions) -> Iterator[Span]:
    yield Span(f"{_person(by)} {did}: ")
    yield Span(asked.get(node, "the end" if node == "end" else node), "strong")


def _ids(evidence: Sequence[str]) -> Iterator[Span]:
    for each in evidence:
        yield Span(" ")
        yield Span(each, "cite")


def _about(copied: Copied) -> str:
    return f" ({copied.proposal})" if copied.proposal else ""


def _person(by: str) -> str:
    return by or "Somebody"
