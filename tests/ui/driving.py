"""Drives the app in tests: over a tape, until nothing moves any more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from wizard.engine.journal import read
from wizard.engine.look import Look, TapeLook
from wizard.front_end import Setup
from wizard.model.evidence import Evidence
from wizard.model.session import Session, fold
from wizard.trail import Trail
from wizard.ui.app import Wizard
from wizard.ui.screens.frame import Frame
from wizard.ui.widgets.line import Line
from wizard.ui.widgets.rows import Rows

TAPES = Path(__file__).parents[1] / "tapes"
LONG = 10.0


def recorded(tape: Path) -> Session:
    """What is on the tape."""
    return fold(read(tape))


def setup_over(
    session: Session,
    *,
    evidence: Mapping[str, Evidence] | None = None,
    look: Look | None = None,
    **options: Any,
) -> Setup:
    """A setup over recorded evidence, or over another way of looking."""
    assert session.incident is not None
    seen = look or TapeLook((evidence or session.evidence).values())
    return Setup(
        incident=session.incident,
        trail=Trail(lambda sentence: None),
        make_look=lambda: seen,
        flow=session.flow,
        **options,
    )


def wizard_over(tape: Path | str, **options: Any) -> Wizard:
    """The app over a tape."""
    path = tape if isinstance(tape, Path) else TAPES / f"{tape}.tape.gz"
    return Wizard(setup_over(recorded(path), **options))


def is_at_rest(app: Wizard) -> bool:
    """The walk waits for the person, and the newest moment is drawn."""
    newest = app.driver.view
    waits = bool(newest.key and (newest.decided or newest.pace == "opening"))
    idle = not newest.busy and (waits or newest.ended or bool(newest.failed))
    return app.driver.is_idle and idle and app.view == newest


async def until(pilot: Pilot[None], holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds.

    Raises:
        AssertionError: it never did.
    """
    import time

    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, f"never came: {what}"
        await pilot.pause(0.01)


async def at_rest(pilot: Pilot[None]) -> None:
    """Wait until the walk waits for the person and everything is drawn."""
    app = pilot.app
    assert isinstance(app, Wizard)
    await pilot.pause()
    await until(pilot, lambda: is_at_rest(app), "a walk at rest")
    await pilot.pause()
    await pilot.pause()


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, each once everything before it has settled."""
    for key in keys:
        await pilot.press(key)
        await at_rest(pilot)


def text_of(app: Wizard) -> str:
    """Everything on the screen that is seen, as text."""
    return "\n".join(
        "".join(segment.text for segment in strip).rstrip()
        for strip in app.screen._compositor.render_strips()
    )


def text_in(app: Wizard, part: str) -> str:
    """All rows of a part of the screen, those out of sight too."""
    widget = app.screen.query_one(f"#{part}")
    assert isinstance(widget, Rows | Line)
    return widget.text


def frame(app: Wizard) -> Frame:
    """The screen that is seen."""
    screen = app.screen
    assert isinstance(screen, Frame)
    return screen
