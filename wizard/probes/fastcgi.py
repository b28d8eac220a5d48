"""The smallest FastCGI conversation: asking a server for its limits, which runs no application."""

from __future__ import annotations

import time
from typing import Literal

import msgspec

from wizard.model.text import one_line
from wizard.probes.streams import Stream

_NAMES = b"".join(bytes((len(name), 0)) + name for name in (b"FCGI_MAX_CONNS", b"FCGI_MAX_REQS"))
# Version 1, FCGI_GET_VALUES (9), request 0, the length of the names, no padding.
_GET_VALUES = bytes((1, 9, 0, 0, 0, len(_NAMES), 0, 0)) + _NAMES


class Greeted(msgspec.Struct, frozen=True):
    """What came back."""

    outcome: Literal["answered", "timed-out", "closed", "reset"]
    seconds: float
    first: bytes = b""
    reason: str = ""


def greet(stream: Stream, *, until: float) -> Greeted:
    """Send FCGI_GET_VALUES and wait for the first bytes of an answer, whatever they are."""
    began = time.perf_counter()
    try:
        stream.send(_GET_VALUES, until=until)
        first = stream.receive(until=until)
    except TimeoutError:
        return Greeted("timed-out", time.perf_counter() - began)
    except OSError as error:
        return Greeted("reset", time.perf_counter() - began, reason=one_line(str(error)))
    return Greeted("answered" if first else "closed", time.perf_counter() - began, first)
