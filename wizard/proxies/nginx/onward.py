"""Where a request goes on to when a server of its location is this same nginx.

An inner virtual host is a hop with timeouts of its own; one that leads back is a loop.
"""

from __future__ import annotations

import ipaddress
import math
from typing import Any

from wizard.model.route import Server
from wizard.probes.addresses import url_host
from wizard.proxies.nginx.addresses import hosts_file
from wizard.proxies.nginx.config import Configuration
from wizard.proxies.nginx.levels import outermost
from wizard.proxies.nginx.listening import virtual_hosts
from wizard.proxies.nginx.passing import group, host_header, single, target, upstream_uri
from wizard.proxies.nginx.servers import choose
from wizard.proxies.nginx.variables import Request, request_for
from wizard.proxies.nginx.walk import End, replaced_name, walk

_HOPS = 5


def onward(
    end: End, servers: list[Server], uri: str | None, header: str | None,
    effective: Configuration, request: Request, default_port: int,
) -> dict[str, Any]:  # fmt: skip
    """The fields of a Route about its next hop; none where no server is this nginx."""
    first: End | None = None
    seen = [end.place]
    for _ in range(_HOPS):
        found = _entered(servers, uri, header, effective, request, default_port)
        if found is None:
            break
        end, request = found
        first = first or end
        if end.pass_directive is None:
            break
        if end.place in seen:
            return {"returns_here": True, "next_place": first.place}
        seen.append(end.place)
        aim = target(end.pass_directive, request)
        pool = group(effective, aim)
        alone = None if pool else single(aim)
        servers = list(pool.servers) if pool else [alone] if alone else []
        header = host_header(aim, end.levels, request)
        uri = upstream_uri(aim, replaced_name(end.locations), request)
    if first is None:
        return {}
    fields: dict[str, Any] = {"returns_here": False, "next_place": first.place}
    if first.pass_directive is not None:
        module = first.pass_directive.name.removesuffix("_pass")
        patience = first.levels.seconds(f"{module}_read_timeout", 60.0)
        fields["next_read_timeout"] = patience
        fields["longer_than_next"] = math.ceil(patience) + 5
    return fields


def _entered(
    servers: list[Server], uri: str | None, header: str | None,
    effective: Configuration, before: Request, default_port: int,
) -> tuple[End, Request] | None:  # fmt: skip
    """The way through this nginx of what is sent to the first server that is itself."""
    if uri is None or header is None:
        return None
    for server in servers:
        if not server.local or server.host is None or server.port is None:
            continue
        addresses = _addresses(server)
        if not addresses or server.scheme not in ("http", "https"):
            continue
        name = _host_of(header) or url_host(server.host)
        try:
            request = request_for(effective, f"{server.scheme}://{name}:{server.port}{uri}")
        except ValueError:  # a Host header may be any text
            continue
        request.own_name, request.prefix = before.own_name, before.prefix
        hosts = virtual_hosts(effective, default_port)
        chosen = choose(hosts, addresses, server.port, request.host, request.own_name)
        if chosen is None:
            continue
        block = (effective.http or effective.main).directive(
            chosen.host.statement, chosen.host.file
        )
        request.captures.update(chosen.captures)
        request.server_name = chosen.host.names[0] if chosen.host.names else ""
        return walk(block, outermost(effective), request), request
    return None


def _host_of(header: str) -> str:
    """The host in a Host header, an IPv6 address in its brackets."""
    inside, bracket, _ = header.partition("]")
    return f"{inside}]" if bracket else header.partition(":")[0]


def _addresses(server: Server) -> list[str | None]:
    host = server.host or ""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        return list(hosts_file().get(host.lower(), []))
