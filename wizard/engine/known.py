"""What is known so far: evidence by look and scope, and the facts that conditions read from it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec

from wizard.engine.legs import Legs
from wizard.flows.conditions import UNKNOWN
from wizard.model.evidence import Evidence
from wizard.model.finding import Finding
from wizard.model.incident import Incident


class Known:
    """All evidence and findings of one walk."""

    def __init__(self, incident: Incident, of_a_leg: Collection[str] = ()) -> None:
        """Take the looks that are made once a leg, neither once a server nor once for the host."""
        self.legs = Legs(msgspec.to_builtins(incident))
        self._of_a_leg = of_a_leg
        self._evidence: dict[tuple[str, str], Evidence] = {}
        self.findings: list[Finding] = []
        self.stale: frozenset[str] = frozenset()
        """Ids of evidence that is too old to confirm anything."""

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

    def facts(self, scope: str, *, early: bool = False) -> Facts:
        """The facts as seen from a scope: its own looks, then the route's.

        With `early` also those of looks that came back and were not recorded yet. They may serve
        to start further looks, never to decide: a decision rests on what the journal holds.
        """
        return Facts(self, scope, early)

    def as_client(self, scope: str) -> Facts:
        """The facts of a scope with the URL of the walk: what a person tells the site by."""
        return Facts(self, scope, early=False, as_client=True)

    def lookup(self, name: str, scope: str, early: bool) -> tuple[Any, Evidence | None]:
        """The root value of a path and the evidence that it came from."""
        leg = self.legs.of(scope)
        if name == "incident":
            return leg.incident, None
        if name == "server":
            return self.legs.server(scope) or UNKNOWN, None
        if name == "found":
            return self._found(scope), None
        wide = leg.home if name in self._of_a_leg else ""
        evidence = self._evidence.get((name, scope)) or self._evidence.get((name, wide))
        if evidence is None or not (evidence.id or early):
            return UNKNOWN, None
        return {**evidence.facts, "looked": evidence.status}, evidence

    def _found(self, scope: str) -> dict[str, Any]:
        wide = (scope, self.legs.of(scope).name)
        here = [each.cause for each in self.findings if each.scope in wide]
        return {"causes": here, "anywhere": [each.cause for each in self.findings]}


class Facts:
    """Facts by path (`dial.outcome`), in one scope."""

    def __init__(self, known: Known, scope: str, early: bool, *, as_client: bool = False) -> None:
        self._known = known
        self._scope = scope
        self._early = early
        self._as_client = as_client

    def value(self, path: str) -> Any:
        """The value at the path, or UNKNOWN when it was not or could not be seen."""
        name, _, rest = path.partition(".")
        scope = "" if self._as_client and name == "incident" else self._scope
        value, _ = self._known.lookup(name, scope, self._early)
        for part in rest.split(".") if rest else []:
            if not isinstance(value, dict):
                return UNKNOWN
            value = value.get(part, UNKNOWN)
        return UNKNOWN if value is None else value

    def evidence(self, path: str) -> str | None:
        """Id of the evidence that the path's value comes from."""
        _, evidence = self._known.lookup(path.partition(".")[0], self._scope, self._early)
        return evidence.id if evidence else None
