"""Conditions are data: `field|op: value`, weighed in Kleene's three-valued logic.

A fact that could not be had (missing, or None) makes its comparison unknown, never false; only
`known` is never unknown. Every comparison is kept, so that a decision can be explained.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, Final, Literal, NamedTuple, Protocol, get_args

import msgspec

from wizard.flows.values import as_text
from wizard.model.finding import Comparison, Truth

Operator = Literal[
    "is", "not", "gt", "gte", "lt", "lte", "in", "contains", "lacks", "matches", "known"
]
"""`is` is written by leaving the operator out."""

OPERATORS: tuple[str, ...] = get_args(Operator)


class Unknown(Enum):
    """The type of `UNKNOWN`."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
"""What `Facts.value` gives for a fact that could not be had."""


class Facts(Protocol):
    """What is known at one place of the walk."""

    def value(self, path: str) -> Any:
        """The fact at `look.field`, or UNKNOWN (None means the same)."""

    def evidence(self, path: str) -> str | None:
        """Id of the evidence that the fact comes from."""


class Compare(msgspec.Struct, frozen=True, tag="compare", omit_defaults=True):
    """One `field|op: value`."""

    field: str
    operator: Operator
    wanted: Any = None
    fact: str | None = None
    """The path on the right side, for `{fact: look.field}`."""


class All(msgspec.Struct, frozen=True, tag="all"):
    """Holds when all hold."""

    of: tuple[Condition, ...]


class AnyOf(msgspec.Struct, frozen=True, tag="any"):
    """Holds when one holds."""

    of: tuple[Condition, ...]


class Not(msgspec.Struct, frozen=True, tag="not"):
    """Holds when the other does not."""

    of: Condition


Condition = Compare | All | AnyOf | Not


class Weighing(NamedTuple):
    """How a condition came out, with every comparison in the order in which it is written."""

    truth: Truth
    comparisons: tuple[Comparison, ...]


def evaluate(condition: Condition, facts: Facts) -> Weighing:
    """Weigh the condition; all comparisons are made, whatever the first ones say."""
    kept: list[Comparison] = []
    truth = _weigh(condition, facts, kept)
    return Weighing(truth, tuple(kept))


def could_hold(condition: Condition, facts: Facts) -> bool:
    """Whether it does not hold only because facts are missing, also those behind `|known: true`."""
    return _lifted(condition, facts) == "unknown"


def _lifted(condition: Condition, facts: Facts) -> Truth:
    if isinstance(condition, Compare):
        guard = condition.operator == "known" and condition.wanted is True
        if guard and _missing(facts.value(condition.field)):
            return "unknown"
        return _compare(condition, facts).holds
    if isinstance(condition, Not):
        return opposite(_lifted(condition.of, facts))
    truths = [_lifted(part, facts) for part in condition.of]
    return both(truths) if isinstance(condition, All) else either(truths)


def paths(condition: Condition) -> tuple[str, ...]:
    """All facts that the condition refers to, in order, each once."""
    return tuple(dict.fromkeys(_paths(condition)))


def comparisons(condition: Condition) -> Iterator[Compare]:
    """All comparisons of the condition, in order."""
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, Not):
        yield from comparisons(condition.of)
    else:
        for part in condition.of:
            yield from comparisons(part)


def both(truths: list[Truth]) -> Truth:
    """Kleene's conjunction; true when there is nothing."""
    if "false" in truths:
        return "false"
    return "unknown" if "unknown" in truths else "true"


def either(truths: list[Truth]) -> Truth:
    """Kleene's disjunction; false when there is nothing."""
    if "true" in truths:
        return "true"
    return "unknown" if "unknown" in truths else "false"


def opposite(truth: Truth) -> Truth:
    """Kleene's negation."""
    turned: dict[Truth, Truth] = {"true": "false", "false": "true", "unknown": "unknown"}
    return turned[truth]


def _paths(condition: Condition) -> Iterator[str]:
    for compare in comparisons(condition):
        yield compare.field
        if compare.fact is not None:
            yield compare.fact


def _weigh(condition: Condition, facts: Facts, kept: list[Comparison]) -> Truth:
    if isinstance(condition, Compare):
        comparison = _compare(condition, facts)
        kept.append(comparison)
        return comparison.holds
    if isinstance(condition, Not):
        return opposite(_weigh(condition.of, facts, kept))
    truths = [_weigh(part, facts, kept) for part in condition.of]
    return both(truths) if isinstance(condition, All) else either(truths)


def _compare(compare: Compare, facts: Facts) -> Comparison:
    actual = facts.value(compare.field)
    wanted = compare.wanted if compare.fact is None else facts.value(compare.fact)
    return Comparison(
        field=compare.field,
        operator=compare.operator,
        wanted=_wanted_text(compare, wanted),
        actual="unknown" if _missing(actual) else as_text(actual, compare.field),
        holds=_holds(compare.operator, actual, wanted),
        evidence=facts.evidence(compare.field),
    )


def _wanted_text(compare: Compare, wanted: Any) -> str:
    if compare.fact is None:
        return as_text(wanted)
    shown = "unknown" if _missing(wanted) else as_text(wanted, compare.fact)
    return f"{compare.fact} ({shown})"


def _missing(value: Any) -> bool:
    return value is None or value is UNKNOWN


def _holds(operator: Operator, actual: Any, wanted: Any) -> Truth:
    if operator == "known":
        return _truth(_missing(actual) is not bool(wanted))
    if _missing(actual) or _missing(wanted):
        return "unknown"
    try:
        return _truth(_TESTS[operator](actual, wanted))
    except TypeError:
        # Facts of another type than declared: nothing can be said.
        return "unknown"


def _truth(value: bool) -> Truth:
    return "true" if value else "false"


def _contains(actual: Any, wanted: Any) -> bool:
    if isinstance(actual, (str, list, tuple, set, frozenset, Mapping)):
        return wanted in actual
    raise TypeError(actual)


def _matches(actual: Any, wanted: Any) -> bool:
    texts = [actual] if isinstance(actual, str) else actual
    return any(re.search(wanted, text) is not None for text in texts)


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda actual, wanted: bool(actual == wanted),
    "not": lambda actual, wanted: bool(actual != wanted),
    "gt": lambda actual, wanted: bool(actual > wanted),
    "gte": lambda actual, wanted: bool(actual >= wanted),
    "lt": lambda actual, wanted: bool(actual < wanted),
    "lte": lambda actual, wanted: bool(actual <= wanted),
    "in": lambda actual, wanted: _contains(wanted, actual),
    "contains": _contains,
    "lacks": lambda actual, wanted: not _contains(actual, wanted),
    "matches": _matches,
}
