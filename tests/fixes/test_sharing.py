"""Who else is concerned: by files on the disk and a socket table, without a running proxy."""

from __future__ import annotations

import time
from pathlib import Path

from wizard.fixes.sharing import by_lines, by_unit
from wizard.model.route import Server
from wizard.probes.sockets.facts import Listener, Table
from wizard.proxies.facts import Instance
from wizard.runtimes.facts import Owner

SITES = """\
events {}
http {
    upstream pool {
        server 127.0.0.1:3000;
    }
    server {
        listen 80;
        server_name shop.example;
        include pass.conf;
        location /admin/ { proxy_pass http://127.0.0.1:3001; }
    }
    server {
        listen 80;
        server_name cart.example;
        include pass.conf;
        location /other/ { proxy_pass http://127.0.0.1:4000; }
    }
}
"""
SHOP = Owner(unit="shop.service", pid=70)


def instance(folder: Path, main: str) -> Instance:
    (folder / "nginx.conf").write_text(main)
    (folder / "pass.conf").write_text("location / { proxy_pass http://pool; }\n")
    return Instance(kind="nginx", running=True, config=f"{folder}/nginx.conf", prefix=str(folder))


def test_two_sites_share_the_lines_of_an_upstream(tmp_path: Path) -> None:
    proxy = instance(tmp_path, SITES)
    lines = [(f"{tmp_path}/nginx.conf", 4)]
    assert by_lines(proxy, "http://shop.example/", lines) == ["http://cart.example/"]


def test_a_snippet_that_is_included_twice_is_shared(tmp_path: Path) -> None:
    proxy = instance(tmp_path, SITES)
    lines = [(f"{tmp_path}/pass.conf", 1)]
    assert by_lines(proxy, "http://cart.example/", lines) == ["http://shop.example/"]
    assert by_lines(proxy, "http://shop.example/", [(f"{tmp_path}/nginx.conf", 10)]) == [
        "http://shop.example/admin/"
    ]


def test_a_unit_that_serves_two_ports_is_needed_by_the_urls_of_both(tmp_path: Path) -> None:
    proxy = instance(tmp_path, SITES)
    server = Server(name="127.0.0.1:3000", host="127.0.0.1", port=3000, local=True)
    table = Table(
        listeners=[
            Listener(address="127.0.0.1", port=3000, pids=[70]),
            Listener(address="0.0.0.0", port=3001, cgroup="/system.slice/shop.service"),
            Listener(address="127.0.0.1", port=4000, cgroup="/system.slice/other.service"),
        ]
    )
    seen = by_unit(proxy, "http://shop.example/", server, SHOP, table)
    assert seen.facts.urls == ["http://shop.example/admin/", "http://cart.example/"]
    assert seen.facts.count == 2
    alone = by_unit(proxy, "http://shop.example/admin/", server, Owner(), Table())
    assert alone.facts.urls == ["http://shop.example/", "http://cart.example/"]


def test_a_stopped_unit_is_known_by_the_server_alone(tmp_path: Path) -> None:
    proxy = instance(tmp_path, SITES)
    server = Server(name="127.0.0.1:4000", host="127.0.0.1", port=4000, local=True)
    seen = by_unit(proxy, "http://cart.example/other/", server, SHOP, Table())
    assert seen.status == "absent"
    assert seen.facts.urls == []


def test_five_hundred_routes_take_a_bounded_time(tmp_path: Path) -> None:
    sites = "".join(
        f"server {{ listen 80; server_name s{number}.example; "
        "location / { proxy_pass http://127.0.0.1:3000; } "
        f"location /api/ {{ proxy_pass http://127.0.0.1:{4000 + number}; }} }}\n"
        for number in range(250)
    )
    proxy = instance(tmp_path, f"events {{}}\nhttp {{\n{sites}}}\n")
    server = Server(name="127.0.0.1:3000", host="127.0.0.1", port=3000, local=True)
    began = time.monotonic()
    seen = by_unit(proxy, "http://s0.example/", server, SHOP, Table())
    assert time.monotonic() - began < 10
    assert len(seen.facts.urls) == 12
    assert 12 <= seen.facts.count <= 249
    began = time.monotonic()
    by_lines(proxy, None, [])
    assert time.monotonic() - began < 0.5
