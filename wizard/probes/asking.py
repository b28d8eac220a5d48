"""Asking an upstream server the way the proxy would ask it, past the proxy.

FastCGI and uwsgi servers get the same GET with the parameters of the route. When it fails, one more
connection is the control: plain HTTP failed but TLS works, TLS failed but plain HTTP works, neither
works but FastCGI or uwsgi does. Never more than four connections an address.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

import msgspec

from wizard.model.evidence import Sighting
from wizard.model.headroom import roomy
from wizard.model.route import Route, Server
from wizard.model.text import decode, one_line, shorten
from wizard.probes import fastcgi, uwsgi
from wizard.probes.addresses import Address, addresses_of
from wizard.probes.asked_facts import Asked, AskOutcome, reading
from wizard.probes.asking_command import curl_command
from wizard.probes.cgi import variables
from wizard.probes.connecting import Attempt, dial
from wizard.probes.declare import probe
from wizard.probes.exchange import Exchange, exchange
from wizard.probes.first_bytes import spoken, visible
from wizard.probes.request import request_bytes
from wizard.probes.streams import PlainStream, TlsStream, client_context, sni_of

_CONNECT_SECONDS = 1.5
_CONTROL_SECONDS = 0.5
_TLS_SECONDS = 2.0
"""For a server that ended the connection at once: it lives, but may serve one client at a time."""
_CONTROL_READ_SECONDS = 2.0
_MOST_ADDRESSES = 4


_DATE = re.compile(r"\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


class _Errand(msgspec.Struct, frozen=True):
    """One call of the probe: whom to ask for what, and until when."""

    server: Server
    route: Route
    address: Address
    request: bytes
    until: float
    """The moment at which everything has to be over."""

    def moment(self, seconds: float) -> float:
        return min(time.perf_counter() + seconds, self.until)


@probe(
    "http.ask", kind="request", facts=Asked, deadline=12,
    touches="one GET request to the server, with the Host and version that the proxy uses",
)  # fmt: skip
def ask(
    *,
    server: Server,
    route: Route,
    limit: float = 10.0,
    patience: float | None = None,
    addresses: list[str] | None = None,
) -> Sighting:
    """One request to the upstream server as the proxy would send it.

    Honours scheme, HTTP version, Host, SNI, unix socket and the upstream URI. Waits for the
    header as long as the proxy would (or for `patience` seconds), but at most `limit` seconds.
    `addresses` are those that the proxy's own resolver gives, where only that knows the name.
    """
    facts, raw = asked(server, route, limit=limit, patience=patience, addresses=addresses)
    return _sighting(facts, server, route, raw)


def asked(
    server: Server,
    route: Route,
    *,
    limit: float,
    patience: float | None = None,
    segment_bytes: int | None = None,
    addresses: list[str] | None = None,
) -> tuple[Asked, bytes]:
    """The answer and its bytes; `segment_bytes` limits the packets of both sides."""
    until = time.perf_counter() + limit + _CONNECT_SECONDS
    connect_limit = min(route.connect_timeout or _CONNECT_SECONDS, _CONNECT_SECONDS)
    places = addresses_of(server, limit=connect_limit * 2, known=addresses)
    if not places.found:
        return Asked(outcome="name-failed", reason=one_line(places.reason)), b""
    attempt = _first_that_connects(places.found, connect_limit, segment_bytes)
    if attempt.socket is None:
        return _not_connected(attempt), b""
    errand = _Errand(server, route, attempt.address, request_bytes(server, route), until)
    wait = min(patience or route.read_timeout or limit, limit)
    stream = PlainStream(attempt.socket)
    try:
        if server.scheme in ("https", "grpcs"):
            return _ask_tls(errand, stream, wait)
        if server.scheme == "http":
            return _ask_plain(errand, stream, wait)
        if server.scheme == "fastcgi":
            return _ask_fastcgi(errand, stream, wait)
        if server.scheme == "uwsgi":
            return _ask_uwsgi(errand, stream, wait)
        return _ask_other(errand, stream)
    finally:
        stream.close()


def _first_that_connects(
    addresses: tuple[Address, ...], limit: float, segment_bytes: int | None
) -> Attempt:
    """One address after another, as proxies try them; else the first failure."""
    failures = []
    for address in addresses[:_MOST_ADDRESSES]:
        attempt = dial(address, limit=limit, segment_bytes=segment_bytes)
        if attempt.socket is not None:
            return attempt
        failures.append(attempt)
    reached = (a for a in failures if a.outcome not in ("no-route", "unreachable"))
    return next(reached, failures[0])


def _not_connected(attempt: Attempt) -> Asked:
    outcomes: dict[str, AskOutcome] = {
        "refused": "refused",
        "timed-out": "timed-out-connecting",
        "unreachable": "unreachable",
        "no-route": "unreachable",
        "denied": "denied",
        "no-file": "no-file",
        "not-a-socket": "not-a-socket",
        "queue-full": "queue-full",
        "reset": "reset",
    }
    return Asked(
        outcome=outcomes.get(attempt.outcome, "failed"),
        seconds=round(attempt.milliseconds / 1000, 4),
        address=attempt.address.text,
        reason=attempt.error or attempt.outcome,
    )


def _ask_plain(errand: _Errand, stream: PlainStream, wait: float) -> tuple[Asked, bytes]:
    answer = exchange(stream, errand.request, until=errand.moment(wait))
    facts = _facts(answer, errand, wait)
    if answer.outcome == "answered" and not _asks_for_tls(answer):
        return facts, answer.header + answer.content
    if answer.outcome == "too-big" or facts.speaks not in ("http", "tls", "unknown", "nothing"):
        return facts, answer.first
    ended = answer.outcome in ("closed", "reset")
    speaks_tls, status = _tls_control(errand, _TLS_SECONDS if ended else _CONTROL_SECONDS)
    if speaks_tls:
        return msgspec.structs.replace(facts, speaks="tls", tls_status=status), answer.first
    if ended and not answer.first:
        facts = _other_control(facts, errand)
    return facts, answer.header + answer.content or answer.first


def _asks_for_tls(answer: Exchange) -> bool:
    """The 400 with which TLS servers answer plain HTTP (nginx, Apache, Go say so in the body)."""
    said = answer.content.lower()
    return answer.status == 400 and (b"https" in said or b"ssl" in said or b"tls" in said)


def _ask_tls(errand: _Errand, below: PlainStream, wait: float) -> tuple[Asked, bytes]:
    began = time.perf_counter()
    server_name = sni_of(errand.server, errand.route)
    stream = TlsStream(below, client_context(errand.route), server_name)
    shaken = stream.shake(until=errand.moment(wait))
    if shaken == "completed":
        if errand.server.scheme == "grpcs":
            return Asked(outcome="not-spoken", speaks="tls", address=errand.address.text), b""
        answer = exchange(stream, errand.request, until=errand.moment(wait))
        if answer.outcome == "reset" and stream.alert:
            facts = Asked(outcome="tls-failed", speaks="tls", reason=stream.reason)
            return facts, answer.first
        return _facts(answer, errand, wait), answer.header + answer.content or answer.first
    facts = Asked(
        outcome="tls-failed",
        seconds=round(time.perf_counter() - began, 4),
        waited=wait if shaken == "timed-out" else None,
        first_bytes=visible(stream.first),
        speaks=spoken(stream.first),
        address=errand.address.text,
        reason=stream.reason or shaken,
    )
    if facts.speaks == "tls":
        return facts, stream.first
    plain = _plain_control(errand)
    if plain is not None and plain.outcome == "answered":
        status = None if _asks_for_tls(plain) else plain.status
        facts = msgspec.structs.replace(facts, speaks="http", plain_status=status)
    return facts, stream.first


def _ask_fastcgi(errand: _Errand, stream: PlainStream, wait: float) -> tuple[Asked, bytes]:
    told = variables(errand.server, errand.route)
    answer = fastcgi.exchange(stream, told, until=errand.moment(wait))
    facts = msgspec.structs.replace(
        _facts(answer, errand, wait),
        script=told.get("SCRIPT_FILENAME"),
        error_stream=shorten(decode(answer.errors), 2000) or None,
    )
    if answer.outcome == "not-http" or (answer.outcome != "answered" and not answer.first):
        facts = _with_plain_control(facts, errand)
    return facts, answer.header + answer.content or answer.errors or answer.first


def _ask_uwsgi(errand: _Errand, stream: PlainStream, wait: float) -> tuple[Asked, bytes]:
    """A server that speaks HTTP may answer the packet too, with a 400."""
    request = uwsgi.packet(variables(errand.server, errand.route))
    answer = exchange(stream, request, until=errand.moment(wait))
    facts = _facts(answer, errand, wait)
    facts = msgspec.structs.replace(facts, sent_bytes=len(request) - uwsgi.HEADER_BYTES)
    if answer.outcome == "answered" and answer.status != 400:
        return msgspec.structs.replace(facts, speaks="uwsgi"), answer.header + answer.content
    return _with_plain_control(facts, errand), answer.header + answer.content or answer.first


def _ask_other(errand: _Errand, stream: PlainStream) -> tuple[Asked, bytes]:
    """For scgi and grpc: only whether plain HTTP is spoken there instead."""
    facts = Asked(outcome="not-spoken", address=errand.address.text)
    if errand.server.scheme == "grpc":
        return facts, b""
    answer = exchange(stream, errand.request, until=errand.moment(_CONTROL_READ_SECONDS))
    if answer.outcome != "answered":
        return facts, b""
    return msgspec.structs.replace(facts, speaks="http", plain_status=answer.status), answer.header


def _facts(answer: Exchange, errand: _Errand, wait: float) -> Asked:
    facts = Asked(
        outcome=answer.outcome,
        seconds=round(answer.seconds, 4),
        waited=round(wait, 3),
        first_bytes=visible(answer.first),
        speaks=spoken(answer.first),
        address=errand.address.text,
        reason=answer.reason or None,
        interim=list(answer.interim),
    )
    if answer.outcome != "answered":
        return facts
    return msgspec.structs.replace(
        facts,
        status=answer.status,
        header_bytes=answer.header_bytes,
        **_room(answer.header_bytes),
        server=answer.field("server"),
        content_type=answer.field("content-type"),
        www_authenticate=answer.field("www-authenticate") is not None,
        accel_redirect=answer.field("x-accel-redirect"),
        body_bytes=len(answer.content),
        body_start=shorten(decode(answer.content), 2000),
        **_framing(answer),
    )


def _room(header_bytes: int | None) -> dict[str, int]:
    if header_bytes is None:
        return {}
    room = roomy(header_bytes, 1024)
    return {"header_room_kb": room, "header_room_twice_kb": 2 * room}


def _framing(answer: Exchange) -> dict[str, Any]:
    """How the header says where the body ends, and where it did."""
    lengths = answer.fields("content-length")
    codings = answer.fields("transfer-encoding")
    named = [word.strip().lower() for line in codings for word in line.split(",")]
    known = {
        "content_lengths": lengths,
        "transfer_codings": codings,
        "length_invalid": len(lengths) > 1 or any(not each.isdigit() for each in lengths),
        "length_and_coding": bool(lengths and codings),
        "coding_twice": len(codings) > 1 or named.count("chunked") > 1,
        "coding_unknown": any(word not in ("chunked", "identity", "") for word in named),
    }
    if (said := _time_in(answer.field("date"))) is not None:
        ahead = round(said - time.time(), 1)
        known |= {"server_time": said, "clock_ahead": ahead, "clock_words": _apart(ahead)}
    if answer.body is not None:
        known |= {
            "body_complete": answer.body.complete,
            "body_end": answer.body.end,
            "body_size": answer.body.size,
            "body_announced": answer.body.announced,
            "body_quiet": answer.body.quiet if answer.body.end == "stalled" else None,
        }
    return known


def _time_in(date: str | None) -> float | None:
    """Seconds since the epoch of a Date header: an IMF-fixdate of RFC 9110, section 5.6.7."""
    found = _DATE.fullmatch(date.strip()) if date else None
    if found is None or found[2] not in _MONTHS:
        return None
    # email.utils would cost a tenth of the whole start.
    month = _MONTHS.index(found[2]) + 1
    fields = (int(found[3]), month, int(found[1]), int(found[4]), int(found[5]), int(found[6]))
    try:
        return datetime(*fields, tzinfo=timezone.utc).timestamp()
    except ValueError:
        return None


def _apart(seconds: float) -> str:
    way = "ahead" if seconds >= 0 else "behind"
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if abs(seconds) >= 2 * size:
            return f"{abs(seconds) / size:.0f} {unit} {way}"
    return f"{abs(seconds):.0f} seconds {way}"


def _tls_control(errand: _Errand, limit: float) -> tuple[bool, int | None]:
    """Whether the server completes a TLS handshake, and the status of the request over it."""
    attempt = dial(errand.address, limit=errand.moment(limit) - time.perf_counter())
    if attempt.socket is None:
        return False, None
    below = PlainStream(attempt.socket)
    try:
        server_name = sni_of(errand.server, errand.route)
        stream = TlsStream(below, client_context(errand.route, any_version=True), server_name)
        shaken = stream.shake(until=errand.moment(limit))
        if shaken != "completed":
            return shaken == "alert", None
        until = errand.moment(_CONTROL_READ_SECONDS)
        return True, exchange(stream, errand.request, until=until).status
    finally:
        below.close()


def _plain_control(errand: _Errand) -> Exchange | None:
    """The same request over plain HTTP, on a connection of its own."""
    with _connected(errand) as stream:
        if stream is None:
            return None
        return exchange(stream, errand.request, until=errand.moment(_CONTROL_READ_SECONDS))


def _with_plain_control(facts: Asked, errand: _Errand) -> Asked:
    plain = _plain_control(errand)
    if plain is None or plain.outcome != "answered":
        return facts
    return msgspec.structs.replace(facts, speaks="http", plain_status=plain.status)


def _other_control(facts: Asked, errand: _Errand) -> Asked:
    """Whether the same request is answered over FastCGI, or else over uwsgi."""
    told = variables(errand.server, errand.route)
    until = errand.moment(_CONTROL_READ_SECONDS)
    with _connected(errand) as stream:
        if stream is not None:
            answer = fastcgi.exchange(stream, told, until=until)
            if spoken(answer.first) == "fastcgi":
                return msgspec.structs.replace(facts, speaks="fastcgi", other_status=answer.status)
    with _connected(errand) as stream:
        if stream is not None:
            as_uwsgi = msgspec.structs.replace(errand.server, scheme="uwsgi")
            packet = uwsgi.packet(variables(as_uwsgi, errand.route))
            answer = exchange(stream, packet, until=until)
            if answer.outcome == "answered" and answer.status != 400:
                return msgspec.structs.replace(facts, speaks="uwsgi", other_status=answer.status)
    return facts


@contextmanager
def _connected(errand: _Errand) -> Iterator[PlainStream | None]:
    """A connection of its own for a control; None where none is to be had in time."""
    attempt = dial(errand.address, limit=errand.moment(_CONTROL_SECONDS) - time.perf_counter())
    if attempt.socket is None:
        yield None
        return
    stream = PlainStream(attempt.socket)
    try:
        yield stream
    finally:
        stream.close()


def _sighting(facts: Asked, server: Server, route: Route, raw: bytes) -> Sighting:
    return Sighting(
        status="present",
        facts=facts,
        reading=reading(facts, server),
        raw=shorten(decode(raw), 20_000),
        command=curl_command(server, route),
    )


PROBES = (ask,)
