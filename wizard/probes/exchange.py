"""One HTTP/1 request over a stream and what came back, as a proxy would read it.

An own client because the wizard must see what a library hides: the size of the header as the
proxy counts it, garbage instead of an answer, and the moment at which the other side gave up.
"""

from __future__ import annotations

import re
import time
from typing import Literal

import msgspec

from wizard.model.text import one_line
from wizard.probes.streams import Stream

ExchangeOutcome = Literal["answered", "timed-out", "closed", "reset", "not-http", "too-big"]

HEADER_LIMIT = 256 * 1024
BODY_LIMIT = 16 * 1024
_BODY_SECONDS = 2.0
_GARBAGE_SECONDS = 0.1

_STATUS_LINE = re.compile(rb"HTTP/\d\.\d +(?P<status>\d{3})(?=[ \r\n])")
_END = re.compile(rb"\r?\n\r?\n")


class Exchange(msgspec.Struct, frozen=True):
    """What a request brought."""

    outcome: ExchangeOutcome
    seconds: float
    """Until the header was complete, or until it failed."""
    status: int | None = None
    header_bytes: int | None = None
    """From the status line to the empty line, both included, as nginx counts its buffer."""
    header: bytes = b""
    body: bytes = b""
    body_complete: bool | None = None
    first: bytes = b""
    reason: str = ""
    errors: bytes = b""
    """What came on the error stream, where the protocol has one (FastCGI)."""

    def field(self, name: str) -> str | None:
        """The first header of that name."""
        match = re.search(rb"(?im)^%b:[ \t]*([^\r\n]*)" % re.escape(name.encode()), self.header)
        return None if match is None else one_line(match[1].decode("latin-1"), 300)


def exchange(stream: Stream, request: bytes, *, until: float) -> Exchange:
    """Send the request and read the header until the moment, then a little of the body."""
    began = time.perf_counter()
    data = b""
    trouble = ""
    try:
        stream.send(request, until=until)
    except TimeoutError:
        return _unanswered("timed-out", began, data, "the request could not be sent in time")
    except OSError as error:
        trouble = one_line(str(error))  # the answer may lie there already: read on
    try:
        while (end := _END.search(data)) is None or not data.startswith(b"HTTP/"):
            if not data.startswith(b"HTTP/"[: len(data)]):
                return _unanswered("not-http", began, _more(stream, data), "no HTTP status line")
            if len(data) > HEADER_LIMIT:
                return _unanswered("too-big", began, data, f"no end of header in {len(data)} bytes")
            more = stream.receive(until=until)
            if not more:
                return _unanswered("closed", began, data, trouble)
            data += more
    except TimeoutError:
        return _unanswered("timed-out", began, data, "")
    except OSError as error:
        return _unanswered("reset", began, data, one_line(str(error)))
    seconds = time.perf_counter() - began
    status = _STATUS_LINE.match(data)
    if status is None:
        return _unanswered("not-http", began, data, "no HTTP status line")
    header = data[: end.end()]
    body, complete = _body(stream, header, data[end.end() :], int(status["status"]), until)
    return Exchange(
        "answered",
        seconds,
        int(status["status"]),
        len(header),
        header,
        body,
        complete,
        data[:256],
    )


def _unanswered(outcome: ExchangeOutcome, began: float, data: bytes, reason: str) -> Exchange:
    return Exchange(outcome, time.perf_counter() - began, first=data[:256], reason=reason)


def _more(stream: Stream, data: bytes) -> bytes:
    """A little more of a garbage answer, enough to recognise it."""
    until = time.perf_counter() + _GARBAGE_SECONDS
    try:
        while len(data) < 80 and (more := stream.receive(until=until)):
            data += more
    except OSError:
        return data
    return data


def _body(
    stream: Stream, header: bytes, body: bytes, status: int, until: float
) -> tuple[bytes, bool | None]:
    """At most BODY_LIMIT bytes, and whether that is all of it (None: not read to its end)."""
    until = min(until + _BODY_SECONDS, time.perf_counter() + _BODY_SECONDS)
    length = re.search(rb"(?im)^content-length:[ \t]*(\d{1,15})", header)
    wanted = int(length[1]) if length else None
    chunked = re.search(rb"(?im)^transfer-encoding:[^\r\n]*chunked", header) is not None
    if status in (204, 304) or status < 200:
        return b"", True
    try:
        while len(body) < BODY_LIMIT:
            if wanted is not None and len(body) >= wanted and not chunked:
                return body[:wanted], True
            if chunked and body.endswith(b"0\r\n\r\n"):
                return _dechunked(body), True
            more = stream.receive(until=until)
            if not more:
                cut = chunked or wanted is not None
                return (_dechunked(body) if chunked else body), not cut
            body += more
    except TimeoutError:
        return (_dechunked(body) if chunked else body), None
    except OSError:
        return (_dechunked(body) if chunked else body), False
    return (_dechunked(body) if chunked else body)[:BODY_LIMIT], None


def _dechunked(body: bytes) -> bytes:
    """The content of complete and begun chunks."""
    content = b""
    while match := re.match(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r\n", body):
        size = int(match[1], 16)
        content += body[match.end() : match.end() + size]
        body = body[match.end() + size :].removeprefix(b"\r\n")
        if not size:
            break
    return content
