"""Which address a complaint names, and whether it can be reached."""

from __future__ import annotations

import socket

import pytest

from wizard.probes.sockets import Table
from wizard.runtimes.applications.dependencies import named_in, of
from wizard.runtimes.applications.facts import ApplicationLog, Dependency


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("Error: connect ECONNREFUSED 127.0.0.1:5432", "127.0.0.1:5432"),
        ("Error: connect ECONNREFUSED ::1:5432", "[::1]:5432"),
        ("Error: connect ENOENT /run/db.sock", "unix:/run/db.sock"),
        ('connection to server at "db1" (10.0.0.5), port 5432 failed: timeout', "db1:5432"),
        ('connection to server on socket "/run/postgresql/.s.PGSQL.5432" failed: No such file',
         "unix:/run/postgresql/.s.PGSQL.5432"),
        ("(2002, \"Can't connect to MySQL server on 'db1' (111)\")", "db1:3306"),
        ("Error 111 connecting to cache.internal:6379. Connection refused.", "cache.internal:6379"),
        ("HTTPConnectionPool(host='api', port=8080): Max retries exceeded with url: /", "api:8080"),
        ("dial tcp 10.0.0.5:3306: connect: connection refused", "10.0.0.5:3306"),
        ("Connection to db1:5432 refused. Check that the hostname and port are correct",
         "db1:5432"),
        ("Error: getaddrinfo ENOTFOUND db.internal:27017", "db.internal:27017"),
    ],
)  # fmt: skip
def test_the_address_in_a_complaint(line: str, name: str) -> None:
    server = named_in(line)
    assert server is not None
    assert server.name == name


def test_a_complaint_without_an_address_names_none() -> None:
    assert named_in("ConnectionRefusedError: [Errno 111] Connection refused") is None


def complaint(port: int) -> ApplicationLog:
    line = f"Error: connect ECONNREFUSED 127.0.0.1:{port}"
    return ApplicationLog(lines={"dependency-failed": line})


def test_what_is_named_is_tried() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        up = of(complaint(port), Table()).facts
    down = of(complaint(port), Table()).facts
    assert isinstance(up, Dependency)
    assert isinstance(down, Dependency)
    assert (up.outcome, up.failing) == ("connected", False)
    assert (down.outcome, down.failing, down.address) == ("refused", True, f"127.0.0.1:{port}")


def test_without_a_complaint_nothing_is_tried() -> None:
    assert of(ApplicationLog(), Table()).status == "absent"
