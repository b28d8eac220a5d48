"""What a route says of the proxy's own part: loops, inner hops, addresses that come out empty."""

from __future__ import annotations

from pathlib import Path

from wizard.model.route import Route
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.route import route

HTTP = """
map $host $pool { shop.test 127.0.0.1:3000; }
map $host $whole { shop.test 127.0.0.1:3000; default ""; }
server {
    listen 8080;
    server_name shop.test;
    client_max_body_size 5m;
    location / { proxy_pass http://127.0.0.1:3000; proxy_read_timeout 5s; }
    location /loop { proxy_pass http://127.0.0.1:8080; proxy_set_header Host $host; }
    location /round { proxy_pass http://127.0.0.1:8081; }
    location /inner { proxy_pass http://127.0.0.1:8081/quiet; proxy_read_timeout 2s; }
    location /six { proxy_pass http://[::1]:3000; }
    location /odd { proxy_pass http://[::1]:3000; proxy_set_header Host "[no]:such:[name"; }
    location /mapped { proxy_pass http://$pool; }
    location /schemeless { proxy_pass $whole; }
    location /bound { proxy_bind 192.0.2.55; proxy_pass http://127.0.0.1:3000; }
    location /here { proxy_bind 127.0.0.1:0; proxy_pass http://127.0.0.1:3000; }
    location /open { proxy_bind $remote_addr transparent; proxy_pass http://127.0.0.1:3000; }
    location /guarded {
        auth_request /leave;
        client_body_temp_path bodies 1 2;
        proxy_pass http://127.0.0.1:3000;
    }
}
server {
    listen 8081;
    location / {
        proxy_pass http://127.0.0.1:8080;
        proxy_set_header Host shop.test;
    }
    location /quiet { proxy_pass http://127.0.0.1:3000; proxy_read_timeout 90s; }
}
"""


def found(folder: Path, path: str, host: str = "shop.test") -> Route:
    config = folder / "nginx.conf"
    config.write_text(f"events {{ worker_connections 99; }}\nhttp {{\n{HTTP}\n}}\n")
    instance = Instance(kind="nginx", running=False, config=str(config), prefix=str(folder))
    return route(instance, f"http://{host}:8080{path}")


def test_a_pass_to_the_own_port_returns_to_its_location(tmp_path: Path) -> None:
    assert found(tmp_path, "/loop").returns_here is True


def test_a_way_through_another_site_and_back_is_a_loop_too(tmp_path: Path) -> None:
    assert found(tmp_path, "/round").returns_here is True


def test_any_host_header_is_text(tmp_path: Path) -> None:
    assert found(tmp_path, "/six").servers[0].name == "[::1]:3000"
    assert found(tmp_path, "/odd").servers[0].name == "[::1]:3000"


def test_an_inner_site_is_a_hop_with_a_timeout_of_its_own(tmp_path: Path) -> None:
    facts = found(tmp_path, "/inner")
    assert facts.returns_here is False
    assert (facts.read_timeout, facts.next_read_timeout) == (2.0, 90.0)


def test_an_application_is_no_hop_of_the_proxy(tmp_path: Path) -> None:
    facts = found(tmp_path, "/")
    assert (facts.returns_here, facts.next_read_timeout, facts.next_place) == (None, None, None)


def test_a_map_without_a_line_leaves_no_address(tmp_path: Path) -> None:
    facts = found(tmp_path, "/mapped", host="127.0.0.1")
    assert (facts.pass_is_invalid, facts.servers) == (True, [])
    assert found(tmp_path, "/mapped").pass_is_invalid is False


def test_an_address_without_a_scheme_is_none(tmp_path: Path) -> None:
    assert found(tmp_path, "/schemeless").pass_is_invalid is True


def test_the_source_address_is_looked_for_on_this_host(tmp_path: Path) -> None:
    elsewhere, here = found(tmp_path, "/bound"), found(tmp_path, "/here")
    assert (elsewhere.source_address, elsewhere.source_address_here) == ("192.0.2.55", False)
    assert here.source_address_here is True
    assert found(tmp_path, "/open").source_address_here is None
    assert found(tmp_path, "/").source_address is None


def test_what_is_asked_and_kept_before_a_request_is_passed_on(tmp_path: Path) -> None:
    facts = found(tmp_path, "/guarded")
    assert facts.auth_request == "/leave"
    assert facts.body_temp_path == str(tmp_path / "bodies")
    assert (facts.max_body_bytes, facts.worker_connections) == (5 * 1024**2, 99)
    assert found(tmp_path, "/").auth_request is None
