"""The Textual app: one listener, one message, a screen for every question a person has.

The walk runs in a thread of its own (`wizard.ui.driver`); what it tells becomes a `View`, and the
screens are functions of that. Leaving is instant: everything told is on disk already.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from wizard.model.session import Session
from wizard.ui.driver import Driver, Wish
from wizard.ui.follower import Follower
from wizard.ui.screens.frame import Frame
from wizard.ui.screens.opening import Opening
from wizard.ui.themes import THEMES, draws_lines, theme_for
from wizard.ui.view import Pace, View

if TYPE_CHECKING:
    from wizard.front_end import Setup


_WHILE = 0.1
"""Seconds between two drawings while looks come in."""


class Walked(Message):
    """The walk came to another moment."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view

    def can_replace(self, message: Message) -> bool:
        """Only the newest moment has to be drawn."""
        return isinstance(message, Walked)


class Wizard(App[None]):
    """The full-screen wizard."""

    TITLE = "wizard"
    CSS_PATH = "app.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012 - as Textual has it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", "Quit", show=False),
        Binding("ctrl+c", "leave_now", "Quit", show=False, priority=True),
        Binding("ctrl+q", "leave_too", "Quit", show=False, priority=True),
        Binding("question_mark,f1", "help", "Help", show=False),
    ]

    def __init__(self, setup: Setup) -> None:
        super().__init__()
        self.setup = setup
        pace: Pace = "opening"
        if setup.before:
            pace = "auto" if setup.auto else "step"
        self.view = View(setup.as_left(), pace=pace)
        self.driver = Driver(
            setup.open, self._hear, self.view, setup.trail.keep_traceback, setup.begin, setup.by
        )
        self._said = 0
        self._drawn = 0.0
        self._due: Timer | None = None
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = theme_for(os.environ)
        if not draws_lines(os.environ):
            self.add_class("-ascii")

    def get_default_screen(self) -> Screen[None]:
        """The first screen says whose error it is."""
        return Opening()

    def on_mount(self) -> None:
        """Leave in order when told to, and begin to walk once the first frame stands."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            try:
                loop.add_signal_handler(number, self.exit)
            except (NotImplementedError, RuntimeError, ValueError):
                break  # not in the main thread, as in tests
        self.begin_capture_print(self)
        self.set_interval(1.0, self._tick)
        # Where a screen is put over the first one at once, what waits for that one's refresh may
        # wait for ever.
        soon = self.call_after_refresh if self.view.pace == "opening" else self.call_later
        soon(self.driver.start)

    def take_over(self) -> None:
        """Only a follower can."""
        self.say("This terminal leads the session already.")

    def wish(self, wish: Wish) -> None:
        """Have the walk do something."""
        self.driver.wish(wish)

    def say(self, sentence: str, *, warn: bool = False) -> None:
        """A sentence in the last line of the screen, until the next key."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, Frame) and screen.is_mounted:
                screen.say(sentence, warn=warn)
                return

    def on_walked(self, message: Walked) -> None:
        """Show the newest moment; of many in a row only one in a while."""
        self.view = message.view._replace(unsaved=self._unsaved())
        if self.view.busy and time.monotonic() - self._drawn < _WHILE:
            if self._due is None:
                self._due = self.set_timer(_WHILE, self._draw)
        else:
            self._draw()

    def _unsaved(self) -> str:
        """Stays on the screen: what is not on disk is gone with this process."""
        trail = self.setup.trail
        if not trail.warning:
            return ""
        return "saved elsewhere" if trail.folder else "NOT SAVED"

    def _draw(self) -> None:
        """Show the moment on every screen that stands."""
        if self._due is not None:
            self._due.stop()
            self._due = None
        if self.driver.mistake is not None:
            self.exit()
            return
        self._place()
        for screen in self.screen_stack:
            if isinstance(screen, Frame) and screen.is_mounted:
                screen.show(self.view)
        sentence = self.view.said or self.view.failed
        if sentence and self.view.turn != self._said:
            self._said = self.view.turn
            self.say(sentence, warn=bool(self.view.failed))
        self._drawn = time.monotonic()

    def on_print(self, event: events.Print) -> None:
        """What the journal has to say would else spoil the screen."""
        if event.text.strip():
            self.say(event.text.strip(), warn=True)

    def keep(self, name: str, text: str) -> str:
        """Put a text beside the session; where it lies, empty when it could not be kept."""
        from wizard.report.words import at_home

        kept = self.setup.trail.keep(name, text)
        return at_home(kept) if kept else ""

    def keep_new(self, name: str, text: str) -> str:
        """As `keep`, under a name that is still free."""
        from wizard.report.words import at_home

        kept = self.setup.trail.keep_new(name, text)
        return at_home(kept) if kept else ""

    def place(self) -> None:
        """Put the screen that fits where the walk is below everything else."""
        self._place()

    def _place(self) -> None:
        screen = self.screen
        if not isinstance(screen, Frame) or not screen.is_base:
            return
        wanted = self._wanted()
        if isinstance(screen, wanted):
            return
        if wanted is Opening:
            self.pop_screen()
        elif isinstance(screen, Opening):
            self.push_screen(wanted())
        else:
            self.switch_screen(wanted())

    def _wanted(self) -> type[Frame]:
        if self.view.ended:
            from wizard.ui.screens.verdict import VerdictScreen

            return VerdictScreen
        if self.view.pace == "opening":
            return Opening
        from wizard.ui.screens.walk import Walk

        return Walk

    def _hear(self, view: View) -> None:
        """Called in the walk's thread."""
        self.post_message(Walked(view))

    def _tick(self) -> None:
        """Once a second, while something is waited for: how long."""
        if self.view.busy:
            for screen in self.screen_stack[-1:]:
                if isinstance(screen, Frame) and screen.is_mounted:
                    screen.show_state(self.view)

    def action_leave(self) -> None:
        """Leave at once; everything is on disk."""
        self.exit()

    def action_leave_now(self) -> None:
        """As `leave`, even while a dialog has the keys."""
        self.exit()

    def action_leave_too(self) -> None:
        """As `leave`."""
        self.exit()

    def action_help(self) -> None:
        """The keys of the screen that is seen, and what the marks mean."""
        from wizard.ui.screens.help import Help

        if not isinstance(self.screen, Help):
            self.push_screen(Help(self.screen))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: every binding of the screen, and the themes."""
        for binding in screen.BINDINGS:
            if isinstance(binding, Binding) and binding.tooltip:
                action = binding.action
                yield SystemCommand(
                    binding.description, binding.tooltip, lambda do=action: self._do(do)
                )
        for theme in THEMES:
            yield SystemCommand(
                f"Theme: {theme.name.removeprefix('wizard-')}",
                "Change the colours",
                lambda name=theme.name: setattr(self, "theme", name),
            )
        yield SystemCommand("Quit", "Leave at once; nothing is lost", self.exit)

    def _do(self, action: str) -> None:
        self.call_later(self.screen.run_action, action)


class Follow(Wizard):
    """The same screens over a session that another terminal leads: shown, and not to be steered."""

    def __init__(self, path: Path, setup: Setup) -> None:
        super().__init__(setup)
        self.view = View(setup.as_left(), pace="step", led="yes")
        self.driver = self.follower = Follower(path, self._hear, self.view)
        self.takes_over = False

    def take_over(self) -> None:
        """Leave for a walk of one's own in the session, once nobody leads it."""
        if self.view.led != "gone":
            self.say("The other terminal still leads this session.")
            return
        self.takes_over = True
        self.exit()


def follow(path: Path, session: Session, *, mouse: bool = True) -> int | None:
    """Show a session that another terminal leads; None when the person takes it over.

    Raises:
        Exception: whatever kept it from being shown.
    """
    from wizard import output
    from wizard.engine.look import TapeLook
    from wizard.front_end import Setup, status
    from wizard.report import farewell
    from wizard.trail import Trail

    assert session.incident is not None  # noqa: S101 - `recorded` reads no other session
    setup = Setup(session.incident, Trail(output.warn), lambda: TapeLook([]), tape=str(path))
    app = Follow(path, setup)
    app.run(mouse=mouse)
    app.follower.stop()
    if app.takes_over:
        return None
    output.page(farewell.render(app.view.session, "", str(path.parent)))
    return status(app.view.session)


def run(setup: Setup) -> int:
    """Show the wizard until the person leaves; the exit status.

    Raises:
        Exception: whatever kept the walk from beginning.
    """
    app = Wizard(setup)
    app.run(mouse=setup.mouse)
    if app.driver.mistake is not None:
        raise app.driver.mistake
    from wizard import output
    from wizard.front_end import status
    from wizard.report import farewell

    output.page(farewell.render(app.view.session, setup.again(), setup.folder()))
    return status(app.view.session)
