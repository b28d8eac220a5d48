"""Whether a recorded incident is over: the same URL is walked again, now, and compared.

The client's request alone would not do. It may be answered by luck (a pool with one dead server),
and where it still fails it matters whether the cause is the same one: so all that decided the
verdict is looked at again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping

from msgspec.structs import replace

from wizard.engine.investigation import Investigation
from wizard.engine.look import Look, effective_user
from wizard.engine.walk import FIRST_FLOW
from wizard.engine.watching import is_well
from wizard.flows.model import Library
from wizard.model.events import Again, Entered, Event, Looked, Verified
from wizard.model.evidence import Evidence
from wizard.model.incident import Incident
from wizard.model.session import Session, after
from wizard.probes.declare import Probe

_FRONT = "front"


def incident_now(before: Session) -> Incident:
    """The same URL, asked now: what the person said of that time no longer holds.

    Raises:
        ValueError: the session names no incident.
    """
    if before.incident is None:
        raise ValueError("a session without an incident")
    return replace(
        before.incident, started=time.time(), status=None, since=None, until=None,
        hostname=os.uname().nodename, user=effective_user(),
    )  # fmt: skip


class Verification:
    """One incident being asked for again."""

    def __init__(
        self,
        before: Session,
        look: Look,
        library: Library,
        catalogue: Mapping[str, Probe],
        progress: Callable[[str], None] = lambda question: None,
    ) -> None:
        self._before = before
        self._now = Session()
        self._progress = progress
        flow = before.flow if before.flow in library.flows else FIRST_FLOW
        self.investigation = Investigation(
            incident_now(before), look, library, catalogue, self._heard, flow=flow
        )

    def events(self) -> list[Event]:
        """Walk again; what is to be written into the session: the new looks and the comparison."""
        self.investigation.begin()
        self.investigation.walk_to_the_end()
        number = len(self._before.evidence)
        pairs = [
            (old, replace(new, id=f"e{number + place}", rests_on=()))
            for place, (old, new) in enumerate(self._pairs(), 1)
        ]
        looked: list[Event] = [Looked(at=time.time(), evidence=new) for _, new in pairs]
        return [*looked, self._verified(pairs)]

    def _heard(self, event: Event) -> None:
        self._now = after(self._now, event)
        if isinstance(event, Entered):
            self._progress(event.ask)

    def _pairs(self) -> Iterator[tuple[Evidence, Evidence]]:
        """Each look of then that is to be compared, with the same look of now; the client's first.

        A server may have another address now; where the look was made once both times, that is it.
        """
        before = {each.id: each for each in self._before.evidence_of_the_walk()}
        ended = self._before.conclusion
        cited = (
            [each for verdict in ended.verdicts[:1] for each in verdict.evidence] if ended else []
        )
        front = [each.id for each in before.values() if each.look == _FRONT][:1]
        now = list(self._now.evidence.values())
        for old in (before[each] for each in dict.fromkeys([*front, *cited]) if each in before):
            same = [each for each in now if each.look == old.look]
            exact = [each for each in same if each.scope == old.scope]
            if exact or len(same) == 1:
                yield old, (exact or same)[-1]

    def _verified(self, pairs: list[tuple[Evidence, Evidence]]) -> Verified:
        front = next((pair for pair in pairs if pair[1].look == _FRONT), None)
        ended = self._now.conclusion
        answers_well = front is not None and is_well(front[1].facts)
        mended = answers_well and ended is not None and ended.outcome == "healthy"
        unclear = ""
        if front is None:
            unclear = "the site could not be asked"
        elif answers_well and not mended:
            named = ended.verdicts[0] if ended and ended.verdicts else None
            still = f"{named.title}: {named.subject}" if named else ended.summary if ended else ""
            unclear = f"the site answers, but {still.rstrip('.') or 'the walk came to no end'}"
        return Verified(
            at=time.time(),
            before=front[0].reading if front else "",
            after=(front[1].reading or front[1].reason) if front else "",
            mended=mended,
            evidence=front[1].id if front else "",
            unclear=unclear,
            looks=tuple(
                Again(
                    title=old.title or old.look, scope=old.scope,
                    before=old.reading or old.reason, after=new.reading or new.reason,
                )
                for old, new in pairs
                if old.look != _FRONT
            ),
            seen=tuple(new.id for _, new in pairs),
            by=self.investigation.incident.user,
        )  # fmt: skip
