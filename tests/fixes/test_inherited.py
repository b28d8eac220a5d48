"""A header that is added to a location, with the real nginx: what it had from outside stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.fixes.editing import edited
from wizard.fixes.facts import Edited
from wizard.model.change import Change
from wizard.model.evidence import Sighting
from wizard.probes.run import program_path
from wizard.proxies.facts import Instance

pytestmark = pytest.mark.skipif(program_path("nginx") is None, reason="nginx is not installed")

HEADERS = """\
proxy_set_header X-Key "all sites";  proxy_set_header X-B $host;
proxy_set_header Connection '';
"""
SITE = """\
server {
    listen 8080;
    server_name wiki.example.com;
    location / {
        proxy_pass http://127.0.0.1:8620;
    }
    location /included/ {
        include host.conf;
        proxy_pass http://127.0.0.1:8620;
    }
}
"""
URL = "http://wiki.example.com:8080"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site whose headers stand in a file of all sites."""
    main = "events {}\nhttp {\n    include headers.conf;\n    include site.conf;\n}\n"
    (tmp_path / "nginx.conf").write_text(main)
    (tmp_path / "headers.conf").write_text(HEADERS)
    (tmp_path / "host.conf").write_text("proxy_set_header Host wiki;\n")
    (tmp_path / "site.conf").write_text(SITE)
    return tmp_path / "site.conf"


def adding(site: Path, path: str, line: int, header: str) -> Sighting:
    instance = Instance(
        kind="nginx", running=True, config=str(site.parent / "nginx.conf"),
        prefix=str(site.parent), executable=program_path("nginx"),
    )  # fmt: skip
    change = Change(
        file=str(site), line=str(line), within="location", add="proxy_set_header", to=header
    )
    return edited(instance, URL + path, [change])


def added(seen: Sighting) -> list[str]:
    assert isinstance(seen.facts, Edited)
    assert seen.facts.diff is not None
    lines = seen.facts.diff.splitlines()
    return [each[1:].strip() for each in lines if each.startswith("+") and each[:3] != "+++"]


def test_the_headers_of_all_sites_come_along(site: Path) -> None:
    seen = adding(site, "/", 4, "Host $host")
    assert added(seen) == [
        'proxy_set_header X-Key "all sites";',
        "proxy_set_header X-B $host;",
        "proxy_set_header Connection '';",
        "proxy_set_header Host $host;",
    ]
    assert isinstance(seen.facts, Edited)
    assert seen.facts.passes


def test_the_one_that_is_meant_is_not_sent_twice(site: Path) -> None:
    assert added(adding(site, "/", 4, "connection upgrade"))[2:] == [
        "proxy_set_header connection upgrade;"
    ]


def test_headers_of_an_included_file_are_the_locations_own(site: Path) -> None:
    seen = adding(site, "/included/", 7, "X-C 1")
    assert added(seen) == ["proxy_set_header X-C 1;"]
    refused = adding(site, "/included/", 7, "Host $host")
    assert (refused.status, "an included file" in refused.reason) == ("unreadable", True)
