"""A server that is itself a virtual host of a proxy here, with a real nginx behind the address."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proxies.nginx.own_nginx import PROGRAM, free_ports, running
from wizard.model.route import Route, Server
from wizard.probes.http import Asked
from wizard.proxies.error_pages import page_maker
from wizard.proxies.facts import Inner, Way
from wizard.proxies.inner import inner

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed")


def seen(port: int, route: Route, asked: Asked | None = None) -> Inner:
    server = Server(name=f"127.0.0.1:{port}", host="127.0.0.1", port=port, local=True)
    facts = inner(server, route, asked).facts
    assert isinstance(facts, Inner)
    return facts


def test_finds_the_virtual_host_that_the_outer_proxy_asks(tmp_path: Path) -> None:
    port, app = free_ports(2)
    http = f"""
    server {{ listen 127.0.0.1:{port} default_server; return 404; }}
    server {{
        listen 127.0.0.1:{port};
        server_name shop.test;
        location / {{ proxy_pass http://127.0.0.1:{app}; }}
    }}"""
    route = Route(found=True, host_header="shop.test", upstream_uri="/cart?x=1")
    with running(tmp_path, http, port) as own:
        facts = seen(port, route)
        assert (facts.found, facts.proxy, facts.action) == (True, "nginx", "proxy")
        assert facts.server_names == ["shop.test"]
        assert facts.place is not None
        assert facts.place.file == str(own.config)
        assert facts.way == Way(url=f"http://shop.test:{port}/cart?x=1", address="127.0.0.1")


def test_the_address_itself_in_the_host_header_needs_no_other_address(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with running(tmp_path, f"server {{ listen 127.0.0.1:{port}; return 503; }}", port):
        facts = seen(port, Route(found=True, host_header=f"127.0.0.1:{port}", upstream_uri="/"))
        assert facts.way == Way(url=f"http://127.0.0.1:{port}/")
        assert facts.action == "return"


def test_another_port_is_no_proxy(tmp_path: Path) -> None:
    port, other = free_ports(2)
    with running(tmp_path, f"server {{ listen 127.0.0.1:{port}; }}", port):
        assert seen(other, Route(found=True)).found is False


def test_a_page_tells_of_a_proxy_that_is_not_here() -> None:
    server = Server(name="10.9.9.9:80", host="10.9.9.9", port=80, local=False)
    asked = Asked(outcome="answered", status=502, body_start="<hr><center>nginx/1.22.1</center>")
    facts = inner(server, Route(found=True), asked).facts
    assert facts == Inner(found=None, page_of="nginx")


@pytest.mark.parametrize(
    ("status", "server", "body", "maker"),
    [
        (502, "nginx", "<hr><center>nginx/1.22.1</center>", "nginx"),
        (503, None, "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to "
         "handle this request.\n</body></html>", "haproxy"),
        (502, "Caddy", "", "caddy"),
        (503, "envoy", "no healthy upstream", "envoy"),
        (503, "nginx", "<h1>Back soon</h1>", None),
        (404, "nginx", "<center>nginx</center>", None),
    ],
)  # fmt: skip
def test_page_maker(status: int, server: str | None, body: str, maker: str | None) -> None:
    assert page_maker(status, server, body) == maker
