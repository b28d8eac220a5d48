"""Where the backend may be instead: real listeners on loopback, asked for real."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from tests.proxies.nginx.own_nginx import PROGRAM, free_ports, running
from wizard.model.route import Route, Server
from wizard.probes.sockets import Listener, Table
from wizard.proxies.facts import Instance
from wizard.runtimes.facts import Alternatives, Owner
from wizard.runtimes.looks import alternatives

ROUTE = Route(
    found=True, upstream="orders_api", upstream_uri="/", http_version="1.1", host_header="o.example"
)
SERVER = Server(name="127.0.0.1:9", host="127.0.0.1", port=9, local=True)
NGINX = Instance(kind="nginx", running=True)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


@contextmanager
def serving() -> Iterator[Listener]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Listener(address="127.0.0.1", port=server.server_port, process="python3")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def found(
    *listeners: Listener, owner: Owner | None = None, instance: Instance = NGINX
) -> Alternatives:
    facts = alternatives(
        server=SERVER, route=ROUTE, table=Table(listeners=list(listeners)), owner=owner or Owner(),
        instance=instance,
    ).facts  # fmt: skip
    assert isinstance(facts, Alternatives)
    return facts


def test_the_only_listener_left_is_a_weak_tie() -> None:
    with serving() as one:
        facts = found(one)
    assert (facts.count, facts.port, facts.answers, facts.status) == (1, one.port, True, 200)
    assert facts.strong is False


def test_the_proxys_own_listeners_are_none_where_owners_are_hidden() -> None:
    with serving() as one, serving() as front:
        own = Instance(kind="nginx", running=True, listens=[f"127.0.0.1:{front.port}"])
        facts = found(one, front, instance=own)
    assert (facts.count, facts.port) == (1, one.port)


def test_a_shared_name_is_a_strong_tie() -> None:
    with serving() as one, serving() as other:
        named = msgspec.structs.replace(one, cgroup="/system.slice/orders.service")
        facts = found(named, other)
    assert (facts.port, facts.strong) == (one.port, True)
    assert "orders" in (facts.tie or "")


def test_of_two_ports_of_one_unit_the_one_next_to_what_is_asked_counts() -> None:
    with serving() as one, serving() as other:
        own = [
            msgspec.structs.replace(each, cgroup="/system.slice/orders.service")
            for each in (one, other)
        ]
        facts = found(*own)
    assert (facts.count, facts.port, facts.strong) == (2, min(one.port or 0, other.port or 0), True)


def test_two_strangers_that_both_answer_are_no_answer() -> None:
    with serving() as one, serving() as other:
        facts = found(one, other)
    assert (facts.count, facts.best) == (2, None)


def test_the_unit_that_should_listen_is_the_strongest_tie() -> None:
    owner = Owner(found=True, listening=False, certain=True, unit="shop.service")
    with serving() as one, serving() as other:
        expected = msgspec.structs.replace(one, cgroup="/system.slice/shop.service")
        named = msgspec.structs.replace(other, cgroup="/system.slice/orders.service")
        facts = found(named, expected, owner=owner)
    assert facts.port == one.port
    assert facts.best is not None
    assert facts.best.unit == "shop.service"


def test_what_speaks_no_http_is_left_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        facts = found(Listener(address="127.0.0.1", port=silent.getsockname()[1], process="x"))
    assert (facts.count, facts.best) == (0, None)


def test_daemons_and_what_other_routes_use_are_left_out(tmp_path: Path) -> None:
    with serving() as one, serving() as used:
        config = tmp_path / "nginx.conf"
        config.write_text(
            f"http {{ upstream blog {{ server localhost:{used.port}; }}\n"
            "server { location / { proxy_pass http://blog; } } }\n"
        )
        daemon = msgspec.structs.replace(one, process="postgres")
        instance = Instance(kind="nginx", running=True, config=str(config))
        facts = found(daemon, used, instance=instance)
    assert facts.candidates == []


@pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed")
def test_what_another_proxy_of_this_host_uses_is_left_out(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with serving() as used:
        site = (
            f"server {{ listen 127.0.0.1:{port};"
            f" location / {{ proxy_pass http://127.0.0.1:{used.port}; }} }}"
        )
        with running(tmp_path, site, port):
            facts = found(used)
    assert facts.candidates == []


def test_another_host_is_not_looked_for_here() -> None:
    server = Server(name="192.0.2.1:80", host="192.0.2.1", port=80, local=False)
    sighting = alternatives(
        server=server, route=ROUTE, table=Table(), owner=Owner(), instance=NGINX
    )
    assert sighting.status == "unreadable"
