"""What is known so far: evidence by look and scope, and the facts that conditions read from it."""

from __future__ import annotations

from typing import Any

import msgspec

from wizard.flows.conditions import UNKNOWN
from wizard.model.evidence import Evidence
from wizard.model.finding import Finding
from wizard.model.incident import Incident


class Known:
    """All evidence and findings of one walk."""

    def __init__(self, incident: Incident) -> None:
        self._incident: dict[str, Any] = msgspec.to_builtins(incident)
        self._evidence: dict[tuple[str, str], Evidence] = {}
        self._servers: dict[str, dict[str, Any]] = {}
        self.findings: list[Finding] = []

    def add(self, evidence: Evidence) -> None:
        """Keep what a look saw."""
        self._evidence[(evidence.look, evidence.scope)] = evidence

    def remove(self, look: str, scope: str) -> None:
        """Let what a look saw no longer count."""
        self._evidence.pop((look, scope), None)

    def evidence(self, look: str, scope: str) -> Evidence | None:
        """The evidence of a look in a scope, when it was made."""
        return self._evidence.get((look, scope))

    def by_id(self) -> dict[str, Evidence]:
        """All evidence by its id."""
        return {each.id: each for each in self._evidence.values() if each.id}

    def name_scopes(self, servers: list[dict[str, Any]]) -> list[str]:
        """The scopes of a list of servers: their names, told apart where two bear the same."""
        self._servers = {}
        for server in servers:
            name = scope = str(server.get("name") or "server")
            count = 1
            while scope in self._servers:
                count += 1
                scope = f"{name} ({count})"
            self._servers[scope] = server
        return list(self._servers)

    def scopes(self) -> list[str]:
        """The scopes named so far."""
        return list(self._servers)

    def facts(self, scope: str, *, early: bool = False) -> Facts:
        """The facts as seen from a scope: its own looks, then the route's.

        With `early` also those of looks that came back and were not recorded yet. They may serve
        to start further looks, never to decide: a decision rests on what the journal holds.
        """
        return Facts(self, scope, early)

    def lookup(self, name: str, scope: str, early: bool) -> tuple[Any, Evidence | None]:
        """The root value of a path and the evidence that it came from."""
        if name == "incident":
            return self._incident, None
        if name == "server":
            return self._servers.get(scope, UNKNOWN), None
        if name == "found":
            return self._found(scope), None
        evidence = self._evidence.get((name, scope)) or self._evidence.get((name, ""))
        if evidence is None or not (evidence.id or early):
            return UNKNOWN, None
        return {**evidence.facts, "looked": evidence.status}, evidence

    def _found(self, scope: str) -> dict[str, Any]:
        here = [each.cause for each in self.findings if each.scope in (scope, "")]
        return {"causes": here, "anywhere": [each.cause for each in self.findings]}


class Facts:
    """Facts by path (`dial.outcome`), in one scope."""

    def __init__(self, known: Known, scope: str, early: bool) -> None:
        self._known = known
        self._scope = scope
        self._early = early

    def value(self, path: str) -> Any:
        """The value at the path, or UNKNOWN when it was not or could not be seen."""
        name, _, rest = path.partition(".")
        value, _ = self._known.lookup(name, self._scope, self._early)
        for part in rest.split(".") if rest else []:
            if not isinstance(value, dict):
                return UNKNOWN
            value = value.get(part, UNKNOWN)
        return UNKNOWN if value is None else value

    def evidence(self, path: str) -> str | None:
        """Id of the evidence that the path's value comes from."""
        _, evidence = self._known.lookup(path.partition(".")[0], self._scope, self._early)
        return evidence.id if evidence else None
