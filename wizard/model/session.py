"""A session's state is a pure fold of its events.

The report, the screen, resume and replay read the same fold. A prefix of a session's events
folds too: nothing here raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Literal

import msgspec
from msgspec.structs import replace

from wizard.model.events import (
    Chosen,
    Concluded,
    Copied,
    Decided,
    Entered,
    Event,
    Forgotten,
    Found,
    Looked,
    Looking,
    Noted,
    Pasted,
    Returned,
    Started,
    Verified,
    Watched,
)
from wizard.model.evidence import Evidence
from wizard.model.finding import Finding
from wizard.model.incident import Incident

State = Literal["new", "walking", "concluded"]


class Session(msgspec.Struct, frozen=True):
    """What is known after some events."""

    state: State = "new"
    id: str = ""
    version: str = ""
    flow: str = ""
    flow_digest: str = ""
    incident: Incident | None = None
    started: float | None = None
    at: float | None = None
    """When the last event happened."""
    node: Entered | None = None
    """Where the walk is; None before the first node and after the end."""
    looking: tuple[Looking, ...] = ()
    """Looks that have begun and not come back."""
    evidence: Mapping[str, Evidence] = msgspec.field(default_factory=lambda: MappingProxyType({}))
    path: tuple[Decided, ...] = ()
    findings: tuple[Finding, ...] = ()
    notes: tuple[Noted, ...] = ()
    conclusion: Concluded | None = None
    """Of the last walk to an end; None again after a return."""
    chosen: tuple[Chosen, ...] = ()
    verified: tuple[Verified, ...] = ()
    watched: tuple[Watched, ...] = ()
    copied: tuple[Copied, ...] = ()
    pasted: tuple[Pasted, ...] = ()

    def evidence_of_the_walk(self) -> list[Evidence]:
        """All evidence but what was looked at to verify: that tells of the host as mended."""
        later = {each for said in self.verified for each in (said.evidence, *said.seen)}
        return [each for each in self.evidence.values() if each.id not in later]


def fold(events: Iterable[Event], session: Session | None = None) -> Session:
    """The state after the events, from the beginning or from a state reached before."""
    session = session or Session()
    for event in events:
        session = after(session, event)
    return session


def after(session: Session, event: Event) -> Session:
    """The state after one more event."""
    at = session.at if isinstance(event, Looking) else event.at
    session = replace(session, at=at)
    match event:
        case Started():
            return replace(
                session,
                state="walking",
                id=event.session,
                version=event.version,
                flow=event.flow,
                flow_digest=event.flow_digest,
                incident=event.incident,
                started=event.at,
            )
        case Entered():
            return replace(session, node=event)
        case Looking():
            return replace(session, looking=(*session.looking, event))
        case Looked():
            return _with_evidence(session, event.evidence)
        case Decided():
            return replace(session, path=(*session.path, event))
        case Chosen():
            return replace(session, chosen=(*session.chosen, event))
        case Returned():
            return _returned(session, event)
        case Forgotten():
            return session
        case Verified():
            return replace(session, verified=(*session.verified, event))
        case Watched():
            return replace(session, watched=(*session.watched, event))
        case Copied():
            return replace(session, copied=(*session.copied, event))
        case Pasted():
            return replace(session, pasted=(*session.pasted, event))
        case Found():
            return replace(session, findings=(*session.findings, event.finding))
        case Noted():
            return replace(session, notes=(*session.notes, event))
        case Concluded():
            return replace(session, state="concluded", node=None, looking=(), conclusion=event)


def _with_evidence(session: Session, evidence: Evidence) -> Session:
    still = tuple(
        look
        for look in session.looking
        if (look.look, look.scope) != (evidence.look, evidence.scope)
    )
    known = MappingProxyType({**session.evidence, evidence.id: evidence})
    return replace(session, looking=still, evidence=known)


def _returned(session: Session, event: Returned) -> Session:
    """What was decided at the node and after it is taken back, with what was found there."""
    places = [(each.node, each.scope) for each in session.path]
    here = (event.node, event.scope)
    kept = session.path[: places.index(here)] if here in places else session.path
    still = {(each.node, each.scope) for each in kept}
    findings = tuple(each for each in session.findings if (each.node, each.scope) in still)
    return replace(session, state="walking", path=kept, findings=findings, conclusion=None)
