"""One HTTP/1 request over a stream and what came back, as a proxy would read it.

An own client because the wizard must see what a library hides: the size of the header as the
proxy counts it, garbage instead of an answer, and the moment at which the other side gave up.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Literal

import msgspec

from wizard.model.text import one_line
from wizard.probes.body import Body, read_body
from wizard.probes.streams import Stream

ExchangeOutcome = Literal["answered", "timed-out", "closed", "reset", "not-http", "too-big"]

HEADER_LIMIT = 256 * 1024
_GARBAGE_SECONDS = 0.1
_SWITCHING = 101
"""The one interim status that ends the exchange: what follows is another protocol."""
_MOST_INTERIM = 20

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
    body: Body | None = None
    interim: tuple[int, ...] = ()
    """Statuses of the answers before this one (1xx), in their order."""
    first: bytes = b""
    reason: str = ""
    errors: bytes = b""
    """What came on the error stream, where the protocol has one (FastCGI)."""

    def field(self, name: str) -> str | None:
        """The first header of that name."""
        match = re.search(rb"(?im)^%b:[ \t]*([^\r\n]*)" % re.escape(name.encode()), self.header)
        return None if match is None else one_line(match[1].decode("latin-1"), 300)

    def fields(self, name: str) -> list[str]:
        """Every header of that name, in order."""
        found = re.findall(rb"(?im)^%b:[ \t]*([^\r\n]*)" % re.escape(name.encode()), self.header)
        return [one_line(value.decode("latin-1"), 300) for value in found[:20]]

    @property
    def content(self) -> bytes:
        """The beginning of the body."""
        return self.body.content if self.body else b""


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
    interim: list[int] = []
    while True:
        try:
            while (end := _END.search(data)) is None or not data.startswith(b"HTTP/"):
                if not data.startswith(b"HTTP/"[: len(data)]):
                    return _unanswered(
                        "not-http", began, _more(stream, data), "no HTTP status line"
                    )
                if len(data) > HEADER_LIMIT:
                    said = f"no end of header in {len(data)} bytes"
                    return _unanswered("too-big", began, data, said)
                more = stream.receive(until=until)
                if not more:
                    return _unanswered("closed", began, data, trouble, interim)
                data += more
        except TimeoutError:
            return _unanswered("timed-out", began, data, "", interim)
        except OSError as error:
            return _unanswered("reset", began, data, one_line(str(error)), interim)
        match = _STATUS_LINE.match(data)
        if match is None:
            return _unanswered("not-http", began, data, "no HTTP status line")
        status = int(match["status"])
        if not 100 <= status < 200 or status == _SWITCHING or len(interim) >= _MOST_INTERIM:
            break
        interim.append(status)
        data = data[end.end() :]
    seconds = time.perf_counter() - began
    header = data[: end.end()]
    body = Body(b"", "complete")
    if status not in (204, 304) and status >= 200:
        body = read_body(stream, header, data[end.end() :], until=until)
    return Exchange(
        "answered",
        seconds,
        status,
        len(header),
        header,
        body,
        tuple(interim),
        data[:256],
    )


def _unanswered(
    outcome: ExchangeOutcome,
    began: float,
    data: bytes,
    reason: str,
    interim: Sequence[int] = (),
) -> Exchange:
    return Exchange(
        outcome,
        time.perf_counter() - began,
        interim=tuple(interim),
        first=data[:256],
        reason=reason,
    )


def _more(stream: Stream, data: bytes) -> bytes:
    """A little more of a garbage answer, enough to recognise it."""
    until = time.perf_counter() + _GARBAGE_SECONDS
    try:
        while len(data) < 80 and (more := stream.receive(until=until)):
            data += more
    except OSError:
        return data
    return data
