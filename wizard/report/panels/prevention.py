"""What keeps a fault from coming back, as cards: the text, where it goes, how to put it there."""

from __future__ import annotations

from typing import NamedTuple

from wizard.model.finding import Prevention
from wizard.model.session import Session
from wizard.model.text import clean, one_line


class Precaution(NamedTuple):
    """One of them. The wizard puts nothing in place."""

    number: int
    """Counted from 1."""
    title: str
    reason: str
    kind: str
    """`code`, `diff`, `drop-in`, `rules` or `settings`."""
    text: str
    """Has several lines."""
    where: str
    """Where it belongs, in a sentence."""
    file: str
    """The name under which it is saved."""
    note: str
    """Whether the proxy's own check passes with a diff; empty for anything else."""
    apply: str
    """Commands that put the saved file in its place; empty where a person has to."""
    undo: str


def precautions(session: Session) -> tuple[Precaution, ...]:
    """What is offered after the verdict, the most helpful first."""
    ended = session.conclusion
    offered = ended.preventions if ended else ()
    return tuple(_precaution(number, each) for number, each in enumerate(offered, 1))


def _precaution(number: int, each: Prevention) -> Precaution:
    return Precaution(
        number,
        one_line(each.title),
        one_line(each.reason, 600),
        each.kind,
        clean(each.text).rstrip("\n"),
        one_line(each.where, 600),
        one_line(each.file),
        one_line(_checked(each)),
        clean(each.apply),
        clean(each.undo),
    )


def _checked(each: Prevention) -> str:
    if each.validated:
        return "The proxy's own check passes with this change (tried on a copy)."
    if each.kind == "diff":
        return f"Not checked on a copy: {each.unchecked or 'no reason is known'}."
    return ""
