"""The handshake of a WebSocket, past the proxy and through it: RFC 6455, 4.1."""

from __future__ import annotations

import base64
import os
import shlex
import time
from urllib.parse import urlsplit

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.model.text import clean
from wizard.probes.channel import to_front, to_server
from wizard.probes.declare import probe
from wizard.probes.exchange import exchange
from wizard.probes.request import USER_AGENT, upstream_path
from wizard.probes.streams import Stream

_SECONDS = 4.0


class Handshakes(msgspec.Struct, frozen=True, kw_only=True):
    """The status of the same handshake on both ways; 101 means that the socket is open."""

    direct_status: int | None = None
    """From the server; None where no HTTP answer came."""
    front_status: int | None = None
    """Through the proxy."""


@probe(
    "http.upgrade", kind="request", facts=Handshakes, deadline=9,
    touches="one WebSocket handshake (a GET) to the server and one through the proxy",
)  # fmt: skip
def upgrade(*, server: Server, route: Route, url: str, address: str | None = None) -> Sighting:
    """Ask for a WebSocket, directly and as a client; an open one is closed at once."""
    site = urlsplit(url)
    host = site.netloc.rpartition("@")[2]
    until = time.perf_counter() + _SECONDS
    facts = Handshakes()
    if server.scheme in ("http", "https"):
        request = _request(upstream_path(route), host, site.scheme)
        status = _shake(to_server(server, route, until=until), request, until)
        facts = Handshakes(direct_status=status)
    if facts.direct_status is not None:
        until = time.perf_counter() + _SECONDS
        path = (site.path or "/") + (f"?{site.query}" if site.query else "")
        request = _request(path, host, site.scheme)
        status = _shake(to_front(url, address, until=until), request, until)
        facts = Handshakes(direct_status=facts.direct_status, front_status=status)
    return Sighting(
        status="present",
        facts=facts,
        reading=f"handshake: {facts.direct_status or 'no answer'} directly, "
        f"{facts.front_status or 'no answer'} through the proxy",
        command="curl -si -N --http1.1 --max-time 5 -H 'Connection: Upgrade' "
        "-H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' "
        f"-H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==' {shlex.quote(clean(url))}",
    )


def _request(path: str, host: str, scheme: str) -> bytes:
    lines = (
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}",
        f"Origin: {scheme}://{host}",
        f"User-Agent: {USER_AGENT}",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", errors="replace")


def _shake(stream: Stream | None, request: bytes, until: float) -> int | None:
    if stream is None:
        return None
    try:
        return exchange(stream, request, until=until).status
    finally:
        stream.close()


PROBES = (upgrade,)
