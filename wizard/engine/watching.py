"""Asking a site again and again for a while, calmly, and counting what fails.

Only GET requests of the URL that is looked into, one after the other: never more than two a second,
never more than `MOST` in all. A longer time is spread over as many.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wizard.engine.look import Seen
from wizard.model.events import Watched

MOST = 600
"""Requests that one watch makes at most."""
LONGEST = 3600.0
"""Seconds that one watch takes at most."""
_APART = 0.5
_MOST_KINDS = 5
_STEP = 0.1
_UNITS = {"s": 1, "m": 60, "": 1}
_WRITTEN = re.compile(r"(\d{1,6})\s*(s|m|r|)")


class LimitError(ValueError):
    """What was typed is no limit of a watch; the text says what is."""


class Limit(NamedTuple):
    """How long to watch: so many seconds or so many requests, whichever is given."""

    seconds: float | None = None
    requests: int | None = None

    @property
    def apart(self) -> float:
        """Seconds from the beginning of one request to that of the next."""
        return _APART if self.seconds is None else max(_APART, self.seconds / MOST)

    def left(self, count: Count) -> str:
        """`46 s left`, `120 to go`."""
        if self.seconds is not None:
            return f"{max(0.0, self.seconds - count.seconds):.0f} s left"
        return f"{(self.requests or 0) - count.asked} to go"


class Count(NamedTuple):
    """What came of a watch so far."""

    asked: int = 0
    failed: int = 0
    seconds: float = 0.0
    last: str = ""
    """The newest answer, in one line."""


def limit(written: str) -> Limit:
    """`60s`, `2m` or `200r`; a number alone is seconds.

    Raises:
        LimitError: it is none of these, or too much.
    """
    match = _WRITTEN.fullmatch(written.strip().lower())
    number = int(match[1]) if match else 0
    if match is None or number == 0:
        raise LimitError(f"{written!r} is no limit. Write seconds or requests: 60s, 2m, 200r.")
    if match[2] == "r":
        if number > MOST:
            raise LimitError(f"A watch makes at most {MOST} requests: {MOST}r.")
        return Limit(requests=number)
    seconds = float(number * _UNITS[match[2]])
    if seconds > LONGEST:
        raise LimitError(f"A watch takes at most {LONGEST:.0f} seconds: {LONGEST / 60:.0f}m.")
    return Limit(seconds=seconds)


def is_well(facts: Mapping[str, Any]) -> bool:
    """The client got an answer, and no server error."""
    status = facts.get("status")
    return isinstance(status, int) and status < 500


def watch(
    ask: Callable[[], Seen],
    limit: Limit,
    told: Callable[[Count], None],
    is_over: Callable[[], bool],
    by: str = "",
) -> Watched:
    """Ask until the limit, until `is_over` says so, or until Ctrl-C; each answer is told."""
    begun = time.monotonic()
    count, failures, stopped = Count(), dict[str, int](), False
    try:
        while not _reached(limit, count):
            if is_over():
                stopped = True
                break
            next_at = time.monotonic() + limit.apart
            seen = ask()
            well = is_well(seen.facts)
            reading = seen.sighting.reading or seen.sighting.reason
            if not well:
                kind = _kind(seen)
                if kind in failures or len(failures) < _MOST_KINDS:
                    failures[kind] = failures.get(kind, 0) + 1
            count = Count(
                count.asked + 1, count.failed + (not well), time.monotonic() - begun, reading
            )
            told(count)
            while (rest := next_at - time.monotonic()) > 0 and not is_over():
                time.sleep(min(rest, _STEP))
            count = count._replace(seconds=time.monotonic() - begun)
    except KeyboardInterrupt:
        stopped = True
    return Watched(
        at=time.time(), asked=count.asked, failed=count.failed,
        seconds=round(time.monotonic() - begun, 1), failures=failures, stopped=stopped, by=by,
    )  # fmt: skip


def _reached(limit: Limit, count: Count) -> bool:
    if count.asked >= MOST or (limit.requests is not None and count.asked >= limit.requests):
        return True
    return limit.seconds is not None and count.seconds >= limit.seconds


def _kind(seen: Seen) -> str:
    """What a failed request got, without what differs from one to the next (its time)."""
    status = seen.facts.get("status")
    return str(status if isinstance(status, int) else seen.facts.get("outcome") or "no answer")
