"""One GET over FastCGI and what came back, as a proxy would read it.

The records are those of the FastCGI specification 1.0, section 8; the header in their stdout
stream is that of CGI (RFC 3875, section 6): `Status:` in place of a status line.
"""

from __future__ import annotations

import re
import struct
import time
from collections.abc import Mapping

import msgspec

from wizard.model.text import one_line
from wizard.probes.body import KEPT, Body, BodyEnd
from wizard.probes.exchange import HEADER_LIMIT, Exchange, ExchangeOutcome
from wizard.probes.streams import Stream

_HEADER = struct.Struct(">BBHHBx")
_BEGIN, _END, _PARAMS, _STDIN, _STDOUT, _STDERR = 1, 3, 4, 5, 6, 7
_RESPONDER = 1
_CONTENT = 0xFFF8
_BODY_SECONDS = 2.0
_ERRORS_LIMIT = 16 * 1024

_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_STATUS = re.compile(rb"(?im)^Status:[ \t]*(\d{3})")
_LOCATION = re.compile(rb"(?im)^Location:")


class _Answer(msgspec.Struct):
    """What was read so far."""

    raw: bytes = b""
    """Bytes that make no whole record yet."""
    first: bytes = b""
    stdout: bytes = b""
    errors: bytes = b""
    ended: bool = False

    def take(self, data: bytes) -> bool:
        """Sort the records; False when these bytes are no FastCGI."""
        self.first = (self.first + data)[:256]
        self.raw += data
        while len(self.raw) >= _HEADER.size and not self.ended:
            version, kind, _, length, padding = _HEADER.unpack_from(self.raw)
            if version != 1:
                return False
            end = _HEADER.size + length + padding
            if len(self.raw) < end:
                break
            content = self.raw[_HEADER.size : _HEADER.size + length]
            self.raw = self.raw[end:]
            if kind == _STDOUT:
                self.stdout += content
            elif kind == _STDERR:
                self.errors = (self.errors + content)[:_ERRORS_LIMIT]
            self.ended = kind == _END
        return self.first[:1] == b"\1"


def exchange(stream: Stream, variables: Mapping[str, str], *, until: float) -> Exchange:
    """Ask for the script and read the header until the moment, then a little of the body."""
    began = time.perf_counter()
    answer = _Answer()
    trouble = ""
    try:
        stream.send(request(variables), until=until)
    except TimeoutError:
        return _unanswered("timed-out", began, answer, "the request could not be sent in time")
    except OSError as error:
        trouble = one_line(str(error))  # the answer may lie there already: read on
    try:
        while (end := _END_OF_HEADER.search(answer.stdout)) is None:
            if answer.ended:
                return _unanswered("closed", began, answer, "it ended without a header")
            if len(answer.stdout) > HEADER_LIMIT:
                return _unanswered("too-big", began, answer, "no end of header")
            data = stream.receive(until=until)
            if not data:
                return _unanswered("closed", began, answer, trouble)
            if not answer.take(data):
                return _unanswered("not-http", began, answer, "no FastCGI record")
    except TimeoutError:
        return _unanswered("timed-out", began, answer, "")
    except OSError as error:
        return _unanswered("reset", began, answer, one_line(str(error)))
    seconds = time.perf_counter() - began
    complete = _read_on(stream, answer, until)
    header, content = answer.stdout[: end.end()], answer.stdout[end.end() :]
    how: dict[bool | None, BodyEnd] = {True: "complete", False: "closed", None: "unread"}
    return Exchange(
        "answered",
        seconds,
        _status(header),
        _HEADER.size + len(header),
        header,
        Body(content[:KEPT], how[complete], len(content)),
        first=answer.first,
        errors=answer.errors,
    )


def request(variables: Mapping[str, str]) -> bytes:
    """The records of one request without a body."""
    pairs = b"".join(_pair(name, value) for name, value in variables.items())
    chunks = [pairs[at : at + _CONTENT] for at in range(0, len(pairs), _CONTENT)]
    return b"".join([
        _record(_BEGIN, struct.pack(">HB5x", _RESPONDER, 0)),
        *(_record(_PARAMS, chunk) for chunk in chunks),
        _record(_PARAMS, b""),
        _record(_STDIN, b""),
    ])  # fmt: skip


def _record(kind: int, content: bytes) -> bytes:
    return _HEADER.pack(1, kind, 1, len(content), 0) + content


def _pair(name: str, value: str) -> bytes:
    key, content = (text.encode("utf-8", "surrogateescape") for text in (name, value))
    return _length(len(key)) + _length(len(content)) + key + content


def _length(length: int) -> bytes:
    return bytes((length,)) if length < 128 else struct.pack(">I", length | 1 << 31)


def _read_on(stream: Stream, answer: _Answer, until: float) -> bool | None:
    """A little more: whether the answer is complete (None: not read to its end)."""
    until = min(until + _BODY_SECONDS, time.perf_counter() + _BODY_SECONDS)
    try:
        while not answer.ended and len(answer.stdout) < HEADER_LIMIT:
            data = stream.receive(until=until)
            if not data or not answer.take(data):
                return False
    except TimeoutError:
        return None
    except OSError:
        return False
    return True if answer.ended else None


def _status(header: bytes) -> int:
    """200 where no Status says otherwise; 302 with a Location (RFC 3875, 6.2)."""
    found = _STATUS.search(header)
    if found:
        return int(found[1])
    return 302 if _LOCATION.search(header) else 200


def _unanswered(
    outcome: ExchangeOutcome, began: float, answer: _Answer, reason: str
) -> Exchange:  # fmt: skip
    took = time.perf_counter() - began
    return Exchange(outcome, took, first=answer.first, reason=reason, errors=answer.errors)
