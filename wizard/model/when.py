"""A moment as people write it: `15m`, `-2h`, `03:10`, `2026-11-21T03:10`, `@1795230600`."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

_UNITS = {
    spelling: seconds
    for seconds, spellings in (
        (1, "s sec secs second seconds"),
        (60, "m min mins minute minutes"),
        (3600, "h hour hours"),
        (86400, "d day days"),
        (604800, "w week weeks"),
    )
    for spelling in spellings.split()
}
_AGO = re.compile(r"-?((?:\d{1,9}\s?[a-z]{1,7}\s?)+?)(?:\s?ago)?")
_AMOUNT = re.compile(r"(\d+)\s?([a-z]+)")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d{1,9})?\s?(?:Z|[+-]\d\d:?\d\d)?)?", re.I
)
EXAMPLES = "15m, 2h, -90min, 03:10, yesterday, 2026-11-21T03:10, 2026-11-21T03:10:00Z, @1795230600"


class WhenError(ValueError):
    """The text names no moment. Says what can be written instead."""


def parse(text: str, now: float) -> float:
    """Seconds since the epoch. A time of day is the last one that has passed, in local time.

    Raises:
        WhenError: the text names no moment, or one that does not exist.
    """
    written = text.strip().lower()
    try:
        moment = _moment(written, now) if written.isascii() else None
    except (ValueError, OverflowError, OSError):
        moment = None
    if moment is None or not 0 <= moment < 1e11:
        raise WhenError(f"{text!r} is no time. Write one of: {EXAMPLES}.")
    return moment


def _moment(written: str, now: float) -> float | None:
    if written == "now":
        return now
    if written in ("today", "yesterday"):
        return _midnight(now, days_back=int(written == "yesterday")).timestamp()
    if written.startswith("@"):
        return float(written[1:])
    if match := _AGO.fullmatch(written):
        return _ago(match.group(1), now)
    if match := _CLOCK.fullmatch(written):
        return _last_time_of_day(match, now)
    if _DATE.fullmatch(written):
        return _date(written).timestamp()
    return None


def _ago(amounts: str, now: float) -> float | None:
    parts = _AMOUNT.findall(amounts)
    if not all(unit in _UNITS for _, unit in parts):
        return None
    return now - sum(int(number) * _UNITS[unit] for number, unit in parts)


def _midnight(now: float, days_back: int) -> datetime:
    day = datetime.fromtimestamp(now) - timedelta(days=days_back)
    return day.replace(hour=0, minute=0, second=0, microsecond=0)


def _last_time_of_day(match: re.Match[str], now: float) -> float:
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    for days_back in (0, 1):
        moment = _midnight(now, days_back).replace(hour=hour, minute=minute, second=second)
        if moment.timestamp() <= now:
            return moment.timestamp()
    return now


def _date(written: str) -> datetime:
    # Python 3.10 reads neither a `Z` nor a zone without a colon nor seven digits of a second.
    text = written.upper().replace(" ", "T", 1).replace(" ", "").replace("Z", "+00:00")
    text = re.sub(r"\.(\d+)", lambda fraction: "." + (fraction[1] + "000000")[:6], text)
    text = re.sub(r"([+-]\d\d)(\d\d)\Z", r"\1:\2", text) if "T" in text else text
    return datetime.fromisoformat(text)
