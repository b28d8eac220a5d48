"""Without a URL: the routes of this host with their present answers."""

from __future__ import annotations

import http.server
import io
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence

import pytest

from wizard.plain import picking
from wizard.plain.console import Console
from wizard.plain.picking import DEMO, Picked, Present, asked
from wizard.proxies.facts import Way


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(502 if self.path == "/broken" else 200)
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))


def test_broken_routes_come_first(site: str) -> None:
    found = asked([Way(f"{site}/"), Way(f"{site}/broken"), Way(f"{site}/x")])
    assert [route.url for route in found] == [f"{site}/broken", f"{site}/", f"{site}/x"]
    assert found[0].said.startswith("502")


def test_none_is_waited_for_longer_than_the_limit(site: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        begun = time.monotonic()
        found = asked([Way(f"{site}/"), Way(url), Way(url)], limit=0.5)
    assert time.monotonic() - begun < 3
    assert [route.url for route in found] == [url, f"{site}/"]


def test_a_way_goes_where_the_proxy_listens(site: str) -> None:
    port = site.rpartition(":")[2]
    (found,) = asked([Way(f"http://shop.invalid:{port}/broken", "127.0.0.1")])
    assert found.said.startswith("502")


ROUTES = (
    Present(0, "http://shop.example.com/", "127.0.0.1", "502 from nginx after 2 ms"),
    Present(2, "http://shop.example.com/ok", None, "200 from nginx after 2 ms"),
)


@pytest.mark.parametrize(
    ("answers", "routes", "picked"),
    [
        ("\n", ROUTES, Picked("http://shop.example.com/", "127.0.0.1")),
        ("2\n", ROUTES, Picked("http://shop.example.com/ok")),
        ("7\n2\n", ROUTES, Picked("http://shop.example.com/ok")),
        ("a b\nexample.com:8080\n", ROUTES, Picked("http://example.com:8080/")),
        ("d\n", ROUTES, Picked(DEMO)),
        ("q\n", ROUTES, None),
        ("\nd\n", (), Picked(DEMO)),
        ("http://127.0.0.1/\n", (), Picked("http://127.0.0.1/")),
    ],
)
def test_a_number_a_url_or_the_demo_is_picked(
    answers: str,
    routes: Sequence[Present],
    picked: Picked | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    typed(monkeypatch, answers)
    assert picking._chosen(Console(), routes) == picked
    said = capsys.readouterr().out
    if routes:
        assert "  1. BROKEN http://shop.example.com/ at 127.0.0.1: 502 from nginx" in said
        assert "  2. http://shop.example.com/ok: 200" in said
    else:
        assert "No running proxy with a route was found. Looked for: nginx" in said
        assert "wizard demo" in said


def test_the_end_of_the_input_picks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(monkeypatch, "")
    monkeypatch.setattr("wizard.engine.diagnose.routes_to_ask", list)
    assert picking.pick() is None
