"""The proof of the routing: for every URL our answer equals what a real nginx answers."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from tests.proxies.nginx.own_nginx import PROGRAM, ask, free_ports, running, written
from wizard.model.route import Route
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.route import route

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed")

NAMES = [
    "shop.test",
    "*.shop.test",
    ".shop.test",
    "www.shop.test",
    "~^www\\d+\\.shop\\.test$",
    "shop.*",
    "www.shop.*",
    "*.api.shop.test",
    "~^(?<sub>.+)\\.wild\\.test$",
    "Upper.Test",
    '""',
    "_",
    "*.test",
]
HOSTS = [
    "shop.test",
    "www.shop.test",
    "www1.shop.test",
    "a.b.shop.test",
    "x.api.shop.test",
    "shop.org",
    "www.shop.org",
    "q.wild.test",
    "upper.test",
    "UPPER.TEST",
    "nobody.example",
    "any.test",
    "test",
    "deep.x.api.shop.test",
    "shop.test.",
    "127.0.0.1",
]
LOCATIONS = [
    "/", "= /", "/a", "/a/", "= /a", "^~ /a/b", "^~ /a", "~ ^/a/", r"~* \.PHP$", r"~ \.php$",
    "/a/b/c",
    "= /a/b", "~ /b/c", "^~ /a/b/", "~ ^/(?<first>[a-z])/x$", "/img", "/img/", r"~* \.(png|jpg)$",
    '"/with space"', '~ "^/[0-9]{2,3}$"', "/ä", "=/a/", r"~\.x$", "~*^/IMG", "^~/img/x",
]  # fmt: skip
PATHS = [
    "/",
    "/a",
    "/a/",
    "/a/b",
    "/a/b/",
    "/a/b/c",
    "/a/b/c/d",
    "/a/x.php",
    "/a/x.PHP",
    "/x.php",
    "/a/b/x.php",
    "/img",
    "/img/",
    "/img/x.PNG",
    "/a/x",
    "/ab",
    "/a//b",
    "/a/./b",
    "/a/../img/x",
    "/%61/b",
    "/a%2Fb",
    "/12",
    "/1234",
    "/with%20space/x",
    "/%C3%A4/1",
    "/a?b=/c",
    "/A/b",
    "//a///b/c",
    "/a/b/..",
    "/a/b/.",
    "/...",
]


def marked(modifier: str, nested: str = "") -> str:
    return f"location {modifier} {{\n{nested}return 200 'MARK';\n}}\n"


def numbered(config: Path) -> None:
    """Turn each MARK into the number of its line."""
    lines = config.read_text().split("\n")
    config.write_text("\n".join(line.replace("MARK", str(at)) for at, line in enumerate(lines, 1)))


def distinct(chosen: list[str]) -> list[str]:
    """nginx refuses the same prefix with another modifier, and regexes twice."""
    seen: set[str] = set()
    kept = []
    for each in chosen:
        key = each.removeprefix("^~").strip()
        if key not in seen:
            seen.add(key)
            kept.append(each)
    return kept


def some_locations(choice: random.Random) -> str:
    text = ""
    for each in distinct(choice.sample(LOCATIONS, choice.randint(2, 9))):
        inner = ""
        if each.startswith(("/", "^~ ")) and choice.random() < 0.5:
            prefix = each.removeprefix("^~ ").rstrip("/")
            if '"' not in prefix:
                options = [f"{prefix}/b", f"= {prefix}/b/c", f"^~ {prefix}/b/", "~ \\.php$", "~ c$",
                           f"~ ^{prefix}/x"]  # fmt: skip
                picked = distinct(choice.sample(options, choice.randint(1, 3)))
                inner = "".join(marked(option) for option in picked)
        text += marked(each, inner)
    return text


def instance(folder: Path) -> Instance:
    return Instance(
        kind="nginx", running=True, config=str(folder / "nginx.conf"), prefix=str(folder),
        user="root", executable=PROGRAM, version="1.22.1",
    )  # fmt: skip


def marker(found: Route, config: list[str]) -> str:
    """What the resolved place answers, as the file has it."""
    assert found.return_place is not None, found
    text = re.search(r"return 200 '(.*?)'", config[found.return_place.line - 1])
    assert text is not None, found
    return text.group(1)


def test_location_of_a_url_is_the_one_that_nginx_takes(tmp_path: Path) -> None:
    """40 random sets of locations, exact, prefix, final, regex and nested, times 29 paths."""
    choice = random.Random(502)
    port = free_ports(1)[0]
    servers = "".join(
        f"server {{\nlisten 127.0.0.1:{port};\nserver_name s{number}.test;\n"
        f"{some_locations(choice)}}}\n"
        for number in range(40)
    )
    written(tmp_path, servers)
    numbered(tmp_path / "nginx.conf")
    http = inside(tmp_path)
    with running(tmp_path, http, port):
        config = (tmp_path / "nginx.conf").read_text().split("\n")
        for number in range(40):
            for path in PATHS:
                status, body, _ = ask(port, path, f"s{number}.test")
                found = route(instance(tmp_path), f"http://s{number}.test:{port}{path}")
                where = f"s{number}.test{path}"
                if status == 200:
                    assert marker(found, config) == body, where
                else:
                    assert (found.return_status, found.action) == (status, "static"), where


def inside(folder: Path) -> str:
    """The inside of `http` in a file that `written` made, marks replaced by line numbers."""
    text = (folder / "nginx.conf").read_text()
    inner = text[text.index("server {") : text.rindex("}")]
    return inner.rstrip("\n")


def test_server_block_of_a_host_is_the_one_that_nginx_takes(tmp_path: Path) -> None:
    """25 random sets of names on ports of their own, with and without default_server."""
    choice = random.Random(504)
    ports = free_ports(25)
    text = ""
    for port in ports:
        names = choice.sample(NAMES, choice.randint(3, 9))
        default = choice.randrange(len(names) * 2)
        for at, name in enumerate(names):
            flag = " default_server" if at == default else ""
            name = f'"{name}"' if "{" in name else name
            text += (
                f"server {{\nlisten 127.0.0.1:{port}{flag};\nserver_name {name};\n"
                "return 200 'MARK';\n}\n"
            )
    written(tmp_path, text)
    numbered(tmp_path / "nginx.conf")
    with running(tmp_path, inside(tmp_path), ports[0]):
        config = (tmp_path / "nginx.conf").read_text().split("\n")
        for port in ports:
            for host in HOSTS:
                _, body, _ = ask(port, "/", f"{host}:{port}")
                found = route(instance(tmp_path), f"http://{host}:{port}/")
                assert marker(found, config) == body, f"{host} on {port}"


def test_a_rewritten_request_enters_an_internal_location_and_a_client_does_not(
    tmp_path: Path,
) -> None:
    port = free_ports(1)[0]
    site = (
        f"server {{\nlisten 127.0.0.1:{port};\n"
        "location / { rewrite ^ /maintenance last; }\n"
        "location = /maintenance { internal; return 503 'later'; }\n}\n"
    )
    with running(tmp_path, site, port):
        for path, expected in (("/any", 503), ("/maintenance", 404)):
            status, _, _ = ask(port, path, "shop.test")
            found = route(instance(tmp_path), f"http://127.0.0.1:{port}{path}")
            assert (status, found.return_status) == (expected, expected), path
