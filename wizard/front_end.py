"""Which front end a person gets, and what it is given. Nothing here loads a screen."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TextIO

if TYPE_CHECKING:
    from wizard.engine.investigation import Investigation
    from wizard.engine.look import Look
    from wizard.model.events import Event
    from wizard.model.incident import Incident
    from wizard.model.session import Session
    from wizard.trail import Trail

SMALLEST = (60, 20)
"""Columns and rows below which the screen cannot say what it has to."""


class Chosen(NamedTuple):
    """A front end, with the reason where it is not the usual one."""

    name: Literal["screen", "plain", "text"]
    """text: no person is there; the report is printed."""
    why: str = ""


def choose(*, plain: bool, environment: Mapping[str, str] = os.environ) -> Chosen:
    """The full screen where it can be drawn and answered, else prompts, else a report."""
    if plain:
        return Chosen("plain")
    if not _is_terminal(sys.stdout):
        return Chosen("text")
    for stream, name in ((sys.stdin, "standard input"), (sys.stderr, "standard error")):
        if not _is_terminal(stream):
            return Chosen("plain", f"{name} is no terminal")
    kind = environment.get("TERM", "")
    if kind in ("", "dumb", "unknown"):
        return Chosen("plain", f"TERM is {kind or 'not set'}")
    columns, rows = _size()
    if columns < SMALLEST[0] or rows < SMALLEST[1]:
        return Chosen(
            "plain",
            f"the terminal has {columns}x{rows} characters, the screen needs "
            f"{SMALLEST[0]}x{SMALLEST[1]}",
        )
    if importlib.util.find_spec("textual") is None:
        return Chosen("plain", "Textual, which draws the screen, is not installed")
    return Chosen("screen")


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # closed
        return False


def _size() -> tuple[int, int]:
    """Of the terminal that is drawn on; a serial line that tells none counts as 80x24."""
    try:
        columns, rows = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):
        return 80, 24
    return columns or 80, rows or 24


@dataclass(frozen=True)
class Setup:
    """What a front end is given: what to look into, how, and where it is kept."""

    incident: Incident
    trail: Trail
    make_look: Callable[[], Look]
    """Live, or from a tape."""
    flow: str | None = None
    """Begin with this flow; None for the usual one."""
    tape: str = ""
    """What is replayed; empty at a live host."""
    recorded: tuple[str, ...] = ()
    """Of a tape: whose record it is, and how today's walk differs from the recorded one."""
    auto: bool = True
    """Walk on without waiting at each question."""
    mouse: bool = True
    before: tuple[Event, ...] = ()
    """What was told in a session that is resumed; empty for a new one."""
    stale_after: float = 0.0
    """Seconds after which what was seen before confirms nothing."""

    @property
    def by(self) -> str:
        """Who walks."""
        if self.before:
            from wizard.engine.look import effective_user

            return effective_user()
        return self.incident.user

    def open(self, tell: Callable[[Event], object]) -> Investigation:
        """Load the knowledge and make the investigation; call it once, in the walk's own thread.

        Every event is on disk before `tell` is told of it, as it was kept there.
        """
        from wizard.engine.investigation import FIRST_FLOW, Investigation
        from wizard.unattended import knowledge

        catalogue, library = knowledge()
        journal = self.trail.journal()
        flow = self.flow if self.flow in library.flows else None
        return Investigation(
            self.incident,
            self.make_look(),
            library,
            catalogue,
            lambda event: (tell(journal.append(event)), None)[1],
            flow=flow or FIRST_FLOW,
            session=self.trail.id,
        )

    def as_left(self) -> Session:
        """The session as it was left; a new one knows only its incident."""
        from wizard.model.session import Session, fold

        return fold(self.before) if self.before else Session(incident=self.incident)

    def begin(self, investigation: Investigation) -> None:
        """Begin the walk, or go on with it."""
        if self.before:
            investigation.resume(self.before, self.stale_after, by=self.by)
        else:
            investigation.begin()

    def folder(self) -> str:
        """Where the session lies; empty when it is in memory only."""
        return os.fspath(self.trail.folder) if self.trail.folder else ""

    def again(self) -> str:
        """The command that goes on with it, or walks it again; empty when nothing was kept."""
        import shlex

        kept = self.folder()
        if kept and not self.tape:
            return f"wizard resume {self.trail.id}"
        return f"wizard replay {shlex.quote(kept)}" if kept else ""


STATUSES = {"healthy": 0, "cause": 1, "unproven": 3}
LEFT_EARLY = 130


def status(session: Session) -> int:
    """The exit status that a walk leaves with, as `diagnose` has it."""
    return STATUSES[session.conclusion.outcome] if session.conclusion else LEFT_EARLY
