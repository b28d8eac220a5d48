"""Which side was changed last, and the line of the backend's own settings."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from wizard.model.route import Place, Route, Server
from wizard.probes.http import Candidate
from wizard.proxies.facts import Instance
from wizard.runtimes import sides
from wizard.runtimes.facts import Alternatives, Sides
from wizard.runtimes.systemd.show import Unit

UNIT = """\
[Service]
Environment=DB_HOST=127.0.0.1 DB_PORT=3001
ExecStart=/usr/bin/serve --bind 127.0.0.1 --port 3001
"""


def stated(folder: Path, has: Server, asked: Server) -> tuple[Place, str, str] | None:
    (folder / "shop.service").write_text(UNIT)
    unit = Unit({"Id": "shop.service", "FragmentPath": str(folder / "shop.service")})
    return sides._stated(unit, has, asked)


def at(host: str, port: int) -> Server:
    return Server(name=f"{host}:{port}", host=host, port=port, local=True)


def test_the_line_that_names_the_port(tmp_path: Path) -> None:
    found = stated(tmp_path, at("127.0.0.1", 3001), at("127.0.0.1", 3000))
    assert found == (Place(f"{tmp_path}/shop.service", 3), "3001", "3000")


def test_the_line_that_names_the_address_and_not_the_one_of_its_database(tmp_path: Path) -> None:
    found = stated(tmp_path, at("127.0.0.1", 3001), at("10.0.0.5", 3001))
    assert found == (Place(f"{tmp_path}/shop.service", 3), "127.0.0.1", "10.0.0.5")


def test_a_port_that_no_file_states_is_no_line(tmp_path: Path) -> None:
    assert stated(tmp_path, at("127.0.0.1", 4000), at("127.0.0.1", 3000)) is None


def test_sed_is_given_no_more_than_an_address() -> None:
    place = Place("/etc/app.conf", 7)
    assert sides._edit(place, "127.0.0.1", "10.0.0.5") == r"7s|127\.0\.0\.1|10.0.0.5|"
    assert sides._edit(place, "/run/a.sock", "/run/b|e touch x.sock") is None


def test_what_was_changed_within_a_moment_was_changed_at_once() -> None:
    assert sides._last(100.0, 101.0) is None
    assert sides._last(100.0, 50.0) == "proxy"
    assert sides._last(50.0, 100.0) == "backend"


def test_the_connections_that_others_have_open_are_counted(tmp_path: Path) -> None:
    site = tmp_path / "site.conf"
    site.touch()
    os.utime(site, (1000, 1000))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        asked = at("127.0.0.1", 9)
        best = Alternatives(
            best=Candidate(address="127.0.0.1", port=port), server=at("127.0.0.1", port)
        )
        route = Route(found=True, pass_place=Place(str(site), 3))
        nginx = Instance(kind="nginx", running=True)
        with socket.create_connection(("127.0.0.1", port)):
            facts = sides.of(asked, route, best, nginx, "http://shop.example.com/").facts
    assert isinstance(facts, Sides)
    assert (facts.proxy_changed, facts.other_clients) == (1000.0, 1)
