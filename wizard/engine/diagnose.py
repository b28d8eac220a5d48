"""Walks unattended, from an incident to its conclusion."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wizard.engine.investigation import FIRST_FLOW, Investigation
from wizard.engine.look import Look
from wizard.flows.model import Library
from wizard.model.events import Concluded, Event
from wizard.model.incident import Incident
from wizard.probes.declare import Probe
from wizard.proxies.adapters import ADAPTERS
from wizard.proxies.facts import Way

__all__ = ["FIRST_FLOW", "diagnose", "routes_to_ask"]


def diagnose(
    incident: Incident,
    look: Look,
    library: Library,
    catalogue: Mapping[str, Probe],
    tell: Callable[[Event], None],
    *,
    flow: str = FIRST_FLOW,
    session: str = "",
) -> Concluded:
    """Walk the tree for this incident and conclude; every event is told as it happens.

    Raises:
        KeyError: there is no flow of that name.
    """
    investigation = Investigation(
        incident, look, library, catalogue, tell, flow=flow, session=session
    )
    investigation.begin()
    return investigation.walk_to_the_end()


def routes_to_ask() -> list[Way]:
    """What every running proxy of this host can be asked for."""
    return [
        way
        for adapter in ADAPTERS
        for instance in adapter.find()
        if instance.running
        for way in adapter.urls(instance)
    ]
