"""Who else is concerned by a change of some lines, or by a restart of a unit."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable

from wizard.fixes.facts import Sharing
from wizard.model.evidence import Sighting
from wizard.model.route import Place, Route, Server
from wizard.probes.sockets.facts import Listener, Table
from wizard.proxies.adapters import adapter_for
from wizard.proxies.facts import Instance
from wizard.runtimes.facts import Owner
from wizard.runtimes.systemd.cgroups import unit_of

MOST = 12
"""URLs that are named."""
_SECONDS = 2.0
"""For the routes of a whole proxy: five hundred take 4 s on a small machine, and half of them are
worth more than none."""
_FRESH = 30.0
"""Seconds that a map of routes is good for: as long as one look at a verdict's proposals."""

_guard = threading.Lock()
_kept: dict[tuple[str, str | None], tuple[float, list[tuple[str, Route]]]] = {}


def routes(instance: Instance) -> list[tuple[str, Route]]:
    """Every URL that the proxy answers with its way, or as many as can be followed in time."""
    adapter = adapter_for(instance.kind)
    if adapter is None:
        return []
    key = (instance.kind, instance.config)
    with _guard:
        began = time.monotonic()
        kept = _kept.get(key)
        if kept is not None and began - kept[0] < _FRESH:
            return kept[1]
        found = []
        for way in adapter.urls(instance):
            if time.monotonic() - began > _SECONDS:
                break
            found.append((way.url, adapter.route(instance, way.url)))
        _kept[key] = (time.monotonic(), found)
        return found


def by_lines(
    instance: Instance, url: str | None, lines: Iterable[tuple[str, int | None]]
) -> list[str]:
    """Other URLs whose listener, location, group or server stands on one of the lines."""
    places = {(os.path.realpath(file), line) for file, line in lines}
    others = (way for way, route in routes(instance) if way != url and places & _places(route))
    return list(others)[:MOST]


def by_unit(
    instance: Instance, url: str | None, server: Server, owner: Owner, table: Table
) -> Sighting:
    """Other URLs that lead to the same server, or to what else its unit listens on."""
    own = {_address(server)}
    for each in (*table.listeners, *table.unix):
        if _belongs(each, owner):
            own.add((each.address if each.family == "unix" else "", each.port))
    urls = [
        way
        for way, route in routes(instance)
        if way != url and any(_is_here(each) and _address(each) in own for each in route.servers)
    ]
    what = owner.unit or server.name
    return Sighting(
        status="present" if urls else "absent",
        facts=Sharing(urls=urls[:MOST], count=len(urls)),
        reading=f"{len(urls)} other URLs need {what}" if urls else f"no other URL needs {what}",
        raw="\n".join(urls),
    )


def _address(server: Server) -> tuple[str, int | None]:
    return (server.path or "", None if server.path else server.port)


def _is_here(server: Server) -> bool:
    return server.path is not None or server.local is not False


def _belongs(listener: Listener, owner: Owner) -> bool:
    if owner.unit is not None and unit_of(listener.cgroup) == owner.unit:
        return True
    return owner.pid is not None and owner.pid in listener.pids


def _places(route: Route) -> set[tuple[str, int | None]]:
    every: list[Place | None] = [
        route.location_place, route.pass_place, route.upstream_place,
        *(server.place for server in route.servers),
    ]  # fmt: skip
    return {(os.path.realpath(place.file), place.line) for place in every if place is not None}
