"""Lengths of time as a person types them: `90s`, `10m`, `24h`, `30d`, `2w`."""

from __future__ import annotations

import re

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_WRITTEN = re.compile(r"(\d{1,9})\s*(s|m|h|d|w|)", re.ASCII)
EXAMPLES = "90s, 10m, 24h, 30d"


class SpanError(ValueError):
    """Not a length of time; the text says how one is written."""


def seconds(written: str) -> float:
    """The seconds in it; a number alone is seconds.

    Raises:
        SpanError: it is none.
    """
    found = _WRITTEN.fullmatch(written.strip().lower())
    if found is None:
        raise SpanError(f"{written!r} is no length of time. Write for example: {EXAMPLES}")
    return float(found[1]) * _UNITS[found[2] or "s"]


def rounded(length: float) -> str:
    """`40 s`, `25 min`, `3 h`, `12 d`: as much as a person needs of it."""
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if length >= 2 * size:
            return f"{length / size:.0f} {unit}"
    return f"{max(0.0, length):.0f} s"
