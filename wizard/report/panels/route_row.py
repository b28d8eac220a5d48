"""How the proxy treats the URL: listener, virtual host, location, upstream, servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from wizard.flows.values import number
from wizard.model.session import Session
from wizard.model.text import one_line
from wizard.report.panels.latest import facts


class RouteRow(NamedTuple):
    """One line of the route."""

    label: str
    value: str
    place: str
    """`/etc/nginx/sites-enabled/shop:9`; empty for a default."""


def route(session: Session) -> tuple[RouteRow, ...]:
    """The route in rows; empty while it is not known."""
    known = facts(session, "route")
    if not known:
        return ()
    return tuple(
        RouteRow(label, one_line(value), one_line(_place(place)))
        for label, value, place in (*_way(known), *_servers(known), *_manner(known))
        if value
    )


def _way(known: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    yield "listener", str(known.get("listener") or ""), None
    names = ", ".join(map(str, known.get("server_names") or []))
    default = " (default server)" if known.get("is_default_server") else ""
    yield "server", f"{names or '_'}{default}", known.get("server_place")
    yield "location", str(known.get("location") or ""), known.get("location_place")
    if known.get("return_status"):
        condition = f" if {known['return_condition']}" if known.get("return_condition") else ""
        yield "answers itself", f"{known['return_status']}{condition}", known.get("return_place")
    if known.get("passed_by"):
        passes = f"{known['passed_by']} {known.get('pass_value') or ''}"
        yield "passes on", passes.strip(), known.get("pass_place")
    yield "upstream", str(known.get("upstream") or ""), known.get("upstream_place")


def _servers(known: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for server in known.get("servers") or []:
        flags = [name for name in ("backup", "down") if server.get(name)]
        if server.get("weight", 1) != 1:
            flags.append(f"weight {server['weight']}")
        name = str(server.get("name") or "")
        yield "backend", " ".join([name, *flags]), server.get("place")


def _manner(known: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """How it asks the backend, and where it writes about it."""
    if known.get("passed_by"):
        yield "Host sent", str(known.get("host_header") or ""), None
        yield "URI sent", str(known.get("upstream_uri") or ""), None
        limits = [
            f"{name} {number(known[f'{name}_timeout'])} s"
            for name in ("connect", "send", "read")
            if isinstance(known.get(f"{name}_timeout"), int | float)
        ]
        yield "time limits", ", ".join(limits), None
        yield "retries on", ", ".join(map(str, known.get("next_upstream") or [])), None
    yield "error pages", ", ".join(map(str, known.get("error_pages") or [])), None
    logs = ", ".join(map(str, known.get("error_logs") or []))
    level = f" ({known['error_log_level']})" if logs and known.get("error_log_level") else ""
    yield "error log", f"{logs}{level}", None
    for words in known.get("unsettled") or []:
        yield "not settled", str(words), None


def _place(place: Any) -> str:
    return f"{place['file']}:{place['line']}" if isinstance(place, dict) else ""
