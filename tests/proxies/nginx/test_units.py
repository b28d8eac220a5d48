"""Which nginx a unit file starts."""

from __future__ import annotations

import pytest

from wizard.proxies.nginx.units import command_of


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("ExecStart=/usr/sbin/nginx -c /opt/e.conf", ["/usr/sbin/nginx", "-c", "/opt/e.conf"]),
        ("ExecStart=-/opt/nginx -g 'daemon off;'", ["/opt/nginx", "-g", "daemon off;"]),
        ("ExecStart=/bin/sh -c 'exec nginx -p /srv/web'", ["nginx", "-p", "/srv/web"]),
        ("ExecStart=/usr/sbin/nginx \\\n  -c a.conf", ["/usr/sbin/nginx", "-c", "a.conf"]),
        ("ExecStart=/usr/sbin/nginx\nExecStart=\nExecStart=/bin/true", []),
        ("ExecStartPre=/usr/sbin/nginx -t\nExecStart=/usr/bin/python3 nginx.py", []),
    ],
)
def test_the_last_command_counts_where_it_is_an_nginx(text: str, command: list[str]) -> None:
    assert command_of(text) == command
