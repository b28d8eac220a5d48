"""What the wizard and the people did, step by step, with who and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from wizard.model.events import (
    Chosen,
    Concluded,
    Decided,
    Entered,
    Event,
    Forgotten,
    Looking,
    Noted,
    Resumed,
    Returned,
    Started,
    Verified,
)
from wizard.report.document.blocks import Line, Span


def steps_taken(events: Iterable[Event], *, questions: bool = True) -> Iterator[Line]:
    """A line for each, the oldest first; without the questions that the walk asked by itself."""
    asked: dict[tuple[str, str], str] = {}
    for event in events:
        if isinstance(event, Looking) or (isinstance(event, Decided) and not questions):
            continue
        if isinstance(event, Entered):
            asked[event.node, event.scope] = event.ask
            continue
        told = tuple(_told(event, asked))
        if told:
            yield (Span(f"{_clock(event.at)}  "), *told)


def _told(event: Event, asked: dict[tuple[str, str], str]) -> Iterator[Span]:
    match event:
        case Started():
            yield Span(f"Begun by {event.incident.user or 'somebody'}.")
        case Decided():
            yield Span(asked.get((event.node, event.scope), event.node), "strong")
            yield Span(f" {event.said or 'No answer.'}")
            for each in _evidence_of(event):
                yield Span(" ")
                yield Span(each, "cite")
        case Chosen():
            yield Span(f"{_person(event.by)} chose to go on at {event.goto}.")
        case Returned():
            yield Span(f"{_person(event.by)} went back to {event.node}.")
        case Forgotten(evidence=evidence) if evidence:
            yield Span("Looked again; no longer counted:")
            for each in evidence:
                yield Span(" ")
                yield Span(each, "cite")
        case Resumed():
            yield Span(f"Resumed by {event.by or 'somebody'}.")
            if event.stale:
                yield Span(" Too old by then to confirm anything:")
            for each in event.stale:
                yield Span(" ")
                yield Span(each, "cite")
        case Noted():
            who = f"{event.by} noted: " if event.by else "The wizard says: "
            yield Span(who, "strong")
            yield Span(event.text)
        case Verified():
            yield Span("Asked again: " + ("mended" if event.mended else "not mended yet"))
            yield Span(" ")
            yield Span(event.evidence, "cite")
        case Concluded():
            yield Span("Verdict: ", "strong")
            yield Span(event.summary or event.outcome)


def _evidence_of(event: Decided) -> list[str]:
    """What the rule that was taken was weighed on, each once."""
    last = event.weighed[-1:] if event.weighed else ()
    found = [each.evidence for rule in last for each in rule.comparisons if each.evidence]
    return list(dict.fromkeys(found))


def _person(by: str) -> str:
    return by or "Somebody"


def _clock(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%H:%M:%S")
