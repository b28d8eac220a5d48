"""Where two walks over the same evidence part: of a recorded session and of today's flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from wizard.model.events import Decided, Entered, Event
from wizard.model.session import Session


class Parting(NamedTuple):
    """The first question after which the two go different ways."""

    ask: str
    """The question; empty where one walk ends before it."""
    node: str
    scope: str
    then: str
    """What was said there, and where it led."""
    today: str


def verdicts(session: Session) -> str:
    """What a walk came to, on one line."""
    ended = session.conclusion
    if ended is None:
        return "no verdict, the walk was left before"
    if ended.outcome == "healthy":
        return "nothing wrong found"
    if not ended.verdicts:
        return "no cause proven"
    return "; ".join(f"{each.title}: {each.subject} ({each.confidence})" for each in ended.verdicts)


def parting(then: Session, today: Session, events: Sequence[Event]) -> Parting | None:
    """Where they part, or None for the same path; `events` are of both, for their questions."""
    asks = {(each.node, each.scope): each.ask for each in events if isinstance(each, Entered)}
    for first, second in zip(then.path, today.path, strict=False):
        if _place(first) != _place(second):
            return _parted(second, asks, f"asked {_ask(first, asks)}", f"asks {_ask(second, asks)}")
        if first.goto != second.goto or first.outcome[:4] != second.outcome[:4]:
            return _parted(second, asks, f'"{first.said}"', f'"{second.said}"')
    shorter = min(len(then.path), len(today.path))
    for path, then_it, today_it in (
        (then.path, "went on here", "ends before"),
        (today.path, "ended before", "goes on here"),
    ):
        if len(path) > shorter:
            return _parted(path[shorter], asks, then_it, today_it)
    return None


def _parted(
    decided: Decided, asks: Mapping[tuple[str, str], str], then: str, today: str
) -> Parting:
    return Parting(asks.get(_place(decided), ""), decided.node, decided.scope, then, today)


def _ask(decided: Decided, asks: Mapping[tuple[str, str], str]) -> str:
    scope = f" of {decided.scope}" if decided.scope else ""
    return f'"{asks.get(_place(decided)) or decided.node}"{scope}'


def _place(decided: Decided) -> tuple[str, str]:
    return decided.node, decided.scope
