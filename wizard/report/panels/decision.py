"""Why a question was decided as it was: the comparisons, and the evidence that they rest on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from wizard.model.events import Decided, Weighed
from wizard.model.finding import Comparison, Truth
from wizard.model.session import Session
from wizard.model.text import one_line

_LONGEST = 70
_HELD = {
    "is": "is {actual}",
    "not": "is {actual}, not {wanted}",
    "gt": "is {actual}, more than {wanted}",
    "gte": "is {actual}, at least {wanted}",
    "lt": "is {actual}, less than {wanted}",
    "lte": "is {actual}, at most {wanted}",
    "in": "is {actual}, one of: {wanted}",
    "contains": "has {wanted}",
    "lacks": "lacks {wanted}",
    "matches": "is {actual}, which matches {wanted}",
}
_FAILED = {
    "is": "is {actual}, not {wanted}",
    "not": "is {actual}",
    "gt": "is {actual}, not more than {wanted}",
    "gte": "is {actual}, less than {wanted}",
    "lt": "is {actual}, not less than {wanted}",
    "lte": "is {actual}, more than {wanted}",
    "in": "is {actual}, none of: {wanted}",
    "contains": "lacks {wanted}",
    "lacks": "has {wanted}",
    "matches": "is {actual}, which does not match {wanted}",
}


class Compared(NamedTuple):
    """One comparison in words."""

    text: str
    """`e4 dial.outcome is refused`."""
    holds: Truth
    evidence: str
    """Id of the evidence behind it; empty for what is no look."""


class Passed(NamedTuple):
    """A rule that came before and did not hold, with the comparison that kept it from it."""

    rule: int
    finding: str
    """Id of the cause that it would have named; empty when it names none."""
    compared: Compared


class Because(NamedTuple):
    """A decision explained."""

    sentence: str
    """What was decided."""
    rule: str
    """`rule 2`, `unknown`, `no server`."""
    comparisons: tuple[Compared, ...]
    """Of the rule that was taken; empty for a last rule, which holds when no other does."""
    passed: tuple[Passed, ...]
    """The rules before it."""
    evidence: tuple[str, ...]
    """Ids that the comparisons rest on, each once."""


def because(decided: Decided, session: Session) -> Because:
    """Explain a decision."""
    taken = decided.weighed[-1].comparisons if decided.weighed else ()
    compared = tuple(_compared(each) for each in _telling(taken))
    passed = tuple(_passed(decided.weighed[:-1]))
    resting = compared or tuple(each.compared for each in passed)
    ids = dict.fromkeys(each.evidence for each in resting if each.evidence in session.evidence)
    return Because(one_line(decided.said, 600), decided.outcome, compared, passed, tuple(ids))


def _telling(compared: Iterable[Comparison]) -> list[Comparison]:
    """Without `x is known` beside another comparison of `x`: only the logic needs it."""
    every = list(compared)
    fields = [each.field for each in every]
    telling = [
        each
        for each in every
        if each.operator != "known" or each.holds != "true" or fields.count(each.field) == 1
    ]
    kept: dict[tuple[str, str, str], Comparison] = {}
    for each in telling:
        kept.setdefault((each.field, each.operator, each.wanted), each)
    return list(kept.values())


def _passed(weighed: Iterable[Weighed]) -> Iterable[Passed]:
    for each in weighed:
        failed = [one for one in each.comparisons if one.holds != "true"]
        if failed:
            yield Passed(each.rule, each.finding or "", _compared(failed[0]))


def _compared(comparison: Comparison) -> Compared:
    evidence = comparison.evidence or ""
    wanted = one_line(comparison.wanted, _LONGEST)
    words = _words(comparison).format_map(
        {"actual": one_line(comparison.actual, _LONGEST) or "empty", "wanted": wanted or "empty"}
    )
    text = " ".join(part for part in (evidence, comparison.field, words) if part)
    return Compared(one_line(text, 400), comparison.holds, evidence)


def _words(comparison: Comparison) -> str:
    if comparison.operator == "known":
        positive = (comparison.wanted == "yes") == (comparison.holds == "true")
        return "is known" if positive else "is not known"
    if comparison.holds == "unknown":
        return "could not be had"
    return (_HELD if comparison.holds == "true" else _FAILED)[comparison.operator]
