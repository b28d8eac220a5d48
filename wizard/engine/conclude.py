"""From findings to the conclusion: verdicts, what was ruled out, what could not be looked at."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

from wizard.engine.confidence import judge
from wizard.engine.graph import Chain, chains, symptoms
from wizard.engine.known import Known
from wizard.engine.looking import Looks
from wizard.engine.preventing import preventions
from wizard.engine.proposing import proposals
from wizard.engine.walk import Walk
from wizard.engine.wording import command, writings
from wizard.flows import shell, templates
from wizard.flows.conditions import could_hold, paths
from wizard.flows.model import SYSTEM, Cause, Library, Writing
from wizard.model.change import texts
from wizard.model.events import Concluded
from wizard.model.finding import (
    Comparison,
    Confidence,
    Finding,
    Prevention,
    RuledOut,
    Untested,
    Verdict,
)
from wizard.model.scopes import proxy_of

_RANK: dict[Confidence, int] = {"confirmed": 0, "supported": 1, "suspected": 2}
_FIRST_STEP = "whose"


def conclude(library: Library, known: Known, walked: Walk, looks: Looks) -> Concluded:
    """The end of a walk: makes the looks that confirm or doubt a cause, then judges."""
    causes = library.causes
    looks.use_if_had(SYSTEM)
    here = writings(library, known.facts(""))
    found = chains(known.findings, causes, known.legs)
    for chain in found:
        looks.use_if_early(_looks_about(causes[chain.root.cause]), chain.root.scope)
    verdicts = _ranked(
        _verdict(
            chain,
            library,
            known,
            looks,
            here,
            _undecided(walked, library, known, chain.root.scope),
        )
        for chain in found
    )
    seen = symptoms(known.findings, causes)
    undecided = [
        each for each in walked.decided if each.outcome == "unknown" and each.step == _FIRST_STEP
    ]
    named = {verdict.cause for verdict in verdicts}
    consequences = dict.fromkeys(
        each.cause for each in known.findings if causes[each.cause].kind == "consequence"
    )
    status = known.facts("").value("front.status")
    outcome: Literal["healthy", "cause", "unproven"] = "healthy"
    if verdicts:
        outcome = "cause"
    elif seen or undecided:
        outcome = "unproven"
    untested = tuple(_untested(walked, library, known, here))
    return Concluded(
        at=time.time(),
        outcome=outcome,
        summary=_summary(verdicts, seen, walked),
        status=status if isinstance(status, int) else None,
        made_by=_made_by(known.findings, library),
        verdicts=tuple(verdicts),
        consequences=tuple(consequences),
        ruled_out=tuple(_ruled_out(walked, library, known, named)) if seen else (),
        untested=untested,
        preventions=_prevented(library, verdicts, found, known, looks, here),
    )


def _prevented(
    library: Library,
    verdicts: list[Verdict],
    found: Iterable[Chain],
    known: Known,
    looks: Looks,
    here: tuple[Writing, ...],
) -> tuple[Prevention, ...]:
    """What keeps the surest verdict's cause from coming back."""
    for verdict in verdicts[:1]:
        about = (verdict.cause, verdict.subject)
        roots = [each.root for each in found if (each.root.cause, each.root.subject) == about]
        return preventions(library, verdict, roots[0].scope, known, looks, here)
    return ()


def _looks_about(cause: Cause) -> list[str]:
    """The looks that a cause's controls, doubts and proposals refer to."""
    weighed = [*cause.control, *cause.against]
    conditions = [each.when for each in weighed]
    conditions += [each.when for each in cause.proposals if each.when is not None]
    written = [each.say for each in weighed]
    for proposal in cause.proposals:
        written += [proposal.title, proposal.text, proposal.undo, *proposal.touches]
        for change in proposal.changes:
            written += texts(change)
    referred = [path for condition in conditions for path in paths(condition)]
    referred += [hole.path for text in written for hole in templates.holes(text)]
    return list(dict.fromkeys(path.partition(".")[0] for path in referred))


