"""Stands in for the driver where another wizard leads: shows what it writes, and does nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from wizard.model.events import Decided, Entered, Event, Returned
from wizard.model.session import Session, after
from wizard.sessions.following import APART, Following
from wizard.ui.driver import Driver, Wish
from wizard.ui.view import View


class Follower(Driver):
    """A driver that reads along instead of walking."""

    def __init__(self, path: Path, tell: Callable[[View], None], view: View) -> None:
        super().__init__(_nothing_to_open, tell, view, lambda mistake: None)
        self._following = Following(path)
        self._over = threading.Event()

    def wish(self, wish: Wish) -> None:
        """Say that only the one who leads can do that."""
        self._tell_how()

    def _tell_how(self) -> None:
        turn = self.view.turn + 1
        said = "You follow: the other terminal leads this session."
        if self.view.led == "gone":
            said = "The other terminal has left this session: T takes it over."
        self._now(said=said, turn=turn)

    def stop(self) -> None:
        """Read no further."""
        self._over.set()

    def _run(self) -> None:
        from wizard.unattended import knowledge

        library = knowledge()[1]
        view = self.view._replace(session=Session(), library=library)
        while not self._over.is_set():
            led = self._following.is_led()  # before reading: its last words came before it left
            news = self._following.news()
            for event in news:
                view = _moment(view, event)
            is_news = news or (view.led == "yes") != led
            if is_news:
                view = view._replace(led="yes" if led else "gone")
                self._now(**{name: getattr(view, name) for name in _TOLD})
                if not led:
                    self._tell_how()
            self._is_idle = True
            time.sleep(APART)


_TOLD = ("session", "library", "key", "scope", "decided", "led", "verified")


def _moment(view: View, event: Event) -> View:
    session = after(view.session, event)
    changed: dict[str, Any] = {"session": session}
    if isinstance(event, Entered):
        changed |= {"key": event.node, "scope": event.scope, "decided": None, "verified": None}
    elif isinstance(event, Decided):
        changed |= {"key": event.node, "scope": event.scope, "decided": event}
    elif isinstance(event, Returned):
        changed |= {"key": event.node, "scope": event.scope, "decided": None}
    if session.conclusion is not None and session.verified:
        later = session.verified[-1].at >= session.conclusion.at
        changed["verified"] = session.verified[-1] if later else None
    return view._replace(**changed)


def _nothing_to_open(tell: Callable[[Event], object]) -> Any:
    raise RuntimeError("a follower opens no investigation")
