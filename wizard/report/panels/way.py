"""Where an open question can lead, each way named by the question that waits there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from wizard.flows import templates
from wizard.flows.conditions import UNKNOWN
from wizard.flows.model import END, Library
from wizard.model.events import Decided
from wizard.model.session import Session
from wizard.model.text import one_line
from wizard.report.panels.latest import latest, servers

_EACH = "each server"


class Choice(NamedTuple):
    """One way on."""

    goto: str
    """A node's key, or `end`."""
    label: str
    """The question that waits there."""
    recommended: bool
    """The way that was decided."""
    step: str
    """Of the node; empty for the end."""


def choices(
    library: Library, decided: Decided, ways: Iterable[str] = (), session: Session | None = None
) -> tuple[Choice, ...]:
    """The ways of a decided question (`Investigation.ways`), the decided one first.

    Without the ways they are those of the node's rules.
    """
    node = library.node(decided.node)
    every = list(ways) or [decided.goto, *(rule.goto for rule in node.rules)]
    return tuple(
        Choice(
            goto,
            question(library, goto, decided.scope, session),
            goto == decided.goto,
            "" if goto == END else library.node(goto).step,
        )
        for goto in dict.fromkeys(every)
    )


def question(library: Library, key: str, scope: str = "", session: Session | None = None) -> str:
    """What a node asks, with the server's name filled in; or what the end is."""
    if key == END:
        return "No further question: the verdict."
    node = library.node(key)
    known = _Known(session, scope or _only_server(session), asks_each=node.each is not None)
    return one_line(templates.fill(node.ask, known).text, 300)


def _only_server(session: Session | None) -> str:
    names = [scope for scope, _ in servers(session)] if session else []
    return names[0] if len(names) == 1 else ""


class _Known:
    """The facts of a session, for the holes of a question."""

    def __init__(self, session: Session | None, scope: str, *, asks_each: bool) -> None:
        self._session = session
        self._scope = scope
        self._asks_each = asks_each

    def value(self, path: str) -> Any:
        """The fact at the path, of the last evidence."""
        if path == "server.name":
            return self._scope or (_EACH if self._asks_each else UNKNOWN)
        look, _, rest = path.partition(".")
        value = self._root(look)
        for part in rest.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return UNKNOWN if value is None else value

    def evidence(self, path: str) -> str | None:
        """Not asked for when a text is filled in."""
        return None

    def _root(self, look: str) -> Any:
        if self._session is None:
            return None
        if look == "incident":
            incident = self._session.incident
            return {"url": incident.url, "started": incident.started} if incident else None
        seen = latest(self._session, look, self._scope) or latest(self._session, look)
        return seen.facts if seen else None
