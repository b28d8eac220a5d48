"""The evidence that counts: of every look in every scope the last one made."""

from __future__ import annotations

from typing import Any

from wizard.model.evidence import Evidence
from wizard.model.scopes import behind
from wizard.model.session import Session

_LIST_OF_SERVERS = "route"


def latest(session: Session, look: str, scope: str = "") -> Evidence | None:
    """The last evidence of this look, for this server or for the route."""
    found = None
    for evidence in session.evidence.values():
        if evidence.look == look and evidence.scope == scope:
            found = evidence
    return found


def facts(session: Session, look: str, scope: str = "") -> dict[str, Any]:
    """Its facts; empty when there is no such evidence."""
    evidence = latest(session, look, scope)
    return evidence.facts if evidence else {}


def servers(session: Session) -> list[tuple[str, dict[str, Any]]]:
    """The route's servers with the scopes under which they are looked at."""
    return list(_servers(session).get("", {}).items())


def servers_behind(session: Session, scope: str) -> list[str]:
    """The scopes of the servers that a server passes to, which is a proxy itself."""
    return list(_servers(session).get(behind(scope), {}))


def _servers(session: Session) -> dict[str, dict[str, dict[str, Any]]]:
    """The servers of every leg, named as the walk names them: in the order of its looks."""
    named: dict[str, dict[str, dict[str, Any]]] = {}
    taken: set[str] = set()
    for evidence in session.evidence.values():
        if evidence.look != _LIST_OF_SERVERS:
            continue
        taken -= set(named.get(evidence.scope, {}))
        leg = named[evidence.scope] = {}
        for server in evidence.facts.get("servers") or []:
            name = scope = str(server.get("name") or "server")
            count = 1
            while scope in taken:
                count += 1
                scope = f"{name} ({count})"
            taken.add(scope)
            leg[scope] = server
    return named
