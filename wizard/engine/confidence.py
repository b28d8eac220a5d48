"""The ladder of confidence: three rungs, one written rule each, never a number.

suspected   one kind of evidence fits
supported   two independent kinds agree, and none disagrees
confirmed   supported, and a control succeeded: with the suspected cause taken out, it works
            (or with it left in and everything else taken out, it fails just the same); what
            was seen too long before a session was resumed confirms nothing
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from wizard.engine.graph import Chain
from wizard.engine.known import Known
from wizard.flows import templates
from wizard.flows.conditions import evaluate
from wizard.flows.model import Cause
from wizard.model.evidence import Evidence
from wizard.model.finding import Confidence


class Judgement(msgspec.Struct, frozen=True):
    """A rung, the sentence that gave it, and the evidence that the sentence rests on."""

    rung: Confidence
    rule: str
    evidence: tuple[str, ...]


def judge(
    chain: Chain, known: Known, causes: Mapping[str, Cause], undecided: Collection[str] = ()
) -> Judgement:
    """The rung of a root finding.

    The kinds of evidence are those of the finding itself and of the consequences that lead from
    it to the symptom; the symptom's own request counts for no cause. What may itself be explained
    by a cause that could not be looked for (`undecided`) is never confirmed.
    """
    cause = causes[chain.root.cause]
    cited = [
        each
        for finding in chain.findings
        if causes[finding.cause].kind != "symptom"
        for each in finding.evidence
    ]
    kinds = _kinds(cited, known)
    agree = f"{_listed(kinds)} agree" if len(kinds) > 1 else f"only {_listed(kinds)} says so"
    facts = known.facts(chain.root.scope)
    against = [each for each in cause.against if evaluate(each.when, facts).truth == "true"]
    if against:
        said = templates.fill(against[0].say, facts).text
        return Judgement("suspected", f"{agree}, but: {said}", tuple(cited))
    if len(kinds) < 2:
        return Judgement("suspected", agree, tuple(cited))
    open_causes = [each for each in undecided if chain.root.cause in _effects(each, causes)]
    if open_causes:
        rule = f"{agree}; could not be looked for: {causes[open_causes[0]].title}"
        return Judgement("supported", rule, tuple(cited))
    for control in cause.control:
        weighing = evaluate(control.when, facts)
        if weighing.truth == "true":
            rests_on = tuple(each.evidence for each in weighing.comparisons if each.evidence)
            said = f"{agree}; control: {templates.fill(control.say, facts).text}"
            if old := _stale((*cited, *rests_on), known):
                return Judgement("supported", f"{said.rstrip('.')}; {old}", (*cited, *rests_on))
            return Judgement("confirmed", said, (*cited, *rests_on))
    return Judgement("supported", f"{agree}; no control was possible", tuple(cited))


def _effects(cause: str, causes: Mapping[str, Cause]) -> set[str]:
    """All that follows from a cause, directly or not."""
    effects: set[str] = set()
    waiting = [cause]
    while waiting:
        new = set(causes[waiting.pop()].explains) - effects
        effects |= new
        waiting += new
    return effects


def _stale(cited: Collection[str], known: Known) -> str:
    """Why nothing is confirmed by what was seen too long ago; empty where all of it is fresh."""
    old = [each for each in dict.fromkeys(cited) if each in known.stale]
    if not old:
        return ""
    are = "was" if len(old) == 1 else "were"
    return f"but {_joined(old)} {are} seen too long ago to confirm it: look again"


def _kinds(cited: list[str], known: Known) -> list[str]:
    every = known.by_id()
    kinds: dict[str, None] = {}

    def add(evidence: Evidence) -> None:
        if evidence.kind == "derived":
            for other in evidence.rests_on:
                if other in every:
                    add(every[other])
        else:
            kinds[evidence.kind] = None

    for each in cited:
        if each in every:
            add(every[each])
    return list(kinds)


_NAMES = {
    "incident": "the person",
    "request": "a request",
    "connection": "a connection",
    "sockets": "the socket table",
    "log": "the proxy's log",
    "config": "the configuration",
    "process": "the process table",
    "service": "the service manager",
    "journal": "the journal",
    "kernel": "the kernel",
    "names": "name resolution",
    "firewall": "the packet filter",
    "files": "the file system",
    "person": "the person",
}


def _listed(kinds: list[str]) -> str:
    return _joined([_NAMES.get(kind, kind) for kind in kinds] or ["nothing"])


def _joined(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
