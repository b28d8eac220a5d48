"""A log_format string of nginx as a regular expression for its lines.

Every variable becomes a group that ends where the format's next literal text begins: inside
quotes at the quote (nginx escapes quotes in values), before a space at the space, except that the
`$upstream_*` variables may hold several values, separated by `, ` and ` : `.
"""

from __future__ import annotations

import calendar
import re

import msgspec

COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" '
    '$status $body_bytes_sent "$http_referer" "$http_user_agent"'
)

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_ESCAPE = re.compile(r"^\s*escape=(default|json|none)\s+")
_WANTED = frozenset(
    {
        "status", "upstream_status", "upstream_addr", "time_local", "time_iso8601", "msec",
        "request", "request_method", "request_uri", "uri", "host", "http_host", "server_name",
        "http_user_agent", "remote_addr",
    }
)  # fmt: skip
_TIMES = ("msec", "time_iso8601", "time_local")
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"


class Format(msgspec.Struct, frozen=True):
    """A format, compiled."""

    pattern: re.Pattern[bytes]
    groups: frozenset[str]
    time: str | None
    """The variable that tells the time of a line."""


def compiled(written: str | None) -> Format | None:
    """The format as an expression; None for one without variables that could be read."""
    text = written or COMBINED
    if text == "combined":
        text = COMBINED
    text = _ESCAPE.sub("", text)
    parts: list[str] = []
    seen: set[str] = set()
    place = 0
    for variable in _VARIABLE.finditer(text):
        parts.append(re.escape(text[place : variable.start()]))
        place = variable.end()
        name = variable[1] or variable[2]
        before = text[variable.start() - 1 : variable.start()]
        value = _value(name, before, text[place : place + 1])
        if name in _WANTED and name not in seen:
            seen.add(name)
            parts.append(f"(?P<{name}>{value})")
        else:
            parts.append(f"(?:{value})")
    parts.append(re.escape(text[place:]))
    if "status" not in seen:
        return None
    time = next((name for name in _TIMES if name in seen), None)
    return Format(re.compile("".join(parts).encode(), re.DOTALL), frozenset(seen), time)


def _value(name: str, before: str, after: str) -> str:
    if name == "status":
        return r"\d{3}"
    if after == '"' or before == '"':
        return r'(?:[^"\\]|\\.)*'
    if after == "]":
        return r"[^\]]*"
    if name.startswith("upstream_"):
        return r"[^\s,]*(?:(?:, | : )[^\s,]+)*"
    if name == "request":
        return r"\S*(?: \S+){0,2}"
    if name == "time_local":
        return r"\S+ [+-]\d{4}"
    if after == " " or not after:
        return r"\S*"
    return r"[^\s" + re.escape(after) + r"]*"


class AccessClock:
    """Reads `$msec`, `$time_iso8601` and `$time_local`; all of them carry their zone."""

    def __init__(self) -> None:
        self._known: dict[bytes, float | None] = {}

    def at(self, stamp: bytes) -> float | None:
        """Seconds since the epoch, or None for what is no time."""
        try:
            return self._known[stamp]
        except KeyError:
            if len(self._known) > 20_000:
                self._known.clear()
            found = self._known[stamp] = _read(stamp.decode("ascii", "replace"))
            return found


_LOCAL = re.compile(r"(\d\d)/(\w{3})/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:([+-])(\d\d):?(\d\d)|Z)")


def _read(text: str) -> float | None:
    local = _LOCAL.fullmatch(text)
    iso = None if local else _ISO.fullmatch(text)
    if local:
        day, year, month = int(local[1]), int(local[3]), _MONTHS.find(local[2]) // 3 + 1
        clock, zone = local.group(4, 5, 6), local.group(7, 8, 9)
    elif iso:
        year, month, day = int(iso[1]), int(iso[2]), int(iso[3])
        clock, zone = iso.group(4, 5, 6), iso.group(7, 8, 9)
    else:
        return float(text) if re.fullmatch(r"\d{9,11}\.\d{3}", text) else None
    hour, minute, second = (int(part) for part in clock)
    east = (int(zone[1]) * 3600 + int(zone[2]) * 60) if zone[0] else 0
    utc = calendar.timegm((year, month, day, hour, minute, second, 0, 0, 0))
    return utc + east if zone[0] == "-" else utc - east
