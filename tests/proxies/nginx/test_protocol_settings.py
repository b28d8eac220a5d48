"""Settings about connections to upstreams, and what single lines of the log tell of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from wizard.model.route import Route
from wizard.proxies.facts import Instance, LogEntry
from wizard.proxies.nginx.error_details import details
from wizard.proxies.nginx.route import route

HTTP = """
upstream kept { server 127.0.0.1:3000; keepalive 16; keepalive_timeout 20s; }
upstream plain { server 127.0.0.1:3000; }
server {
    listen 80;
    server_name shop.test;
    client_max_body_size 8m;
    location /reused { proxy_pass http://kept; proxy_http_version 1.1;
                       proxy_set_header Connection ""; }
    location /closing { proxy_pass http://kept; proxy_http_version 1.1; }
    location /old { proxy_pass http://kept; proxy_set_header Connection ""; }
    location /none { proxy_pass http://plain; proxy_http_version 1.1;
                     proxy_set_header Connection ""; }
    location /ws { proxy_pass http://plain; proxy_http_version 1.1;
                   proxy_set_header Upgrade $http_upgrade;
                   proxy_set_header Connection upgrade;
                   proxy_set_header Host $host;
                   proxy_set_header X-Forwarded-Proto $scheme; }
    location /any { proxy_pass http://plain; client_max_body_size 0; }
}
"""


def found(folder: Path, path: str, version: str = "1.22.1") -> Route:
    config = folder / "nginx.conf"
    config.write_text(f"events {{}}\nhttp {{\n{HTTP}\n}}\n")
    instance = Instance(
        kind="nginx", running=False, config=str(config), prefix=str(folder), version=version
    )
    return route(instance, f"http://shop.test{path}")


@pytest.mark.parametrize(
    ("path", "version", "kept", "seconds"),
    [
        ("/reused", "1.22.1", 16, 20.0),
        ("/closing", "1.22.1", 0, None),
        ("/old", "1.22.1", 0, None),
        ("/none", "1.22.1", 0, None),
        ("/closing", "1.29.7", 16, 20.0),
        ("/any", "1.29.7", 32, 60.0),
    ],
)
def test_connections_are_used_again_only_where_all_three_settings_agree(
    tmp_path: Path, path: str, version: str, kept: int, seconds: float | None
) -> None:
    way = found(tmp_path, path, version)
    assert (way.idle_connections, way.idle_seconds) == (kept, seconds)


def test_what_is_sent_about_the_client(tmp_path: Path) -> None:
    way = found(tmp_path, "/ws")
    assert (way.passes_upgrade, way.host_set, way.forwarded_proto) == (True, True, "http")
    way = found(tmp_path, "/any")
    assert (way.passes_upgrade, way.host_set, way.forwarded_proto) == (False, False, "")


def test_the_limit_of_a_body(tmp_path: Path) -> None:
    assert found(tmp_path, "/ws").body_limit == 8 * 1024**2
    assert found(tmp_path, "/any").body_limit == 0


def entry(message: str, request: str, **fields: str) -> LogEntry:
    kind = {"level": "error", "phase": "read-header", "failure": "reset", **fields}
    return LogEntry(at=1.0, message=message, request=request, **kind)  # type: ignore[arg-type]


def test_what_single_lines_say() -> None:
    lines = [
        entry("... client intended to send too large body: 2000000 bytes, ...", "POST /p HTTP/1.1",
              phase="client", failure="body-too-big"),
        entry("... recv() failed (104: ...", "POST /cart?x=1 HTTP/1.1"),
        entry("... recv() failed (104: ...", "POST /cart?x=2 HTTP/1.1"),
        entry('... client sent invalid header line: "api_key: 4711" while', "GET / HTTP/1.1",
              phase="client", failure="other"),
        entry("... upstream timed out (110: Connection timed out) while proxying upgraded"
              " connection, client: ...", "GET /ws HTTP/1.1", phase="read-body",
              failure="timed-out"),
    ]  # fmt: skip
    assert details(lines, "http://shop.test/cart") == {
        "ended_targets": 2,
        "room_for_bodies": "4m",
        "ended_here": True,
        "refused_body": 2000000,
        "dropped_headers": ["api_key"],
        "upgraded_timed_out": 1,
    }
    assert details(lines[:1], "http://shop.test/")["ended_here"] is False
