"""The five steps and the question before them, each with its state."""

from __future__ import annotations

from typing import Literal, NamedTuple

from wizard.flows.model import STEPS
from wizard.model.session import Session
from wizard.model.text import one_line

Mark = Literal["done", "here", "open", "failed"]
_NAMES = ("Whose error?", "Service", "Connect", "Logs", "Config", "Network")
_FIRST = "whose"


class StepState(NamedTuple):
    """One step of the walk."""

    number: int
    """0 for the question before the five steps."""
    name: str
    mark: Mark
    """failed: something wrong was seen there."""
    words: str
    """What is known of it, in a sentence: `The kernel killed shop.service for memory.`"""
    step: str
    """As flows name it: `connectivity`."""


def steps(session: Session) -> tuple[StepState, ...]:
    """All six, in their order."""
    return tuple(_state(number, step, session) for number, step in enumerate(STEPS))


def _state(number: int, step: str, session: Session) -> StepState:
    mark, words = _mark(step, session)
    return StepState(number, _NAMES[number], mark, one_line(words, 300), step)


def _mark(step: str, session: Session) -> tuple[Mark, str]:
    if session.node is not None and session.node.step == step:
        return "here", session.node.ask
    ended = session.conclusion
    named = [each for each in ended.verdicts if each.step == step] if ended else []
    if named:
        return "failed", f"{named[0].title}: {named[0].subject}"
    decided = [each for each in session.path if each.step == step]
    if not decided:
        return "open", "not needed" if ended else "not asked yet"
    places = {(each.node, each.scope) for each in decided}
    found = [each.said for each in session.findings if (each.node, each.scope) in places]
    if found and step != _FIRST:
        return "failed", found[0]
    return "done", decided[-1].said
