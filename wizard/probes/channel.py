"""An open connection to a server of the route, or to the site's front door, TLS included."""

from __future__ import annotations

import time

from wizard.model.address import AddressError, parse
from wizard.model.route import Route, Server
from wizard.probes.addresses import Address, addresses_of, look_up
from wizard.probes.connecting import dial
from wizard.probes.streams import PlainStream, Stream, TlsStream, client_context, sni_of

_CONNECT_SECONDS = 1.5
_MOST_ADDRESSES = 4


def to_server(
    server: Server, route: Route, *, until: float, greeting: bytes = b""
) -> Stream | None:
    """Connect as the proxy would; the greeting goes out before any TLS. None: it did not work."""
    addresses = addresses_of(server, limit=_CONNECT_SECONDS)
    plain = _first(addresses.found, until)
    if plain is None:
        return None
    try:
        if greeting:
            plain.send(greeting, until=until)
    except OSError:
        plain.close()
        return None
    if server.scheme not in ("https", "grpcs"):
        return plain
    return _secured(TlsStream(plain, client_context(route), sni_of(server, route)), until)


def to_front(url: str, address: str | None, *, until: float) -> Stream | None:
    """Connect as a client of the site would."""
    try:
        asked = parse(url)
    except AddressError:
        return None
    names = look_up(address or asked.host, asked.port, limit=_CONNECT_SECONDS)
    plain = _first(names.found, until)
    if plain is None or asked.scheme != "https":
        return plain
    return _secured(TlsStream(plain, client_context(Route(found=True)), asked.host), until)


def _first(addresses: tuple[Address, ...], until: float) -> PlainStream | None:
    for address in addresses[:_MOST_ADDRESSES]:
        left = until - time.perf_counter()
        if left <= 0:
            return None
        attempt = dial(address, limit=min(left, _CONNECT_SECONDS))
        if attempt.socket is not None:
            return PlainStream(attempt.socket)
    return None


def _secured(stream: TlsStream, until: float) -> Stream | None:
    if stream.shake(until=until) == "completed":
        return stream
    stream.close()
    return None
