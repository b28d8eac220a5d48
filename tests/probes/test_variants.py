"""Asking in other ways: what is worth asking, and what each way brings."""

from __future__ import annotations

import socket
import time

from tests.probes.loopback import Handler, answering, closing, resetting, route, serving
from wizard.model.route import Route, Server
from wizard.probes.asked_facts import Asked
from wizard.probes.http import Front, front
from wizard.probes.idle import Idle, idle
from wizard.probes.variants import PREFACE, Variants, ask_variants
from wizard.probes.websocket import Handshakes, upgrade

URL = "http://shop.example.com/cart"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REFUSED = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def varied(server: Server, asked: Asked, **way: object) -> Variants:
    plain = {"http_version": "1.0", "host_header": "backend", "upstream_uri": "/cart"}
    sighting = ask_variants(server=server, route=route(**{**plain, **way}), asked=asked, url=URL)
    assert isinstance(sighting.facts, Variants)
    assert sighting.reading
    return sighting.facts


def choosy(wanted: bytes, otherwise: bytes = REFUSED, seen: list[bytes] | None = None) -> Handler:
    """Answer well only where the request has these bytes."""

    def handle(connection: socket.socket) -> None:
        request = connection.recv(65536)
        if seen is not None:
            seen.append(request)
        if wanted in request:
            connection.sendall(OK)
        elif otherwise:
            connection.sendall(otherwise)

    return handle


def test_a_server_that_wants_the_sites_own_host_takes_that_one() -> None:
    with serving(choosy(b"Host: shop.example.com\r\n")) as running:
        facts = varied(running.server(), Asked(outcome="answered", status=404))
    assert (facts.host, facts.host_status) == ("shop.example.com", 200)
    assert (facts.http11_status, facts.root_status, facts.still_refused) == (404, 404, True)


def test_a_server_that_wants_a_newer_version_takes_that_one() -> None:
    with serving(choosy(b" HTTP/1.1\r\n", b"")) as running:
        facts = varied(running.server(), Asked(outcome="closed"))
    assert (facts.http11_status, facts.host_status, facts.still_refused) == (200, 0, True)


def test_a_server_that_wants_a_proxy_line_takes_it() -> None:
    with serving(choosy(b"PROXY TCP4 127.0.0.1", b"")) as running:
        facts = varied(running.server(), Asked(outcome="closed"))
    assert (facts.proxy_line_status, facts.http11_status, facts.http2) == (200, 0, False)


def test_a_server_that_answers_now_and_then_is_no_proof_of_a_way() -> None:
    with serving(answering(OK)) as running:
        facts = varied(running.server(), Asked(outcome="closed"))
    assert facts.still_refused is False


def test_http2_is_known_by_its_first_frame() -> None:
    def frames(connection: socket.socket) -> None:
        if connection.recv(65536).startswith(PREFACE[:24]):
            connection.sendall(b"\0\0\0\x04\0\0\0\0\0")

    with serving(frames) as running:
        facts = varied(running.server(), Asked(outcome="reset"))
    assert facts.http2 is True


def test_never_more_than_five_requests_are_made() -> None:
    for asked in (
        Asked(outcome="answered", status=302),
        Asked(outcome="answered", status=404),
        Asked(outcome="closed"),
    ):
        seen: list[bytes] = []
        with serving(choosy(b"Host: shop.example.com", REFUSED, seen)) as running:
            varied(running.server(), asked)
        assert 0 < len(seen) <= 5
        assert all(each.startswith((b"GET ", b"PRI ", b"PROXY ")) for each in seen)


def test_what_answers_well_is_not_asked_again() -> None:
    seen: list[bytes] = []
    with serving(choosy(b"", OK, seen)) as running:
        facts = varied(running.server(), Asked(outcome="answered", status=200))
    assert (facts.asked, seen) == ([], [])


def kept_idle(server: Server, way: Route | None = None, limit: float = 0.6) -> Idle:
    facts = idle(server=server, route=way or route(), limit=limit).facts
    assert isinstance(facts, Idle)
    return facts


def test_an_idle_connection_is_measured_until_the_server_closes_it() -> None:
    def closes_early(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")
        time.sleep(0.3)

    with serving(closes_early) as running:
        facts = kept_idle(running.server(), limit=5.0)
    assert facts.kept is True
    assert facts.seconds is not None
    assert 0.1 < facts.seconds < 4.0


def test_a_connection_that_stays_open_has_no_time_but_the_announced_one() -> None:
    def stays(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=65\r\n\r\n")
        connection.recv(1)

    with serving(stays) as running:
        facts = kept_idle(running.server(), limit=0.3)
    assert (facts.kept, facts.seconds) == (True, 65.0)


def test_a_server_that_says_close_keeps_nothing() -> None:
    with serving(answering(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")) as running:
        assert kept_idle(running.server()).kept is False
    with serving(resetting) as running:
        assert kept_idle(running.server()).kept is None


def test_a_handshake_is_asked_through_the_proxy_only_where_the_server_answers() -> None:
    seen: list[bytes] = []
    switching = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
    with serving(answering(switching)) as server, serving(answering(REFUSED, seen)) as front:
        url = f"http://127.0.0.1:{front.port}/ws?a=1"
        facts = upgrade(server=server.server(), route=route(), url=url).facts
    assert facts == Handshakes(direct_status=101, front_status=404)
    assert seen[0].startswith(b"GET /ws?a=1 HTTP/1.1\r\n")
    assert b"Upgrade: websocket\r\n" in seen[0]
    with serving(closing) as server:
        facts = upgrade(server=server.server(), route=route(), url=url).facts
    assert facts == Handshakes()


def test_a_redirect_to_the_very_url_is_told_from_one_that_leads_away() -> None:
    def redirected(location: str) -> bool | None:
        answer = f"HTTP/1.1 301 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n"
        with serving(answering(answer.encode())) as running:
            facts = front(url=f"http://127.0.0.1:{running.port}/cart?a=1").facts
        assert isinstance(facts, Front)
        return facts.redirects_to_itself

    assert redirected("/cart?a=1#top") is True
    assert redirected("?a=1") is True
    assert redirected("/cart") is False
    assert redirected("https://127.0.0.1/cart?a=1") is False