def _ranked(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """The surest first; of the same cause about the same subject only one."""
    kept: dict[tuple[str, str], Verdict] = {}
    for verdict in sorted(verdicts, key=lambda each: _RANK[each.confidence]):
        kept.setdefault((verdict.cause, verdict.subject), verdict)
    return list(kept.values())


def _undecided(walked: Walk, library: Library, known: Known, scope: str) -> list[str]:
    """Causes that a rule asked for here, and that missing facts alone kept from being named."""
    found: dict[str, None] = {}
    leg = known.legs.of(scope)
    for decision in walked.decided:
        if decision.scope not in (scope, leg.name, leg.home):
            continue
        rules = library.node(decision.node).rules
        facts = known.facts(decision.scope)
        for weighed in decision.weighed:
            when = rules[weighed.rule - 1].when
            if weighed.holds != "true" and when is not None and could_hold(when, facts):
                found.update(dict.fromkeys(rules[weighed.rule - 1].findings))
    return list(found)


def _verdict(
    chain: Chain,
    library: Library,
    known: Known,
    looks: Looks,
    here: Sequence[Writing],
    undecided: Collection[str],
) -> Verdict:
    cause = library.causes[chain.root.cause]
    judgement = judge(chain, known, library.causes, undecided)
    facts = known.as_client(chain.root.scope)
    return Verdict(
        cause=cause.id,
        title=cause.title,
        subject=chain.root.subject,
        step=cause.step or library.node(chain.root.node).step,
        confidence=judgement.rung,
        confidence_rule=judgement.rule,
        said=chain.root.said,
        chain=tuple(each.cause for each in chain.findings),
        chain_titles=tuple(library.causes[each.cause].title for each in chain.findings),
        evidence=tuple(dict.fromkeys(judgement.evidence)),
        proposals=proposals(cause, chain.root.scope, known, looks, here),
        verify=command(shell.filled(cause.verify, facts), here),
    )


def _summary(verdicts: list[Verdict], seen: list[Finding], walked: Walk) -> str:
    if verdicts:
        return verdicts[0].said
    if seen:
        return f"{seen[0].said} No cause is proven."
    return walked.decided[-1].said if walked.decided else ""


def _made_by(findings: list[Finding], library: Library) -> dict[str, str]:
    """The last word on it: a later node may know better than the first glance."""
    for finding in reversed(findings):
        if library.causes[finding.cause].kind == "hop":
            # What an inner proxy says of itself is about the server as which the outer one asks it.
            hop = proxy_of(finding.scope) or finding.subject
            return {"hop": hop, "how": finding.said}
    return {}


def _ruled_out(walked: Walk, library: Library, known: Known, named: set[str]) -> Iterable[RuledOut]:
    """Causes that a rule looked for in vain: the look-alikes of what was named, else all."""
    found = {each.cause for each in known.findings} | named
    alike = {other for cause in named for other in library.causes[cause].look_alikes}
    told: set[tuple[str, str]] = set()
    for decision in walked.decided:
        for weighed in decision.weighed:
            cause = weighed.finding
            if weighed.holds != "false" or cause is None or cause in found:
                continue
            record = library.causes[cause]
            deciding = _deciding(weighed.comparisons)
            wanted = record.kind == "cause" and (not named or cause in alike)
            if not wanted or deciding is None or (cause, decision.scope) in told:
                continue
            if _is_ignorance(deciding, known):
                continue
            told.add((cause, decision.scope))
            yield RuledOut(
                cause=cause,
                title=record.title,
                subject=decision.scope or str(known.facts("").value("incident.url")),
                because=_in_words(deciding, known),
                evidence=(deciding.evidence,) if deciding.evidence else (),
            )


def _deciding(compared: tuple[Comparison, ...]) -> Comparison | None:
    """The first comparison that failed and rests on evidence."""
    failed = [each for each in compared if each.holds == "false"]
    return next((each for each in failed if each.evidence), None)


def _is_ignorance(comparison: Comparison, known: Known) -> bool:
    """It failed because the thing could not be looked at, which rules nothing out."""
    evidence = known.by_id().get(comparison.evidence or "")
    return evidence is not None and evidence.status in ("unreadable", "unparsed")


def _in_words(comparison: Comparison, known: Known) -> str:
    evidence = known.by_id().get(comparison.evidence or "")
    actual = "" if comparison.operator == "known" else f" ({comparison.field}: {comparison.actual})"
    return f"{evidence.reading if evidence else comparison.field}{actual}"


def _untested(
    walked: Walk, library: Library, known: Known, here: Sequence[Writing]
) -> Iterable[Untested]:
    """The looks that made a decision impossible, then those that were used and not to be had."""
    undecided: dict[str, list[str]] = {}
    for decision in walked.decided:
        for weighed in decision.weighed:
            if weighed.holds == "unknown":
                for compared in weighed.comparisons:
                    if compared.holds == "unknown" and compared.evidence:
                        causes = undecided.setdefault(compared.evidence, [])
                        causes += [weighed.finding] if weighed.finding else []
    told: set[str] = set()
    for evidence in known.by_id().values():
        if evidence.status not in ("unreadable", "unparsed"):
            continue
        if not evidence.remedy and evidence.id not in undecided:
            continue
        settle = command(evidence.remedy or evidence.command, here)
        if (settle or evidence.look) in told:
            continue
        told.add(settle or evidence.look)
        record = library.looks.get(evidence.look)
        yield Untested(
            look=record.title if record and record.title else evidence.look,
            because=evidence.reason,
            settle_with=settle,
            causes=tuple(dict.fromkeys(undecided.get(evidence.id, []))),
        )
