"""Where a walk stood when its process ended: the steps taken, the open question, what is old.

Read off the events of the journal, so that another process can go on where the first one stopped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wizard.model.events import Chosen, Concluded, Decided, Entered, Event, Returned
from wizard.model.evidence import Evidence

STALE_AFTER = 600.0
"""Seconds after which evidence confirms nothing any more in a resumed session: ten minutes, in
which somebody who was called too may have restarted or mended what was looked at."""
_NEVER_OLD = "incident"


class Step(NamedTuple):
    """A question that was asked and left."""

    node: str
    scope: str
    goto: str
    """What was decided."""
    way: str
    """The way that was taken."""


class Stood(NamedTuple):
    """Where the walk was."""

    steps: tuple[Step, ...] = ()
    node: str = ""
    """The open question; empty before the first one and after the end."""
    scope: str = ""
    decided: bool = False
    """The open question has its outcome, and waits for a way to be taken."""


def stood(events: Iterable[Event]) -> Stood:
    """Where the walk was after these events."""
    steps: list[Step] = []
    here: tuple[str, str] | None = None
    asked: Decided | None = None
    for event in events:
        match event:
            case Entered():
                _leave(steps, asked)
                here, asked = (event.node, event.scope), None
            case Decided(outcome="no server"):
                here = asked = None
            case Decided():
                asked = event
            case Chosen():
                if asked is not None and (asked.node, asked.scope) == (event.node, event.scope):
                    _leave(steps, asked, event.goto)
                here = asked = None
            case Returned():
                here, asked = (event.node, event.scope), None
                places = [(each.node, each.scope) for each in steps]
                del steps[places.index(here) if here in places else len(steps) :]
            case Concluded():
                _leave(steps, asked)
                here = asked = None
    node, scope = here or ("", "")
    return Stood(tuple(steps), node, scope, asked is not None)


def _leave(steps: list[Step], asked: Decided | None, way: str = "") -> None:
    if asked is not None:
        steps.append(Step(asked.node, asked.scope, asked.goto, way or asked.goto))


def stale(standing: Iterable[Evidence], now: float, limit: float) -> tuple[str, ...]:
    """Ids of what was seen longer ago than the limit (seconds), and of all that rests on it.

    What a person said of the incident does not age.
    """
    old: dict[str, None] = {}
    for each in standing:
        aged = each.kind != _NEVER_OLD and now - each.started > limit
        if aged or any(other in old for other in each.rests_on):
            old[each.id] = None
    return tuple(old)
