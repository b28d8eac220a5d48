"""No URL was typed: the routes of this host with their present answers, the broken ones first."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from wizard.model.address import AddressError
from wizard.model.address import parse as parse_address
from wizard.model.text import one_line
from wizard.plain.console import Console, Left
from wizard.plain.words import number
from wizard.proxies.facts import Way

LIMIT = 3.0
"""Seconds that each route has to answer."""
DEMO = "demo"
_AT_ONCE = 16
_MOST = 64
_BROKEN, _UNKNOWN, _WELL = range(3)


class Present(NamedTuple):
    """A route and what it answers now."""

    rank: int
    """Broken ones first."""
    url: str
    address: str | None
    """Where to send the request, whatever the name resolves to."""
    said: str


class Picked(NamedTuple):
    """What the person chose; the URL may be `demo`."""

    url: str
    address: str | None = None


def pick() -> Picked | None:
    """Ask which route to look into; None when the person chose none."""
    from wizard.engine.diagnose import routes_to_ask

    console = Console()
    console.say("Looking for the proxies of this host and asking each of their routes once ...")
    routes = asked(routes_to_ask())
    try:
        return _chosen(console, routes)
    except Left:
        return None


def asked(ways: Sequence[Way], limit: float = LIMIT) -> list[Present]:
    """Each way's present answer, those that fail first; what is late counts as failing."""
    wanted: queue.SimpleQueue[tuple[str, str | None]] = queue.SimpleQueue()
    answers: queue.SimpleQueue[Present] = queue.SimpleQueue()
    places = list(dict.fromkeys((way.url, way.address) for way in ways))[:_MOST]
    for place in places:
        wanted.put(place)

    def ask() -> None:
        while True:
            try:
                url, address = wanted.get_nowait()
            except queue.Empty:
                return
            answers.put(_asked(url, address, limit))

    for _ in range(min(_AT_ONCE, len(places))):
        threading.Thread(target=ask, name="route", daemon=True).start()
    over = time.monotonic() + limit * (1 + (len(places) - 1) // _AT_ONCE) + 1
    found: dict[tuple[str, str | None], Present] = {}
    while len(found) < len(places):
        try:
            answer = answers.get(timeout=max(0.0, over - time.monotonic()))
        except queue.Empty:
            break
        found[answer.url, answer.address] = answer
    missing = (place for place in places if place not in found)
    late = [Present(_BROKEN, *place, f"no answer within {limit:g} s") for place in missing]
    return sorted([*found.values(), *late], key=lambda one: one.rank)


def _asked(url: str, address: str | None, limit: float) -> Present:
    from wizard.probes.http import Front, front

    try:
        sighting = front(url=url, address=address, timeout=limit)
    except Exception as problem:  # a bug of the probe: the route may be looked into all the same
        return Present(_UNKNOWN, url, address, f"could not be asked: {problem}")
    facts = sighting.facts
    if not isinstance(facts, Front) or facts.outcome is None:
        return Present(_UNKNOWN, url, address, sighting.reading or sighting.reason)
    is_well = facts.outcome == "answered" and (facts.status or 0) < 500
    return Present(_WELL if is_well else _BROKEN, url, address, sighting.reading)


def _chosen(console: Console, routes: Sequence[Present]) -> Picked | None:
    if not routes:
        _tell_nothing_found(console)
    for place, route in enumerate(routes, 1):
        state = "" if route.rank == _WELL else " BROKEN" if route.rank == _BROKEN else " UNKNOWN"
        at = f" at {route.address}" if route.address else ""
        console.item(f"  {place}.{state} ", f"{one_line(route.url)}{at}: {one_line(route.said)}")
    console.say(
        "Type a number, a URL, d for a recorded real incident, or q to leave."
        if routes
        else "Type a URL, d for a recorded real incident (wizard demo), or q to leave."
    )
    usual = " (Enter takes 1)" if routes else ""
    while True:
        typed = console.ask(f"What is to be looked into?{usual}")
        if typed.lower() in ("q", "quit"):
            return None
        if typed.lower() in ("d", DEMO):
            return Picked(DEMO)
        if not typed and not routes:
            continue
        wanted = number(typed or "1")
        if wanted is None:
            try:
                return Picked(parse_address(typed).url)
            except AddressError as wrong:
                console.say(str(wrong))
        elif 1 <= wanted <= len(routes):
            return Picked(routes[wanted - 1].url, routes[wanted - 1].address)
        else:
            console.say(f"There is no route {wanted}.")


def _tell_nothing_found(console: Console) -> None:
    from wizard.proxies.adapters import ADAPTERS

    idle = [instance for adapter in ADAPTERS for instance in adapter.find()]
    kinds = ", ".join(adapter.KIND for adapter in ADAPTERS)
    console.say(
        f"No running proxy with a route was found. Looked for: {kinds}, among the processes of "
        "this host, and in its configuration for what it answers."
    )
    for instance in idle:
        if not instance.running:
            console.item(
                "  ",
                f"{instance.kind} has {instance.config or 'a configuration'} and does not run.",
            )
