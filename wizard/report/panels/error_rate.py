"""How many requests failed in each minute, and a line of it that fits anywhere."""

from __future__ import annotations

from collections.abc import Sequence

from wizard.model.session import Session
from wizard.report.panels.latest import facts

_BARS = " ▁▂▃▄▅▆▇█"
_ASCII_BARS = " .:-=+*#@"
_MOST_MINUTES = 60


def errors_per_minute(session: Session) -> list[int]:
    """Oldest first: answers of 500 and above by the access log, else lines of the error log.

    Empty where neither says when.
    """
    counted = facts(session, "access").get("per_minute_5xx") or []
    if counted:
        return [int(each) for each in counted]
    known = facts(session, "errors")
    times = [entry.get("at") for entry in known.get("recent") or []]
    moments = [each for each in times if isinstance(each, int | float)]
    begin, end = known.get("from_time"), known.get("to_time")
    # A list that was cut would show the newest minute as a burst.
    if not moments or len(moments) != known.get("count") or begin is None or end is None:
        return []
    minutes = min(_MOST_MINUTES, max(1, round((end - begin) / 60)))
    each_minute = [0] * minutes
    for moment in moments:
        back = int((end - moment) // 60)
        if 0 <= back < minutes:
            each_minute[minutes - 1 - back] += 1
    return each_minute


def spark(counts: Sequence[int], *, ascii_only: bool = False) -> str:
    """One character a minute, the highest for the worst; none at all is a blank."""
    bars = _ASCII_BARS if ascii_only else _BARS
    most = max(counts, default=0)
    if not most:
        return bars[0] * len(counts)
    return "".join(
        bars[0] if count <= 0 else bars[max(1, round(count / most * (len(bars) - 1)))]
        for count in counts
    )
