"""How long a server keeps an idle connection open, measured on one connection."""

from __future__ import annotations

import re
import time

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.probes.channel import to_server
from wizard.probes.declare import probe
from wizard.probes.exchange import HEADER_LIMIT
from wizard.probes.request import USER_AGENT, upstream_host, upstream_path
from wizard.probes.streams import Stream

_ANSWER_SECONDS = 5.0


class Idle(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a connection that was left alone after an answer."""

    status: int | None = None
    kept: bool | None = None
    """The answer did not announce the end of the connection."""
    seconds: float | None = None
    """After which the server closed it, or how long it announces to keep it (Keep-Alive); None
    where it was still open when the look ended."""
    waited: float | None = None
    shorter: int | None = None
    """Whole seconds that a proxy may keep it without meeting the end; None where that is none."""


@probe(
    "http.idle", kind="connection", facts=Idle, deadline=22,
    touches="one HEAD request to the server, whose connection is left idle for some seconds",
)  # fmt: skip
def idle(*, server: Server, route: Route, limit: float = 12.0) -> Sighting:
    """One HEAD request over HTTP/1.1, and then nothing until the server closes.

    HEAD, because nothing of a body may be left unread on an idle connection.
    """
    command = (
        f"printf 'HEAD {upstream_path(route)} HTTP/1.1\\r\\nHost: {upstream_host(server, route)}"
        f"\\r\\n\\r\\n' | (cat; sleep {limit:g}) | nc {server.host or ''} {server.port or ''}"
    )
    until = time.perf_counter() + _ANSWER_SECONDS
    stream = None if server.scheme not in ("http", "https") else to_server(
        server, route, until=until
    )  # fmt: skip
    if stream is None:
        return Sighting(status="unreadable", reason="no connection", command=command)
    try:
        facts = _watch(stream, _request(server, route), until, limit)
    finally:
        stream.close()
    said = {True: f"closed after {facts.seconds} s", False: f"open after {facts.waited} s"}
    reading = said[facts.seconds is not None] if facts.kept else "does not keep connections"
    return Sighting(status="present", facts=facts, reading=reading, command=command)


def _request(server: Server, route: Route) -> bytes:
    lines = (
        f"HEAD {upstream_path(route)} HTTP/1.1",
        f"Host: {upstream_host(server, route)}",
        f"User-Agent: {USER_AGENT}",
        "Accept: */*",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", errors="replace")


def _watch(stream: Stream, request: bytes, until: float, limit: float) -> Idle:
    header = b""
    try:
        stream.send(request, until=until)
        while b"\r\n\r\n" not in header and len(header) < HEADER_LIMIT:
            more = stream.receive(until=until)
            if not more:
                return Idle()
            header += more
    except OSError:
        return Idle()
    status = re.match(rb"HTTP/\d\.\d (\d{3})", header)
    ends = re.search(rb"(?im)^connection:[^\r\n]*\bclose\b", header) or header[:8] == b"HTTP/1.0"
    facts = Idle(status=int(status[1]) if status else None, kept=not ends)
    if ends:
        return facts
    began = time.perf_counter()
    closed = _closed(stream, began + limit)
    waited = round(time.perf_counter() - began, 1)
    announced = re.search(rb"(?im)^keep-alive:[^\r\n]*\btimeout=(\d{1,6})", header)
    seconds = waited if closed else float(announced[1]) if announced else None
    shorter = int(seconds) - 1 if seconds is not None and seconds >= 2 else None
    return msgspec.structs.replace(facts, seconds=seconds, waited=waited, shorter=shorter)


def _closed(stream: Stream, until: float) -> bool:
    try:
        while stream.receive(until=until):
            pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True


PROBES = (idle,)
