"""Whether a request body of some size would be taken, asked without sending it.

`Expect: 100-continue` (RFC 9110, 10.1.1) asks for permission before the body is sent: what is too
large is refused with 413 at once, and anything else means that the body is waited for.
"""

from __future__ import annotations

import shlex
import time
from urllib.parse import urlsplit

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.text import clean
from wizard.probes.channel import to_front
from wizard.probes.declare import probe
from wizard.probes.exchange import exchange
from wizard.probes.request import USER_AGENT

_SECONDS = 2.0


class Announced(msgspec.Struct, frozen=True, kw_only=True):
    """What the proxy says to a body that is only announced."""

    bytes: int | None = None
    status: int | None = None
    """413 where it is too large, 100 where it would be taken; None: it waits for the body."""
    small_status: int | None = None
    """The same for a body of one byte."""


@probe(
    "http.announce", kind="request", facts=Announced, deadline=8,
    touches="two GET requests to the URL that announce a body and send none",
)  # fmt: skip
def announce(*, url: str, size: int | None = None, address: str | None = None) -> Sighting:
    """Announce a body of that size, and one of a single byte, and leave."""
    command = (
        f"curl -s -o /dev/null -w '%{{http_code}}\\n' --max-time 2 -X GET -H 'Expect: 100-continue'"
        f" -H 'Content-Length: {size}' {shlex.quote(clean(url))}"
    )
    if size is None:
        return Sighting(status="absent", reading="no size is known", command=command)
    facts = Announced(
        bytes=size, status=_status(url, address, size), small_status=_status(url, address, 1)
    )
    reading = f"{size} bytes: {facts.status or 'waits for them'}"
    return Sighting(status="present", facts=facts, reading=reading, command=command)


def _status(url: str, address: str | None, size: int) -> int | None:
    until = time.perf_counter() + _SECONDS
    stream = to_front(url, address, until=until)
    if stream is None:
        return None
    site = urlsplit(url)
    path = (site.path or "/") + (f"?{site.query}" if site.query else "")
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {site.netloc.rpartition('@')[2]}",
        f"Content-Length: {size}",
        "Expect: 100-continue",
        "Connection: close",
        f"User-Agent: {USER_AGENT}",
    )
    request = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", errors="replace")
    try:
        return exchange(stream, request, until=until).status
    finally:
        stream.close()


PROBES = (announce,)
