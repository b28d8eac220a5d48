"""The finding graph: which finding explains which, and which of them are roots.

A finding explains another when its cause says so and both are about the same server, or one of
them is about the whole route. A root cause is one that reaches the symptom through such links
and is itself explained by nothing. Where a finding says that one server made the answer, the
symptom is about that server: what ails its neighbours in the pool did not make this answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from wizard.flows.model import Cause
from wizard.model.finding import Finding


class Chain(msgspec.Struct, frozen=True):
    """A root finding and its way to the symptom, both ends included."""

    findings: tuple[Finding, ...]

    @property
    def root(self) -> Finding:
        """The finding that nothing explains."""
        return self.findings[0]


def chains(findings: Iterable[Finding], causes: Mapping[str, Cause]) -> list[Chain]:
    """The fullest chain of every root cause to the symptom, in the order of the findings."""
    every = _distinct(findings)
    makers = {each.scope for each in every if causes[each.cause].kind == "hop" and each.scope}
    effects = {
        index: [
            other
            for other in range(len(every))
            if other != index
            and _explains(every[index], every[other], causes)
            and not _passed_by(every[index], every[other], makers, causes)
        ]
        for index in range(len(every))
    }
    explained = {effect for index, found in effects.items() for effect in found if effect != index}
    roots = []
    for index, finding in enumerate(every):
        if causes[finding.cause].kind != "cause" or index in explained:
            continue
        way = _way_to_symptom(index, every, effects, causes)
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


def _explains(one: Finding, other: Finding, causes: Mapping[str, Cause]) -> bool:
    same = one.scope == other.scope or not one.scope or not other.scope
    return same and other.cause in causes[one.cause].explains


def _passed_by(one: Finding, other: Finding, makers: set[str], causes: Mapping[str, Cause]) -> bool:
    """The other is the symptom, made by a server that this finding is not about."""
    symptom = causes[other.cause].kind == "symptom"
    return symptom and bool(makers) and bool(one.scope) and one.scope not in makers


def _way_to_symptom(
    start: int, every: list[Finding], effects: dict[int, list[int]], causes: Mapping[str, Cause]
) -> list[int]:
    """The longest way, which leaves no link of the explanation out; empty when there is none."""
    best: dict[int, list[int]] = {}

    def way(index: int, seen: frozenset[int]) -> list[int]:
        if causes[every[index].cause].kind == "symptom":
            return [index]
        if index not in best:
            further = [way(each, seen | {index}) for each in effects[index] if each not in seen]
            longest = max(further, key=len, default=[])
            best[index] = [index, *longest] if longest else []
        return best[index]

    return way(start, frozenset({start}))
