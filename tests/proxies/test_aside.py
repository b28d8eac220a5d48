"""The server that was asked beside the location's own, out of real lines of the error log."""

from __future__ import annotations

from wizard.model.route import Route, Server
from wizard.proxies.facts import Aside, ErrorLog, LogEntry
from wizard.proxies.looks import aside

ROUTE = Route(found=True, servers=[Server(name="127.0.0.1:3000", host="127.0.0.1", port=3000)])


def entry(upstream: str | None) -> LogEntry:
    return LogEntry(
        at=1.0, level="error", phase="connect", failure="refused", errno=111, upstream=upstream
    )


def found(*upstreams: str | None) -> Aside:
    facts = aside(route=ROUTE, errors=ErrorLog(request_entries=[*map(entry, upstreams)])).facts
    assert isinstance(facts, Aside)
    return facts


def test_the_server_of_a_subrequest_is_found() -> None:
    server = found("127.0.0.1:4180", None).server
    assert server == Server(name="127.0.0.1:4180", host="127.0.0.1", port=4180, local=True)
    server = found("unix:/run/leave.sock").server
    assert server is not None
    assert server.path == "/run/leave.sock"
    server = found("[::1]:4180").server
    assert server is not None
    assert (server.host, server.port) == ("::1", 4180)


def test_the_locations_own_server_and_a_groups_name_are_not_it() -> None:
    assert found("127.0.0.1:3000", "leave", None).server is None
