"""A walk that a front end drives: ask, follow or choose, go back, look again, conclude, verify.

Every method blocks until its looks are back and tells what happens as events. A front end with a
screen calls them from one thread of its own. `diagnose` is the same thing with nobody choosing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

from wizard import __version__
from wizard.engine import watching
from wizard.engine.conclude import conclude
from wizard.engine.known import Known
from wizard.engine.look import Look
from wizard.engine.looking import Looks, looks_of_a_leg
from wizard.engine.walk import FIRST_FLOW, Visit, Walk, looks_of
from wizard.engine.watching import Count, Limit, is_well
from wizard.flows.model import END, Library, Node
from wizard.model.events import (
    Chosen,
    Concluded,
    Copied,
    Decided,
    Event,
    Forgotten,
    Looked,
    Looking,
    Noted,
    Pasted,
    Returned,
    Started,
    Verified,
    Watched,
)
from wizard.model.evidence import Evidence, Status
from wizard.model.incident import Incident
from wizard.probes.declare import Probe

_FRONT = "front"


class Pasteable(NamedTuple):
    """A look that a person may stand in for."""

    look: str
    scope: str
    title: str
    command: str
    """What to run where it can be run; its output is to be pasted."""
    state: str
    """What the look saw itself, or why it saw nothing."""
    status: Status


class Investigation:
    """One incident being looked into."""

    def __init__(
        self,
        incident: Incident,
        look: Look,
        library: Library,
        catalogue: Mapping[str, Probe],
        tell: Callable[[Event], None],
        *,
        flow: str = FIRST_FLOW,
        session: str = "",
    ) -> None:
        self.incident = incident
        self.library = library
        self._tell = tell
        self._telling = True
        self._flow = flow
        self._session = session
        self._first = library.flows[flow].nodes[0].key
        self._known = Known(incident, looks_of_a_leg(library))
        self._looks = Looks(library, catalogue, look, self._known, self._say)
        self._walk = Walk(library, self._known, self._looks, self._say)
        self._steps: list[tuple[Visit, str]] = []
        """The visits that were followed, each with the way that was taken."""
        self._asked: tuple[Visit, Decided] | None = None

    @property
    def here(self) -> Visit | None:
        """The question that is open; None when nothing is left to ask."""
        return self._asked[0] if self._asked else self._walk.here

    @property
    def node(self) -> Node | None:
        """The node of the open question."""
        return self.library.node(self.here.key) if self.here else None

    @property
    def decided(self) -> Decided | None:
        """The outcome of the open question, once it was asked."""
        return self._asked[1] if self._asked else None

    def begin(self) -> None:
        """Start the first looks."""
        self._say(
            Started(
                at=time.time(),
                session=self._session,
                version=__version__,
                incident=self.incident,
                flow=self._flow,
                flow_digest=self.library.digest,
            )
        )
        self._looks.begin()
        self._walk.go(self._first)

    def ask(self) -> Decided:
        """Look and weigh at the open question.

        Raises:
            IndexError: nothing is left to ask.
        """
        if self._asked is None:
            visit = self._walk.here
            decision = self._walk.decide()
            if visit is not None:
                self._asked = (visit, decision)
            return decision
        return self._asked[1]

    def ways(self) -> list[str]:
        """Where the open question can lead: the decided way first, then the others, each once."""
        if self._asked is None or self.node is None:
            return []
        others = [rule.goto for rule in self.node.rules]
        if self.node.unknown:
            others.append(self.node.unknown.goto)
        return list(dict.fromkeys([self._asked[1].goto, *others]))

    def follow(self, goto: str | None = None, *, by: str = "") -> None:
        """Take the decided way, or another one that a person chose."""
        if self._asked is None:
            return
        visit, decision = self._asked
        way = decision.goto if goto is None else goto
        if way != decision.goto:
            self._say(Chosen(at=time.time(), node=visit.key, scope=visit.scope, goto=way, by=by))
        self._steps.append((visit, way))
        self._asked = None
        self._walk.go(way, decision.scope)

    def jump(self, key: str, scope: str = "", *, by: str = "") -> None:
        """Make this node the next question, whatever was planned.

        Raises:
            KeyError: there is no such node.
        """
        self.library.node(key)
        here = self.here
        self._say(
            Chosen(
                at=time.time(),
                node=here.key if here else "",
                scope=here.scope if here else "",
                goto=key,
                by=by,
            )
        )
        if any(visit.key == key and scope in ("", visit.scope) for visit, _ in self._steps):
            self.back(key, scope, by=by)
            return
        self._asked = None
        self._walk.go_now(key, scope)

    def back(self, key: str = "", scope: str = "", *, by: str = "") -> bool:
        """Return to the question before, or to the one named; False at the beginning.

        What was decided since is taken back. Evidence is kept.
        """
        index = len(self._steps) - 1
        if key:
            index = next(
                (
                    number
                    for number, (visit, _) in enumerate(self._steps)
                    if visit.key == key and scope in ("", visit.scope)
                ),
                -1,
            )
        if index < 0:
            return False
        visit = self._steps[index][0]
        self._say(Returned(at=time.time(), node=visit.key, scope=visit.scope, by=by))
        self._again(self._steps[:index])
        return True

    def look_again(self, *, by: str = "") -> None:
        """Make the looks of the open question again, and all that rests on them."""
        here, node = self.here, self.node
        if here is None or node is None:
            return
        forgotten = self._looks.forget(looks_of(node), here.scope)
        self._say(Forgotten(at=time.time(), evidence=forgotten, by=by))
        self._say(Returned(at=time.time(), node=here.key, scope=here.scope, by=by))
        self._again(list(self._steps))

    def pasteable(self) -> tuple[Pasteable, ...]:
        """The looks made so far that take pasted text, those that saw nothing first."""
        offers = [
            Pasteable(
                evidence.look, evidence.scope, evidence.title, command,
                evidence.reason or evidence.reading, evidence.status,
            )
            for evidence, command in self._looks.pasteable()
        ]  # fmt: skip
        return tuple(sorted(offers, key=lambda offer: offer.status in ("present", "absent")))

    def paste(self, look: str, scope: str, text: str, *, by: str = "") -> Evidence:
        """Take pasted text for what a look would have seen.

        Looks that rest on it are made again, and the walk returns to the first question that one
        of them decided.

        Raises:
            KeyError: this look takes no pasted text here.
        """
        if not any((offer.look, offer.scope) == (look, scope) for offer in self.pasteable()):
            raise KeyError(look)
        title = self.library.looks[look].title
        self._say(
            Pasted(
                at=time.time(), look=look, scope=scope, title=title,
                characters=len(text), by=by,
            )
        )  # fmt: skip
        stale = self._looks.resting_on(look, scope)
        forgotten = self._looks.forget([look], scope)
        self._say(Forgotten(at=time.time(), evidence=forgotten, by=by))
        evidence = self._looks.paste(look, scope, text, by)
        visits = [visit for visit, _ in self._steps]
        if self._asked:
            visits.append(self._asked[0])
        first = next((at for at, visit in enumerate(visits) if self._uses(visit, stale)), None)
        if first is not None:
            visit = visits[first]
            self._say(Returned(at=time.time(), node=visit.key, scope=visit.scope, by=by))
            self._again(self._steps[:first])
        return evidence

    def _uses(self, visit: Visit, looks: set[tuple[str, str]]) -> bool:
        """One of the looks was there to decide."""
        names = looks_of(self.library.node(visit.key))
        leg = self._known.legs.of(visit.scope)
        scopes = (visit.scope, leg.home, "")
        return any((name, scope) in looks for name in names for scope in scopes)

    def note(self, text: str, *, by: str = "") -> None:
        """Keep what a person wrote."""
        self._say(Noted(at=time.time(), text=text, by=by))

    def copied(self, what: str, where: str, proposal: str = "", *, by: str = "") -> None:
        """Keep what a person took out of the session, and where to."""
        # Even while steps are walked again in silence: it is no part of the walk.
        self._tell(Copied(at=time.time(), what=what, where=where, proposal=proposal, by=by))

    def conclude(self) -> Concluded:
        """What all findings so far add up to."""
        conclusion = conclude(self.library, self._known, self._walk, self._looks)
        self._say(conclusion)
        return conclusion

    def walk_to_the_end(self) -> Concluded:
        """Take the decided way at every question, then conclude."""
        while self.here:
            self.ask()
            self.follow()
        return self.conclude()

    def verify(self) -> Verified:
        """Ask as a client again and compare with the answer that this walk began with."""
        before = self._looks.use(_FRONT, "")
        forgotten = self._looks.forget([_FRONT], "")
        after = self._looks.use(_FRONT, "")
        self._say(Forgotten(at=time.time(), evidence=forgotten, by=""))
        verified = Verified(
            at=time.time(),
            before=before.reading,
            after=after.reading,
            mended=is_well(after.facts),
            evidence=after.id,
        )
        self._say(verified)
        return verified

    def watch(
        self, limit: Limit, told: Callable[[Count], None], is_over: Callable[[], bool], by: str = ""
    ) -> Watched:
        """Ask as a client again and again; each answer is counted and none is kept."""
        watched = watching.watch(lambda: self._looks.glance(_FRONT, ""), limit, told, is_over, by)
        self._say(watched)
        return watched

    def _again(self, steps: list[tuple[Visit, str]]) -> None:
        """Walk these steps once more, silently: evidence is there, only the state is made anew."""
        self._known.findings.clear()
        self._walk = Walk(self.library, self._known, self._looks, self._say)
        self._steps = []
        self._asked = None
        self._telling = False
        try:
            self._walk.go(self._first)
            for visit, way in steps:
                if self._walk.here is None or self._walk.here[2:] != visit[2:]:
                    self._walk.go_now(visit.key, visit.scope)
                self.ask()
                self.follow(way)
        finally:
            self._telling = True

    def _say(self, event: Event) -> None:
        # Steps that are walked once more are not told again; evidence that they need anew is.
        if self._telling or isinstance(event, Looking | Looked):
            self._tell(event)


__all__ = ["END", "FIRST_FLOW", "Investigation", "Pasteable"]
