"""The two lines at the top of every screen: what is looked into, and how far the walk is."""

from __future__ import annotations

import time

from wizard.model.session import Session
from wizard.report.moment import of_day
from wizard.ui.page import Piece
from wizard.ui.pages.marks import STEP
from wizard.ui.view import View

_NAMES = ("Whose", "1 Service", "2 Connect", "3 Logs", "4 Config", "5 Network")
_STILL = 1.0
"""Seconds after which it is said how long a look takes."""


def title(session: Session, *, is_recorded: bool = False) -> list[Piece]:
    """What is looked into, and where; a recorded session is never taken for a live one."""
    incident = session.incident
    if incident is None:
        return [Piece("wizard", "strong")]
    pieces = [Piece(incident.url, "strong")]
    if incident.hostname:
        pieces.append(Piece(f"  on {incident.hostname}", "dim"))
    if incident.user and incident.user != "root":
        pieces.append(Piece(f" as {incident.user}", "dim"))
    if is_recorded:
        pieces.append(Piece(f"  recorded {of_day(incident.started)[:16]}".rstrip(), "here"))
    return pieces


def state(view: View, now: float | None = None) -> list[Piece]:
    """What is happening now, at the right edge."""
    pieces = []
    if view.busy:
        took = (time.monotonic() if now is None else now) - view.since
        waited = f" {took:.0f} s" if took >= _STILL else ""
        pieces.append(Piece(f"{view.busy}...{waited}  ", "here"))
    elif view.pace == "auto" and not view.ended:
        pieces.append(Piece("auto  ", "here"))
    if view.led:
        told = "following  " if view.led == "yes" else "T takes over  "
        pieces.append(Piece(told, "here"))
    if view.unsaved:
        pieces.append(Piece(f"{view.unsaved}  ", "bad"))
    if view.session.stale:
        pieces.append(Piece(f"{len(view.session.stale)} stale  ", "warn"))
    count = len(view.session.evidence)
    pieces.append(Piece(f"{count} look{'' if count == 1 else 's'}  read-only", "dim"))
    return pieces


def step_bar(session: Session) -> list[Piece]:
    """The first question and the five steps, each with its state."""
    pieces: list[Piece] = []
    for number, mark_name in enumerate(_marks(session)):
        mark, tone, _ = STEP[mark_name]
        if pieces:
            pieces.append(Piece("  "))
        pieces.append(Piece(f"{mark} {_NAMES[number]}", tone))
    return pieces


def _marks(session: Session) -> list[str]:
    """The state of each step; all are open before the walk has begun."""
    if session.started is None:
        return ["open"] * len(_NAMES)
    # 8 ms that the first frame does not wait for
    from wizard.report import panels

    return [step.mark for step in panels.steps(session)]
