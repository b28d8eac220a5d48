"""The finding graph: which finding explains which, and which of them are roots.

A finding explains another when its cause says so and both are about the same server, or one of
them is about the whole route. A root cause is one that reaches the symptom through such links
and is itself explained by nothing. Where a finding says that one server made the answer, the
symptom is about that server: what ails its neighbours in the pool did not make this answer.

What makes an inner proxy fail explains the finding that led inward (see `legs`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from wizard.engine.legs import Legs
from wizard.flows.model import Cause
from wizard.model.finding import Finding


class Chain(msgspec.Struct, frozen=True):
    """A root finding and its way to the symptom, both ends included."""

    findings: tuple[Finding, ...]

    @property
    def root(self) -> Finding:
        """The finding that nothing explains."""
        return self.findings[0]


def chains(findings: Iterable[Finding], causes: Mapping[str, Cause], legs: Legs) -> list[Chain]:
    """The fullest chain of every root cause to the symptom, in the order of the findings."""
    every = _distinct(findings)
    hops = {each.scope for each in every if causes[each.cause].kind == "hop"}
    makers = {
        scope for scope in hops if scope != legs.of(scope).name and not _is_backup(scope, legs)
    }
    effects = {
        index: [
            other
            for other in range(len(every))
            if other != index
            and _explains(every[index], every[other], causes, legs)
            and not _passed_by(every[index], every[other], makers, causes, legs)
        ]
        for index in range(len(every))
    }
    explained = {effect for index, found in effects.items() for effect in found if effect != index}
    caused = _caused(every, effects, causes)
    for index, finding in enumerate(every):
        if causes[finding.cause].kind != "symptom" and _fails(index, every, effects, causes):
            outer = _led_inward(finding, every, legs)
            effects[index] += outer
            # A consequence alone says that the inner proxy fails, not why.
            explained |= set(outer) if index in caused else set()
    roots = []
    for index, finding in enumerate(every):
        if causes[finding.cause].kind != "cause" or index in explained:
            continue
        way = _way_to_symptom(index, every, effects, causes, legs)
        if way:
            roots.append(Chain(tuple(every[each] for each in way)))
    return roots


def symptoms(findings: Iterable[Finding], causes: Mapping[str, Cause]) -> list[Finding]:
    """The findings that say what a client sees."""
    return [each for each in findings if causes[each.cause].kind == "symptom"]


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once; what several nodes found rests on the evidence of all of them."""
    kept: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = (finding.cause, finding.scope)
        known = kept.get(key)
        if known is None:
            kept[key] = finding
        else:
            both = tuple(dict.fromkeys((*known.evidence, *finding.evidence)))
            kept[key] = msgspec.structs.replace(known, evidence=both)
    return list(kept.values())


def _explains(one: Finding, other: Finding, causes: Mapping[str, Cause], legs: Legs) -> bool:
    if other.cause not in causes[one.cause].explains:
        return False
    leg, others = legs.of(one.scope), legs.of(other.scope)
    # What is found on a detour explains what the leg that it left says of the whole route.
    wide = other.scope == others.name and others.name in (leg.name, leg.home)
    return wide or one.scope == other.scope or one.scope == leg.name == others.name


def _passed_by(
    one: Finding, other: Finding, makers: set[str], causes: Mapping[str, Cause], legs: Legs
) -> bool:
    """The other is the symptom, made by a server that this finding is not about."""
    leg = legs.of(one.scope)
    scope = one.scope if leg.name == leg.home else leg.behind
    made = {maker for maker in makers if legs.of(maker).name == leg.home}
    symptom = causes[other.cause].kind == "symptom"
    return symptom and bool(made) and scope != leg.home and scope not in made


def _is_backup(scope: str, legs: Legs) -> bool:
    """It is asked only because the others failed, so what ails them did lead to its answer."""
    return bool((legs.server(scope) or {}).get("backup"))


def _fails(
    index: int,
    every: list[Finding],
    effects: dict[int, list[int]],
    causes: Mapping[str, Cause],
) -> bool:
    """It explains a symptom by itself."""
    return any(causes[every[each].cause].kind == "symptom" for each in effects[index])


def _caused(
    every: list[Finding], effects: dict[int, list[int]], causes: Mapping[str, Cause]
) -> set[int]:
    """The causes and all that follows from one of them."""
    found: set[int] = set()
    waiting = [index for index, each in enumerate(every) if causes[each.cause].kind == "cause"]
    while waiting:
        index = waiting.pop()
        if index not in found:
            found.add(index)
            waiting += effects[index]
    return found


def _led_inward(finding: Finding, every: list[Finding], legs: Legs) -> list[int]:
    """The findings about the server that this leg is behind, by which the walk came here."""
    leg = legs.of(finding.scope)
    leg = legs.of(leg.home)
    return [
        index
        for index, each in enumerate(every)
        if leg.name and each.scope == leg.behind and each.cause in leg.found_as
    ]


def _way_to_symptom(
    start: int,
    every: list[Finding],
    effects: dict[int, list[int]],
    causes: Mapping[str, Cause],
    legs: Legs,
) -> list[int]:
    """The longest way, which leaves no link of the explanation out; empty when there is none."""
    best: dict[int, list[int]] = {}

    def way(index: int, seen: frozenset[int]) -> list[int]:
        if causes[every[index].cause].kind == "symptom":
            return [] if legs.of(every[index].scope).home else [index]
        if index not in best:
            further = [way(each, seen | {index}) for each in effects[index] if each not in seen]
            longest = max(further, key=len, default=[])
            best[index] = [index, *longest] if longest else []
        return best[index]

    return way(start, frozenset({start}))
