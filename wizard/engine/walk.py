"""Walks the tree: at each node looks, weighs the rules, takes an edge, goes on.

A node is visited once for the route, or once a server when it says `each`. Nodes are taken in
the library's order, which every `goto` follows, so the walk ends and each step is finished for
all servers before the next begins. A rule may open a further leg (see `legs`); it is walked when
those before it are done.
"""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from wizard.engine.known import Facts, Known
from wizard.engine.legs import Leg
from wizard.engine.looking import Looks
from wizard.flows import templates
from wizard.flows.conditions import Weighing, comparisons, evaluate, paths
from wizard.flows.model import END, Library, Node, Rule
from wizard.model.address import AddressError, parse
from wizard.model.events import Decided, Entered, Event, Found, Weighed
from wizard.model.finding import Comparison, Finding

FIRST_FLOW = "answer"
"""Where a walk begins unless told otherwise: what does a client get, and whose answer is it?"""
_DETOUR_FLOW = "backend"
"""Where a detour begins: what came before does not change with the server's address."""
_BEFORE_ALL = -1
_BUILTIN = frozenset({"incident", "server", "found"})


class Visit(NamedTuple):
    """A node to be asked, for one server or for the route."""

    order: int
    turn: int
    """Place of the server among the route's servers."""
    key: str
    scope: str


class Walk:
    """A walk under way: what was decided, and what is still to be asked."""

    def __init__(
        self, library: Library, known: Known, looks: Looks, tell: Callable[[Event], None]
    ) -> None:
        self.decided: list[Decided] = []
        self._library = library
        self._known = known
        self._looks = looks
        self._tell = tell
        self._waiting: list[Visit] = []
        self._planned: set[tuple[str, str]] = set()

    @property
    def here(self) -> Visit | None:
        """What is asked next; None when no edge leads further."""
        return self._waiting[0] if self._waiting else None

    def go(self, key: str, scope: str = "") -> None:
        """Plan a node: for this server, for all of them, or once for the route.

        What was planned before is not asked again. A question about each server is passed over
        where the route has none.
        """
        if key == END:
            return
        node = self._library.node(key)
        leg = self._known.legs.of(scope)
        scopes = self._scopes(node, scope)
        if not scopes:
            self.decided.append(_skip(node, leg.name, self._tell))
            self.go(node.rules[-1].goto, leg.name)
            return
        order = leg.number * len(self._library.order) + self._library.order[key]
        for turn, each in enumerate(scopes):
            if (key, each) not in self._planned:
                self._planned.add((key, each))
                heapq.heappush(self._waiting, Visit(order, turn, key, each))

    def go_now(self, key: str, scope: str = "") -> None:
        """Plan a node before all others, even where it was asked already."""
        for turn, each in enumerate(self._scopes(self._library.node(key), scope)):
            self._planned.add((key, each))
            self._waiting = [visit for visit in self._waiting if visit[2:] != (key, each)]
            self._waiting.append(Visit(_BEFORE_ALL, turn, key, each))
        heapq.heapify(self._waiting)

    def _scopes(self, node: Node, scope: str) -> list[str]:
        """The servers that a node is asked about; the leg's own name for its route."""
        legs = self._known.legs
        leg = legs.of(scope).name
        if node.each is None:
            return [leg]
        self._looks.use(node.each.partition(".")[0], leg)
        return [scope] if scope != leg else legs.servers(leg)

    def decide(self) -> Decided:
        """Look and weigh the rules at `here`, which is done with by that.

        Raises:
            IndexError: there is nothing to be asked.
        """
        visit = heapq.heappop(self._waiting)
        node = self._library.node(visit.key)
        together = [visit.scope, *(each.scope for each in self._waiting if each.key == visit.key)]
        self._looks.start_together(looks_of(node), together)
        decision = _decide(node, visit.scope, self._known, self._looks, self._tell)
        self.decided.append(decision)
        if decision.outcome != "unknown":
            self._open(node.rules[decision.weighed[-1].rule - 1], visit.scope)
        return decision

    def _open(self, rule: Rule, scope: str) -> None:
        """Plan the leg that a rule opens, if it does."""
        facts, legs = self._known.facts(scope), self._known.legs
        leg: Leg | None = None
        flow = FIRST_FLOW
        if rule.inward and (place := _asked_at(facts.value(rule.inward))):
            leg = legs.inward(scope, place, rule.findings)
        elif rule.instead and isinstance(server := facts.value(rule.instead), dict):
            leg, flow = legs.instead(scope, server, rule.findings), _DETOUR_FLOW
        if leg is not None:
            self.go(self._library.flows[flow].nodes[0].key, leg.name)


