"""What single lines of nginx's error log say beyond their phase and failure.

The phrases are those of ngx_http_core_module.c, ngx_http_request.c and ngx_http_upstream.c.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from wizard.model.headroom import roomy
from wizard.model.text import clean
from wizard.proxies.facts import LogEntry

_TOO_LARGE = re.compile(r"client intended to send too large (?:chunked )?body: (\d{1,18})")
_INVALID_HEADER = re.compile(r'client sent invalid header line: "([\w.-]{1,60}):')
_UPGRADED = "timed out (110: Connection timed out) while proxying upgraded connection"
_ENDED = ("closed", "reset")


def details(entries: Iterable[LogEntry], url: str | None) -> dict[str, object]:
    """Fields of an ErrorLog, from its newest lines; values of headers are never kept."""
    every = list(entries)
    bodies = [int(found[1]) for each in every if (found := _TOO_LARGE.search(each.message))]
    headers = [found[1] for each in every if (found := _INVALID_HEADER.search(each.message))]
    ended = {
        _target(each.request or "")
        for each in every
        if each.failure in _ENDED and each.phase in ("send", "read-header")
    }
    split = urlsplit(url) if url else None
    here = (split.path or "/") if split else None
    return {
        "ended_targets": len(ended),
        "ended_here": here in {each.partition("?")[0] for each in ended} if here else None,
        "refused_body": bodies[0] if bodies else None,
        "room_for_bodies": f"{roomy(max(bodies), 1024**2)}m" if bodies else None,
        "dropped_headers": [clean(name) for name in dict.fromkeys(headers)],
        "upgraded_timed_out": sum(_UPGRADED in each.message for each in every),
    }


def _target(request: str) -> str:
    words = request.split(" ")
    return words[1] if len(words) > 1 else ""
