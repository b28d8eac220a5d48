"""Local wall-clock stamps of logs as seconds since the epoch.

A stamp like `2026/11/21 02:30:00` has no zone. It is taken in the zone of this process, corrected
by what the file itself says: the last entry was written when the file was last modified, so a
difference of whole quarters of an hour is another zone (a container in UTC, an odd TZ). In the
hour that happens twice at the end of summer time the reading is the latest that is not after the
entry read before, since logs are read backwards.
"""

from __future__ import annotations

import time

_QUARTER = 900
_FARTHEST_ZONES = 26 * 3600
_WRITTEN_WITHIN = 2.5
"""Seconds between an entry's stamp (nginx caches the time) and the file's last modification."""
_OUT_OF_ORDER = 5.0


class LocalClock:
    """Reads the digits `YYYY?MM?DD?HH?MM?SS`; keep one a log, feed it from the newest backwards."""

    def __init__(self) -> None:
        self.offset = 0.0
        """Seconds that the log's zone is behind this process's."""
        self._known: dict[bytes, float | None] = {}
        self._newest = float("inf")

    def calibrate(self, stamp: bytes, modified: float) -> None:
        """Compare the log's last stamp with the time of its last modification."""
        self._known.clear()
        self._newest = float("inf")
        self.offset = 0.0
        readings = _readings(stamp)
        if not readings:
            return
        self._newest = max(modified, readings[0])
        if any(abs(modified - reading) <= _WRITTEN_WITHIN for reading in readings):
            return
        for reading in readings:
            quarters = round((modified - reading) / _QUARTER) * _QUARTER
            near = abs(modified - reading - quarters) <= _WRITTEN_WITHIN
            if near and abs(quarters) <= _FARTHEST_ZONES:
                self.offset = float(quarters)
                self._newest = modified
                return

    def at(self, stamp: bytes) -> float | None:
        """Seconds since the epoch, or None for what is no stamp."""
        try:
            return self._known[stamp]
        except KeyError:
            return self._read(stamp)

    def _read(self, stamp: bytes) -> float | None:
        readings = [reading + self.offset for reading in _readings(stamp)]
        if len(readings) < 2:
            self._known[stamp] = readings[0] if readings else None
        if not readings:
            return None
        latest_possible = self._newest + _OUT_OF_ORDER
        chosen = next((reading for reading in readings if reading <= latest_possible), readings[-1])
        self._newest = min(self._newest, chosen)
        return chosen


def _readings(stamp: bytes) -> list[float]:
    """The moments at which the wall clock showed this, the latest first."""
    fields = _fields(stamp)
    if fields is None:
        return []
    found = {_epoch(fields, summer) for summer in (0, 1)} - {None}
    if not found:
        # An hour that the change to summer time leaves out: another zone's clock, so be roughly it.
        found = {time.mktime((*fields, 0, 0, -1))}
    return sorted((moment for moment in found if moment is not None), reverse=True)


def _fields(stamp: bytes) -> tuple[int, int, int, int, int, int] | None:
    if len(stamp) != 19:
        return None
    try:
        year, month, day = int(stamp[:4]), int(stamp[5:7]), int(stamp[8:10])
        hour, minute, second = int(stamp[11:13]), int(stamp[14:16]), int(stamp[17:19])
    except ValueError:
        return None
    if not (1970 <= year <= 2200 and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    if hour > 23 or minute > 59 or second > 60:
        return None
    return year, month, day, hour, minute, second


def _epoch(fields: tuple[int, int, int, int, int, int], summer: int) -> float | None:
    """The moment, if the wall clock really showed this with (or without) summer time."""
    try:
        value = time.mktime((*fields, 0, 0, summer))
        back = time.localtime(value)
    except (OverflowError, ValueError):
        return None
    return value if back.tm_isdst == summer and back.tm_hour == fields[3] else None
