"""Moments as they are written in reports: ISO 8601, with the offset from UTC.

The zone is that of the host that was looked at, as the session recorded it when it began: two
people in two zones get the same report. What says nothing of a zone (older tapes) is told in UTC.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from wizard.model.session import Session

_FURTHEST = 24 * 3600 - 1
"""Seconds; datetime knows no offset beyond."""


def zone_of(session: Session) -> timezone:
    """The zone in which times of this session are told."""
    seconds = session.incident.utc_offset if session.incident else None
    return timezone(timedelta(seconds=max(-_FURTHEST, min(_FURTHEST, seconds or 0))))


def iso(moment: float | None, zone: timezone | None = None) -> str | None:
    """`2026-11-21T03:10:00.250+01:00`, or None where there was no moment."""
    when = _when(moment, zone)
    return when.isoformat(timespec="milliseconds") if when else None


def of_day(moment: float | None, zone: timezone | None = None) -> str:
    """`2026-11-21 03:10:00 +0100`; empty where there was no moment."""
    when = _when(moment, zone)
    return when.strftime("%Y-%m-%d %H:%M:%S %z") if when else ""


def clock(moment: float | None, zone: timezone | None = None) -> str:
    """`03:10:00`; empty where there was no moment."""
    when = _when(moment, zone)
    return when.strftime("%H:%M:%S") if when else ""


def day(moment: float | None, zone: timezone | None = None) -> str:
    """`2026-11-21`; empty where there was no moment."""
    when = _when(moment, zone)
    return when.strftime("%Y-%m-%d") if when else ""


def _when(moment: float | None, zone: timezone | None) -> datetime | None:
    """In the zone, or in that of this process; None for what no calendar has."""
    if moment is None:
        return None
    try:
        return datetime.fromtimestamp(moment, timezone.utc).astimezone(zone)
    except (ValueError, OverflowError, OSError):  # a tape may say anything
        return None
