"""A condition in words, for drawings and manual pages."""

from __future__ import annotations

from wizard.flows.conditions import All, Compare, Condition, Not
from wizard.flows.values import as_text

_PHRASES = {
    "is": "is",
    "not": "is not",
    "gt": ">",
    "gte": ">=",
    "lt": "<",
    "lte": "<=",
    "in": "is one of",
    "contains": "contains",
    "lacks": "lacks",
    "matches": "matches",
}


def in_words(condition: Condition) -> str:
    """Say what must hold: `dial.outcome is refused and listening.listens is no`."""
    return _said(condition, inside=False)


def _said(condition: Condition, inside: bool) -> str:
    if isinstance(condition, Compare):
        return _comparison(condition)
    if isinstance(condition, Not):
        return f"not ({_said(condition.of, inside=False)})"
    link = " and " if isinstance(condition, All) else " or "
    parts = _telling(condition) if isinstance(condition, All) else condition.of
    joined = link.join(_said(part, inside=True) for part in parts)
    return f"({joined})" if inside and len(parts) > 1 else joined


def _telling(condition: All) -> tuple[Condition, ...]:
    """Leave out `x is known` beside another comparison of `x`: only the logic needs it."""
    fields = [part.field for part in condition.of if isinstance(part, Compare)]
    return tuple(
        part
        for part in condition.of
        if not (
            isinstance(part, Compare)
            and part.operator == "known"
            and part.wanted
            and fields.count(part.field) > 1
        )
    )


def _comparison(compare: Compare) -> str:
    if compare.operator == "known":
        return f"{compare.field} is {'known' if compare.wanted else 'not known'}"
    wanted = compare.fact if compare.fact is not None else as_text(compare.wanted)
    return f"{compare.field} {_PHRASES[compare.operator]} {wanted}"