def _asked_at(way: Any) -> dict[str, Any]:
    """What an inner leg's incident has of its own; empty where the way has no URL to ask."""
    if not isinstance(way, dict):
        return {}
    try:
        asked = parse(str(way.get("url")))
    except AddressError:
        return {}
    return {
        "url": asked.url,
        "scheme": asked.scheme,
        "host": asked.host,
        "port": asked.port,
        "path": asked.path,
        "address": way.get("address"),
    }


def walk(walked: Walk, start: str) -> None:
    """Walk from the node with this key until no edge leads further."""
    walked.go(start)
    while walked.here:
        decision = walked.decide()
        walked.go(decision.goto, decision.scope)


def looks_of(node: Node) -> tuple[str, ...]:
    """The looks that a node makes: those it names, then those its rules refer to."""
    referred = (
        path.partition(".")[0]
        for rule in node.rules
        if rule.when is not None
        for path in paths(rule.when)
    )
    return tuple(dict.fromkeys([*node.looks, *(name for name in referred if name not in _BUILTIN)]))


def _named_in(*written: str) -> list[str]:
    """The looks that templates refer to."""
    names = (hole.path.partition(".")[0] for each in written for hole in templates.holes(each))
    return [name for name in dict.fromkeys(names) if name not in _BUILTIN]


def _skip(node: Node, scope: str, tell: Callable[[Event], None]) -> Decided:
    """A question about each server, where the route has none."""
    tell(Entered(at=time.time(), node=node.key, step=node.step, ask=node.ask, scope=scope))
    decision = Decided(
        at=time.time(),
        node=node.key,
        step=node.step,
        scope=scope,
        outcome="no server",
        said="There is no server to ask about.",
        weighed=(),
        goto=node.rules[-1].goto,
    )
    tell(decision)
    return decision


def _decide(
    node: Node, scope: str, known: Known, looks: Looks, tell: Callable[[Event], None]
) -> Decided:
    ask = templates.fill(node.ask, known.facts(scope)).text
    tell(Entered(at=time.time(), node=node.key, step=node.step, ask=ask, scope=scope))
    for name in looks_of(node):
        looks.use(name, scope)
    facts = known.facts(scope)
    weighed: list[Weighed] = []
    for rule in node.rules:
        holds, compared = evaluate(rule.when, facts) if rule.when else Weighing("true", ())
        weighed.append(
            Weighed(
                rule=rule.index,
                holds=holds,
                comparisons=compared,
                finding=rule.findings[0] if rule.findings else None,
            )
        )
        if holds == "unknown":
            return _take_unknown(node, scope, facts, weighed, tell)
        if holds == "true":
            break
    looks.use_if_early(_named_in(rule.say, rule.subject), scope)
    said = templates.fill(rule.say, facts).text
    decision = Decided(
        at=time.time(),
        node=node.key,
        step=node.step,
        scope=scope,
        outcome=f"rule {rule.index}",
        said=said,
        weighed=tuple(weighed),
        goto=rule.goto,
    )
    tell(decision)
    for cause in rule.findings:
        finding = Finding(
            cause=cause,
            subject=_subject(rule, scope, facts),
            scope=scope,
            node=node.key,
            rule=rule.index,
            said=said,
            evidence=_evidence(node, rule, weighed[-1].comparisons, facts),
        )
        known.findings.append(finding)
        tell(Found(at=time.time(), finding=finding))
    return decision


def _take_unknown(
    node: Node,
    scope: str,
    facts: Facts,
    weighed: list[Weighed],
    tell: Callable[[Event], None],
) -> Decided:
    missing = [each for each in weighed[-1].comparisons if each.holds == "unknown"]
    what = ", ".join(dict.fromkeys(each.field for each in missing))
    said = f"Cannot be decided: {what} could not be looked at."
    if node.unknown and node.unknown.say:
        said = templates.fill(node.unknown.say, facts).text
    decision = Decided(
        at=time.time(),
        node=node.key,
        step=node.step,
        scope=scope,
        outcome="unknown",
        said=said,
        weighed=tuple(weighed),
        goto=node.unknown.goto if node.unknown else END,
    )
    tell(decision)
    return decision


def _subject(rule: Rule, scope: str, facts: Facts) -> str:
    if rule.subject:
        filled = templates.fill(rule.subject, facts)
        if not filled.missing:
            return filled.text
    return scope or str(facts.value("incident.url"))


def _evidence(
    node: Node, rule: Rule, compared: tuple[Comparison, ...], facts: Facts
) -> tuple[str, ...]:
    held = (each.evidence for each in compared if each.holds == "true")
    if rule.when is not None and any(True for _ in comparisons(rule.when)):
        cited = tuple(dict.fromkeys(each for each in held if each))
        if cited:
            return cited
    looked = (facts.evidence(f"{name}.looked") for name in looks_of(node))
    return tuple(dict.fromkeys(each for each in looked if each))
