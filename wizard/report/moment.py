"""Moments as they are written in reports: ISO 8601, with the zone of this host."""

from __future__ import annotations

from datetime import datetime


def iso(moment: float | None) -> str | None:
    """`2026-11-21T03:10:00.250+01:00`, or None where there was no moment."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment).astimezone().isoformat(timespec="milliseconds")


def of_day(moment: float | None) -> str:
    """`2026-11-21 03:10:00 +0100`; empty where there was no moment."""
    if moment is None:
        return ""
    return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
