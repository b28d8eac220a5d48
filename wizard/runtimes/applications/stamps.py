"""The time at the beginning of a line of an application's own log file."""

from __future__ import annotations

import re
from datetime import datetime

_STAMP = re.compile(
    r"^\W{0,2}(?P<day>\d{4}[-/]\d\d[-/]\d\d)[T ](?P<clock>\d\d:\d\d:\d\d)(?P<part>[.,]\d{1,9})?"
    r"\s?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)


def stamp(line: str) -> float | None:
    """Seconds since the epoch: ISO 8601 and its kin, in this host's zone where it names none."""
    match = _STAMP.match(line)
    if match is None:
        return None
    zone = {None: "", "Z": "+0000"}.get(match["zone"], match["zone"] or "").replace(":", "")
    written = f"{match['day'].replace('/', '-')} {match['clock']}{zone}"
    try:
        moment = datetime.strptime(written, f"%Y-%m-%d %H:%M:%S{'%z' if zone else ''}")
    except ValueError:
        return None
    return moment.timestamp() + float((match["part"] or ".0").replace(",", "."))
