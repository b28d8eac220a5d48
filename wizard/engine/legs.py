"""The legs of the way that a walk follows.

The first leg is the front door with the servers of its route. A server that is itself a proxy of
this host begins an inner leg: the questions are asked again, of the URL that the outer proxy asks.
A backend that was found elsewhere than the proxy asks begins a detour: its questions are asked of
the address at which it was found, as if the proxy asked there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from wizard.model.scopes import behind, instead_of

_MOST_INWARD = 4
"""Proxies behind one another that are followed; a chain that is longer is a circle."""


class Leg(NamedTuple):
    """One leg, in the order in which the walk came to it."""

    number: int
    name: str
    """The scope of what is asked once for it; empty for the first."""
    behind: str
    """The scope of the server that leads to it; empty for the first."""
    found_as: tuple[str, ...]
    """The findings that led to it."""
    home: str
    """Name of the leg whose looks at the proxy count here: itself, or for a detour the one left."""
    incident: dict[str, Any]


class Legs:
    """All legs of one walk and the servers of each."""

    def __init__(self, incident: dict[str, Any]) -> None:
        self._legs = {"": Leg(0, "", "", (), "", incident)}
        self._servers: dict[str, dict[str, Any]] = {}
        self._leg_of: dict[str, str] = {}

    def __iter__(self) -> Iterator[Leg]:
        return iter(self._legs.values())

    def of(self, scope: str) -> Leg:
        """The leg of a server, or the one that bears this name."""
        return self._legs[scope if scope in self._legs else self._leg_of.get(scope, "")]

    def servers(self, leg: str) -> list[str]:
        """The scopes of a leg's servers named so far."""
        return [scope for scope, name in self._leg_of.items() if name == leg]

    def server(self, scope: str) -> dict[str, Any] | None:
        """The server of a scope."""
        return self._servers.get(scope)

    def name_servers(self, servers: list[dict[str, Any]], leg: str = "") -> list[str]:
        """The scopes of a leg's servers: their names, told apart where two bear the same."""
        for scope in self.servers(leg):
            del self._leg_of[scope], self._servers[scope]
        for server in servers:
            name = scope = str(server.get("name") or "server")
            count = 1
            while scope in self._servers:
                count += 1
                scope = f"{name} ({count})"
            self._servers[scope] = server
            self._leg_of[scope] = leg
        return self.servers(leg)

    def inward(self, scope: str, place: Mapping[str, Any], found_as: tuple[str, ...]) -> Leg | None:
        """The leg behind a server that is a proxy; None where it would lead in a circle.

        `place` has what differs in its incident: url, address, host, port, path, scheme.
        """
        name = behind(scope)
        if name in self._legs:
            return self._legs[name]
        outer = self.of(scope)
        same = [each for each in self._legs.values() if _asks(each.incident) == _asks(place)]
        inward = [each for each in self._legs.values() if each.home == each.name]
        if same or len(inward) > _MOST_INWARD:
            return None
        own = {"config_path": None, "log_path": None, "proxy_kind": None, **place}
        return self._add(name, scope, found_as, name, {**outer.incident, **own})

    def instead(self, scope: str, server: dict[str, Any], found_as: tuple[str, ...]) -> Leg | None:
        """The detour to where a server's backend was found; None for a detour from a detour."""
        name = instead_of(scope)
        if name in self._legs:
            return self._legs[name]
        left = self.of(scope)
        if left.home != left.name:
            return None
        leg = self._add(name, scope, found_as, left.home, left.incident)
        self.name_servers([{**server, "instead_of": scope}], name)
        return leg

    def _add(
        self, name: str, behind: str, found_as: tuple[str, ...], home: str, incident: dict[str, Any]
    ) -> Leg:
        leg = Leg(len(self._legs), name, behind, found_as, home, incident)
        self._legs[name] = leg
        return leg


def _asks(place: Mapping[str, Any]) -> tuple[Any, ...]:
    """What tells one question from another: where it goes, and what is asked there."""
    return (place.get("address") or place.get("host"), place.get("port"), place.get("path"))
