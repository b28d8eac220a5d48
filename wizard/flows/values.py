"""How a fact is shown to a person: numbers, lists, places, times."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

import msgspec

_TIMES = frozenset({"at", "since", "until", "started", "loaded", "changed", "begins", "expires"})


def as_text(value: Any, path: str = "", now: float | None = None) -> str:
    """The value in words; `path` tells a time from a number, `now` today from other days."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        if value > 0 and is_time(path):
            return clock(value, now)
        return number(value)
    if isinstance(value, str):
        return value
    if value is None:
        return "unknown"
    if isinstance(value, Mapping):
        return _mapping(value, now)
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(as_text(each, path, now) for each in value)
    if isinstance(value, msgspec.Struct) and type(value).__str__ is msgspec.Struct.__str__:
        return _mapping(msgspec.structs.asdict(value), now)
    return str(value)


def is_time(path: str) -> bool:
    """The field holds seconds since the epoch, by its name."""
    field = path.rpartition(".")[2]
    return field in _TIMES or field.endswith("_at")


def number(value: float) -> str:
    """At most three significant digits behind the point, none for whole numbers."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return str(value)
    if value == int(value) or abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.3g}"


def milliseconds(seconds: float) -> str:
    """A duration given in seconds, in milliseconds, without the unit."""
    return number(float(f"{seconds * 1000:.3g}"))


def clock(at: float, now: float | None = None) -> str:
    """Local time of day, with the date when it is not today's."""
    then = time.localtime(at)
    today = time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    return time.strftime("%Y-%m-%d %H:%M:%S", then)


def ago(at: float, now: float) -> str:
    """How long before `now`, in the largest unit that fits: `3 min ago`."""
    gone = now - at
    for size, unit in ((86400, "days"), (3600, "h"), (60, "min")):
        if gone >= 2 * size:
            return f"{gone / size:.0f} {unit} ago"
    return f"{max(0.0, gone):.0f} s ago"


def _mapping(value: Mapping[str, Any], now: float | None) -> str:
    if set(value) == {"file", "line"}:
        return f"{value['file']}:{value['line']}"
    if "name" in value:
        return as_text(value["name"])
    return ", ".join(f"{key}={as_text(each, str(key), now)}" for key, each in value.items())
