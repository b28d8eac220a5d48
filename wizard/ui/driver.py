"""The one thread that walks: it owns the investigation and takes a person's wishes from a queue.

Looks may hang; the screen never waits for them. The thread is a daemon, so leaving does not wait
either: whatever was told is on disk already.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wizard.model.events import Entered, Event
from wizard.model.session import after
from wizard.ui.view import Pace, View

if TYPE_CHECKING:
    from wizard.engine.investigation import Investigation

Open = Callable[[Callable[[Event], object]], "Investigation"]
"""Makes the investigation; given whom to tell what happens."""
WATCH_SECONDS = 60.0
"""How long the screen watches a site."""
Wish = Callable[["Driver"], None]


class Driver:
    """Walks for the screen and tells it every moment of the walk."""

    def __init__(
        self,
        open_investigation: Open,
        tell: Callable[[View], None],
        view: View,
        keep_traceback: Callable[[BaseException], object],
        begin: Callable[[Investigation], None] = lambda walk: walk.begin(),
        person: str = "",
    ) -> None:
        self._begin_walk = begin
        self._by = person
        self._keep_traceback = keep_traceback
        self._open = open_investigation
        self._tell = tell
        self._wishes: queue.SimpleQueue[Wish] = queue.SimpleQueue()
        self._investigation: Investigation | None = None
        self._thread = threading.Thread(target=self._run, name="walk", daemon=True)
        self.view = view
        self._changing = threading.RLock()
        """Held while the view becomes another one: what was copied is told from any thread."""
        self._stop_watching = threading.Event()
        self._is_idle = False
        self.mistake: Exception | None = None
        """Why there is no walk at all."""

    @property
    def is_idle(self) -> bool:
        """It waits for a wish."""
        return self._is_idle and self._wishes.empty()

    def start(self) -> None:
        """Begin the walk."""
        self._thread.start()

    def wish(self, wish: Wish) -> None:
        """Have something done as soon as the look under way is back."""
        self._wishes.put(wish)

    # ------------------------------------------------------------ what a person can wish for

    def pace(self, pace: Pace) -> None:
        """Walk on at this pace; leaving the opening goes on at once."""
        self._now(pace=pace)

    def toggle_pace(self) -> None:
        """From walking by itself to waiting at each question, and back."""
        self.pace("auto" if self.view.pace != "auto" else "step")

    def take(self, goto: str) -> None:
        """Take one of the ways of the open question, then look at the next."""
        decided = self._walk.decided
        other = decided is not None and goto != decided.goto
        self._walk.follow(goto, by=self._person)
        self._now(pace="step" if other or self.view.pace == "opening" else self.view.pace)

    def back(self) -> None:
        """To the question before."""
        if self._walk.back(by=self._person):
            self._now(pace="step", verified=None, watched=None)
        else:
            self._now(said="This is the first question.")

    def jump(self, key: str, scope: str = "") -> None:
        """To any question."""
        self._walk.jump(key, scope, by=self._person)
        self._now(pace="step", verified=None, watched=None)

    def look_again(self) -> None:
        """Make the looks of the open question again."""
        if self._walk.here is None:
            self._now(said="Nothing is open here: b goes back to the last question.")
            return
        self._walk.look_again(by=self._person)
        self._now(pace="step", said="Looked again.")

    def look_again_at_the_stale(self) -> None:
        """Make all looks again that are too old to confirm anything."""
        self._now(busy="looking again", since=time.monotonic())
        if self._walk.look_again_at_the_stale(by=self._person):
            self._now(pace="step", said="Looked again.", verified=None, watched=None)
        else:
            self._now(said="Nothing here is stale.", busy="")

    def note(self, text: str) -> None:
        """Keep what the person wrote."""
        self._walk.note(text, by=self._person)
        self._now(said="Noted.")

    def verify(self) -> None:
        """Ask as a client again and compare."""
        self._now(busy="asking the site again", since=time.monotonic())
        try:
            verified = self._walk.verify()
        finally:
            self._now(busy="")
        self._now(verified=verified)

    def watch(self) -> None:
        """Ask as a client again and again for a minute, or until something else is wished for."""
        from wizard.engine.watching import Count, Limit

        self._stop_watching.clear()
        self._now(
            watching=Count(), watched=None, busy="watching, V stops it", since=time.monotonic()
        )
        try:
            watched = self._walk.watch(
                Limit(seconds=WATCH_SECONDS),
                lambda count: self._now(watching=count),
                lambda: self._stop_watching.is_set() or not self._wishes.empty(),
                self._person,
            )
        finally:
            self._now(watching=None, busy="")
        self._now(watched=watched)

    def stop_watching(self) -> None:
        """End the watch under way; called in any thread."""
        self._stop_watching.set()

    def copied(self, what: str, where: str, proposal: str = "") -> None:
        """Keep what the person took out of the session; called in any thread, and at once."""
        if self._investigation is not None:
            self._investigation.copied(what, where, proposal, by=self._person)

    def paste(self, look: str, scope: str, text: str) -> None:
        """Take the pasted output of a command for what the look would have seen."""
        self._walk.paste(look, scope, text, by=self._person)
        self._now(pace="step", said="Read what you pasted.", verified=None, watched=None)

    # ------------------------------------------------------------ how it is done

    @property
    def _walk(self) -> Investigation:
        assert self._investigation is not None  # noqa: S101 - made before the first wish
        return self._investigation

    @property
    def _person(self) -> str:
        incident = self.view.session.incident
        return self._by or (incident.user if incident else "")

    def _run(self) -> None:
        wish: Wish = Driver._begin
        while True:
            turn = self.view.turn + 1
            with self._changing:
                self.view = self.view._replace(turn=turn, said="", failed="")
            try:
                wish(self)
                self._go_on()
                self._offer_pasting()
            except Exception as mistake:
                if self._investigation is None:
                    self.mistake = mistake
                    self._now(busy="", failed="The walk could not begin.")
                    return
                # A bug must not take the screen away from what was found so far.
                where = self._keep_traceback(mistake)
                kept = f" The traceback is in {where}." if where else ""
                self._now(busy="", failed=f"{type(mistake).__name__}: {mistake}.{kept}")
            self._is_idle = True
            wish = self._wishes.get()
            self._is_idle = False

    def _begin(self) -> None:
        self._now(busy="starting", since=time.monotonic())
        self._investigation = self._open(self._heard)
        self._now(library=self._investigation.library)
        self._begin_walk(self._investigation)

    def _offer_pasting(self) -> None:
        offers = tuple((each.look, each.scope, each.command) for each in self._walk.pasteable())
        if offers != self.view.pasteable:
            self._now(pasteable=offers)

    def _go_on(self) -> None:
        """Walk as far as the pace says; a wish of the person comes first."""
        walk = self._walk
        while True:
            if walk.here is None:
                if not self.view.ended:
                    self._now(key="", scope="", decided=None, ways=(), busy="concluding")
                    walk.conclude()
                self._now(busy="")
                return
            here = walk.here
            at_opening_end = (
                self.view.pace == "opening" and self.view.library is not None
            ) and self.view.library.node(here.key).step != "whose"
            if at_opening_end:
                self._now(key=here.key, scope=here.scope, decided=None, ways=(), busy="")
                return
            decided = walk.decided
            if decided is None:
                self._now(
                    key=here.key,
                    scope=here.scope,
                    decided=None,
                    ways=(),
                    busy="looking",
                    since=time.monotonic(),
                )
                decided = walk.ask()
            self._now(decided=decided, ways=tuple(walk.ways()), busy="")
            if self.view.pace == "step" or not self._wishes.empty():
                return
            walk.follow()

    def _heard(self, event: Event) -> None:
        with self._changing:
            session = after(self.view.session, event)
            if isinstance(event, Entered):
                self._now(session=session, key=event.node, scope=event.scope)
            else:
                self._now(session=session)

    def _now(self, **changed: Any) -> None:
        with self._changing:
            self.view = self.view._replace(**changed)
            self._tell(self.view)
