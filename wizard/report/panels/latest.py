"""The evidence that counts: of every look in every scope the last one made."""

from __future__ import annotations

from typing import Any

from wizard.model.evidence import Evidence
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
    named: dict[str, dict[str, Any]] = {}
    for server in facts(session, _LIST_OF_SERVERS).get("servers") or []:
        name = scope = str(server.get("name") or "server")
        count = 1
        while scope in named:
            count += 1
            scope = f"{name} ({count})"
        named[scope] = server
    return list(named.items())
