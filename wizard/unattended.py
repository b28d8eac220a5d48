"""Runs walks without a person, each recorded before it is told."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from wizard.engine.diagnose import FIRST_FLOW, diagnose
from wizard.engine.journal import JournalError
from wizard.engine.look import LiveLook, Look
from wizard.flows.model import Library
from wizard.model.address import parse as parse_address
from wizard.model.events import Concluded, Entered, Event
from wizard.model.incident import Incident
from wizard.model.session import Session, after
from wizard.opening import incident_of
from wizard.options import Refused
from wizard.probes.declare import Probe
from wizard.trail import Trail

_RANK = {"cause": 0, "unproven": 1, "healthy": 2}
_RUNGS = {"confirmed": 0, "supported": 1, "suspected": 2}


def diagnose_url(options: argparse.Namespace, trail: Trail) -> Session:
    """Walk for the URL that was typed."""
    catalogue, library = knowledge()
    flow = flow_asked_for(options.flow, library)
    return _live(incident_of(options.address, options), catalogue, library, flow, trail)


def diagnose_routes(options: argparse.Namespace, trail: Trail) -> list[Session]:
    """Walk for every route of every proxy of this host, the worst one first.

    Raises:
        Refused: no proxy was found, so there is nothing to ask.
    """
    from wizard.engine.diagnose import routes_to_ask

    catalogue, library = knowledge()
    flow = flow_asked_for(options.flow, library)
    ways = routes_to_ask()
    if not ways:
        raise Refused(
            "No proxy with a route was found on this host. "
            "Name what answers wrongly: wizard http://127.0.0.1/"
        )
    sessions = [
        _live(
            incident_of(parse_address(way.url), options, way.address),
            catalogue,
            library,
            flow,
            trail,
        )
        for way in ways
    ]
    return sorted(sessions, key=_badness)


def known_failure(mistake: Exception) -> str:
    """What to say of a failure that is nobody's bug; empty for a bug."""
    from wizard.flows.mistakes import FlowErrors

    if isinstance(mistake, FlowErrors):
        return f"The flows cannot be loaded:\n{mistake}\nSee all of it with: wizard flow check"
    if isinstance(mistake, JournalError):
        return f"The tape cannot be read. {mistake}"
    return ""


def knowledge() -> tuple[Mapping[str, Probe], Library]:
    """The probes, and the library that was read (or kept) for them."""
    from wizard.engine.catalogue import probes
    from wizard.flows import cache
    from wizard.flows.loading import load

    catalogue = probes()
    return catalogue, load(catalogue, kept=cache.place())


def flow_asked_for(asked: str | None, library: Library) -> str:
    """The flow of this name; the usual one for None.

    Raises:
        Refused: there is none of that name.
    """
    if asked is None or asked in library.flows:
        return asked or FIRST_FLOW
    from wizard.flows.mistakes import did_you_mean

    raise Refused(f"There is no flow {asked!r}; {did_you_mean(asked, library.flows)}")


def _live(
    incident: Incident,
    catalogue: Mapping[str, Probe],
    library: Library,
    flow: str,
    trail: Trail,
) -> Session:
    journal = trail.journal()

    def keep(event: Event) -> Event:
        # Only of a question that is asked, and of the end, is anyone told.
        kept = journal.append(event, wait=isinstance(event, Entered | Concluded))
        if isinstance(kept, Entered):
            trail.progress(kept.ask)
        return kept

    try:
        return _walked(incident, LiveLook(), catalogue, library, flow, trail.id, keep)
    finally:
        journal.close()
        trail.progress("")


def _walked(
    incident: Incident,
    look: Look,
    catalogue: Mapping[str, Probe],
    library: Library,
    flow: str,
    session_id: str,
    keep: Callable[[Event], Event],
) -> Session:
    """The session that a walk made; every event is kept before it counts, and counts as kept."""
    session = Session()

    def tell(event: Event) -> None:
        nonlocal session
        session = after(session, keep(event))

    diagnose(incident, look, library, catalogue, tell, flow=flow, session=session_id)
    return session


def _badness(session: Session) -> tuple[int, int]:
    ended = session.conclusion
    if ended is None:
        return 1, 0
    rung = _RUNGS[ended.verdicts[0].confidence] if ended.verdicts else 0
    return _RANK[ended.outcome], rung
