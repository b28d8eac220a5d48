"""The body of an answer: read to its end within bounds, and how it ended.

A client that throws the body away never notices that a page breaks off, so its end is an answer
of its own. Framing is that of RFC 9112, section 6: chunks win over a length, a length over the end
of the connection. What nginx does with a broken one is another matter; see the error log's look.
"""

from __future__ import annotations

import re
import time
from typing import Literal

import msgspec

from wizard.probes.streams import Stream

BodyEnd = Literal["complete", "closed", "reset", "stalled", "bad-chunk", "unread"]
"""`closed`, `reset`: the connection ended before the announced end. `stalled`: it began, more was
announced, and nothing came any more. `unread`: longer, or slower, than what is read here."""

KEPT = 16 * 1024
READ_LIMIT = 4 * 1024 * 1024
"""Bytes that are read to see the end; an answer may break off late."""
SECONDS = 2.0
QUIET_SECONDS = 6.0
"""How long a body of announced length may be silent before it counts as stalled."""

_STREAMS = re.compile(
    rb"(?im)^content-type:[ \t]*(text/event-stream|multipart/x-mixed-replace|application/grpc"
    rb"|application/x-ndjson|application/stream\+json)"
)
"""Bodies that are silent for long by their nature."""
_LENGTH = re.compile(rb"(?im)^content-length:[ \t]*(\d{1,15})[ \t]*\r?$")
_CHUNKED = re.compile(rb"(?im)^transfer-encoding:[^\r\n]*chunked")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LONGEST_CHUNK_LINE = 4096


class Body(msgspec.Struct, frozen=True):
    """What was read of a body."""

    content: bytes
    """Without its framing, at most KEPT bytes."""
    end: BodyEnd
    size: int = 0
    """Bytes of content that came."""
    announced: int | None = None
    """By Content-Length."""
    quiet: float = 0.0
    """Seconds without a byte before the reading ended."""

    @property
    def complete(self) -> bool | None:
        """False when it broke off; None when its end was not seen."""
        if self.end in ("stalled", "unread"):
            return None
        return self.end == "complete"


def read_body(stream: Stream, header: bytes, begun: bytes, *, until: float) -> Body:
    """Read on from the bytes that came with the header.

    Some 2 seconds at most. Where announced bytes stop coming, the next one is waited for longer,
    because only silence tells a body that stalls from a slow one; streams of events are not.
    """
    length = _LENGTH.search(header)
    chunked = _CHUNKED.search(header) is not None
    announced = int(length[1]) if length and not chunked else None
    chunks = _Chunks() if chunked else None
    content, size, data = b"", 0, begun
    began = last = time.perf_counter()
    patient = announced is not None and _STREAMS.search(header) is None

    def ended(end: BodyEnd) -> Body:
        return Body(content, end, size, announced, round(time.perf_counter() - last, 3))

    try:
        while True:
            part = chunks.take(data) if chunks else data
            if announced is not None:
                part = part[: announced - size]
            content += part[: max(0, KEPT - len(content))]
            size += len(part)
            if chunks and chunks.state != "reading":
                return ended("complete" if chunks.state == "done" else "bad-chunk")
            if announced is not None and size >= announced:
                return ended("complete")
            if size >= READ_LIMIT:
                return ended("unread")
            if time.perf_counter() - began > SECONDS:
                return ended("unread")
            moment = max(began + SECONDS, last + QUIET_SECONDS) if patient else began + SECONDS
            data = stream.receive(until=min(moment, until + SECONDS))
            if not data:
                return ended("closed" if chunks or announced is not None else "complete")
            last = time.perf_counter()
    except TimeoutError:
        silent = time.perf_counter() - last >= SECONDS - 0.1
        return ended("stalled" if silent and (chunks or announced is not None) else "unread")
    except OSError:
        return ended("reset")


class _Chunks:
    """Takes the framing of chunks off, piece by piece."""

    def __init__(self) -> None:
        self.state: Literal["reading", "done", "wrong"] = "reading"
        self._pending = b""
        self._left = 0
        """Content bytes of the present chunk that are still to come."""
        self._after_content = False

    def take(self, data: bytes) -> bytes:
        """The content in these bytes; what is not whole yet is kept for the next ones."""
        pending = self._pending + data
        content: list[bytes] = []
        while pending and self.state == "reading":
            if self._left:
                content.append(pending[: self._left])
                self._left -= len(content[-1])
                pending = pending[len(content[-1]) :]
                self._after_content = not self._left
                continue
            if self._after_content:
                if pending in (b"\r", b""):
                    break
                if not pending.startswith((b"\r\n", b"\n")):
                    self.state = "wrong"
                    break
                pending = pending[pending.index(b"\n") + 1 :]
                self._after_content = False
                continue
            line = _CHUNK_LINE.match(pending)
            if line is None:
                if b"\n" in pending or len(pending) > _LONGEST_CHUNK_LINE:
                    self.state = "wrong"
                break
            self._left = int(line[1], 16)
            pending = pending[line.end() :]
            if not self._left:
                self.state = "done"  # trailers change nothing for the content
        self._pending = pending
        return b"".join(content)
