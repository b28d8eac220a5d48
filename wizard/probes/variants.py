"""The same GET asked in other ways than the proxy asks, to see which of them a server wants.

A server that refuses the proxy's request may take it in a newer HTTP version, with the site's own
Host, behind a line of the PROXY protocol, or in HTTP/2. Which ways are worth asking depends on how
it refused; never more than five requests.
"""

from __future__ import annotations

import shlex
import time
from urllib.parse import urlsplit

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.model.text import one_line
from wizard.probes.asked_facts import Asked
from wizard.probes.asking_command import curl_command
from wizard.probes.channel import to_server
from wizard.probes.declare import probe
from wizard.probes.exchange import Exchange, exchange
from wizard.probes.first_bytes import spoken
from wizard.probes.request import USER_AGENT, upstream_host, upstream_path

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0"
"""How an HTTP/2 client begins without TLS: RFC 9113, 3.4, with an empty SETTINGS frame."""
PROXY_LINE = b"PROXY TCP4 127.0.0.1 127.0.0.1 40000 80\r\n"
"""The first line of version 1: https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt."""
_EACH_SECONDS = 3.0
_ENDED = ("closed", "reset", "not-http")


class Variants(msgspec.Struct, frozen=True, kw_only=True):
    """What each way of asking brought: a status, or 0 where no HTTP answer came.

    None where it was not asked.
    """

    asked: list[str] = []
    """The ways that were tried: `HTTP/1.1`, `Host: shop.example.com`."""
    http11_status: int | None = None
    """Over HTTP/1.1, where the proxy asks otherwise."""
    host: str | None = None
    """The site's name, where the proxy sends another Host."""
    host_status: int | None = None
    """With that Host."""
    proto_status: int | None = None
    """With `X-Forwarded-Proto: https`, for a server that redirects."""
    proxy_line_status: int | None = None
    """Behind a line of the PROXY protocol."""
    http2: bool | None = None
    """The preface of HTTP/2 was answered with HTTP/2."""
    root_status: int | None = None
    """Of `/`, asked with the Host that the proxy sends, where the URL is another one."""
    still_refused: bool | None = None
    """Asked once more as the proxy asks, after another way was taken, it refused again: what made
    the difference is the way, not the moment."""


@probe(
    "http.ask_variants", kind="request", facts=Variants, deadline=16,
    touches="at most five GET requests to the server, each asked in another way",
)  # fmt: skip
def ask_variants(*, server: Server, route: Route, asked: Asked, url: str) -> Sighting:
    """Ask in the ways that fit to how the server refused the proxy's own."""
    site = urlsplit(url)
    facts = Variants()
    if server.scheme in ("fastcgi", "uwsgi", "scgi"):
        return _sighting(facts, server, route, site.hostname)
    refused = asked.outcome == "answered" and (asked.status or 0) >= 300
    ended = asked.outcome in _ENDED
    grpc = server.scheme in ("grpc", "grpcs")
    if grpc or (route.http_version == "1.0" and (refused or ended)):
        got = _ask(server, route, version="1.1")
        facts = _with(facts, "HTTP/1.1", http11_status=_status(got))
    if (refused or ended) and site.hostname and _name(route, server) != site.hostname:
        got = _ask(server, route, host=_authority(url))
        facts = _with(facts, f"Host: {site.hostname}", host=site.hostname, host_status=_status(got))
    if refused and (asked.status or 0) < 400:
        got = _ask(server, route, fields=("X-Forwarded-Proto: https",))
        facts = _with(facts, "X-Forwarded-Proto: https", proto_status=_status(got))
    other_language = ended and not _taken(facts)
    if other_language:
        got = _ask(server, route, greeting=PROXY_LINE)
        facts = _with(facts, "PROXY protocol", proxy_line_status=_status(got))
    if other_language or grpc:
        facts = _with(facts, "HTTP/2", http2=_speaks_http2(server, route))
    site_answers = 0 < (facts.host_status or 0) < 400
    if site_answers and facts.proto_status is None and upstream_path(route) != "/":
        got = _ask(server, route, path="/")
        facts = _with(facts, "/ as the proxy asks", root_status=_status(got))
    if (refused or ended) and _taken(facts):
        got = _ask(server, route)
        facts = _with(
            facts, "again as the proxy asks", still_refused=_status(got) == (asked.status or 0)
        )  # fmt: skip
    return _sighting(facts, server, route, site.hostname)


def _taken(facts: Variants) -> bool:
    """One of the other ways brought an answer."""
    statuses = (facts.http11_status, facts.host_status, facts.proto_status, facts.proxy_line_status)
    return any(statuses)


def _ask(
    server: Server, route: Route, *, version: str | None = None, host: str | None = None,
    path: str | None = None, fields: tuple[str, ...] = (), greeting: bytes = b"",
) -> Exchange | None:  # fmt: skip
    until = time.perf_counter() + _EACH_SECONDS
    stream = to_server(server, route, until=until, greeting=greeting)
    if stream is None:
        return None
    spoken_version = version or ("1.1" if route.http_version == "1.1" else "1.0")
    lines = (
        f"GET {path or upstream_path(route)} HTTP/{spoken_version}",
        f"Host: {host or upstream_host(server, route)}",
        *fields,
        "Connection: close",
        f"User-Agent: {USER_AGENT}",
        "Accept: */*",
    )
    request = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", errors="replace")
    try:
        return exchange(stream, request, until=until)
    finally:
        stream.close()


def _speaks_http2(server: Server, route: Route) -> bool | None:
    until = time.perf_counter() + _EACH_SECONDS
    stream = to_server(server, route, until=until)
    if stream is None:
        return None
    try:
        stream.send(PREFACE, until=until)
        return spoken(stream.receive(until=until)) == "http2"
    except OSError:
        return False
    finally:
        stream.close()


def _with(facts: Variants, way: str, **found: object) -> Variants:
    return msgspec.structs.replace(facts, asked=[*facts.asked, way], **found)


def _status(got: Exchange | None) -> int:
    return (got.status if got is not None else None) or 0


def _authority(url: str) -> str:
    """Host and, unless it is the usual one, port of the URL, as a client sends them."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _name(route: Route, server: Server) -> str:
    """The host that the proxy asks for, without its port."""
    return urlsplit(f"//{upstream_host(server, route)}").hostname or ""


def _sighting(facts: Variants, server: Server, route: Route, host: str | None) -> Sighting:
    answers = {
        "HTTP/1.1": facts.http11_status,
        f"Host: {facts.host}": facts.host_status,
        "X-Forwarded-Proto: https": facts.proto_status,
        "PROXY protocol": facts.proxy_line_status,
        "/ as the proxy asks": facts.root_status,
        "again as the proxy asks": "refused again" if facts.still_refused else "answered",
        "HTTP/2": {True: "spoken", False: "not spoken", None: None}[facts.http2],
    }
    said = [f"{way}: {answers.get(way) or 'no answer'}" for way in facts.asked]
    command = curl_command(server, route).replace(" --http1.0", "")
    if host:
        command += f" -H {shlex.quote(f'Host: {host}')}"
    return Sighting(
        status="present",
        facts=facts,
        reading=one_line("; ".join(said), 120) or "no other way is worth asking",
        raw="\n".join(said),
        command=command,
    )


PROBES = (ask_variants,)
