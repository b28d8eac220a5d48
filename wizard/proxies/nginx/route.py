"""The way of a URL through one nginx, as its files describe it."""

from __future__ import annotations

import os
from typing import Any

from msgspec.structs import replace

from wizard.model.headroom import roomy
from wizard.model.route import Route
from wizard.model.text import clean
from wizard.proxies.facts import Instance
from wizard.proxies.nginx.addresses import asked_addresses
from wizard.proxies.nginx.build import Build, build, version_numbers
from wizard.proxies.nginx.config import Configuration, Directive, configuration
from wizard.proxies.nginx.levels import outermost
from wizard.proxies.nginx.listening import virtual_hosts
from wizard.proxies.nginx.mending import mending
from wizard.proxies.nginx.onward import onward
from wizard.proxies.nginx.passing import group, host_header, single, target, upstream_uri
from wizard.proxies.nginx.servers import Chosen, choose
from wizard.proxies.nginx.settings import in_effect
from wizard.proxies.nginx.variables import Request, request_for
from wizard.proxies.nginx.walk import End, replaced_name, walk


def route(instance: Instance, url: str) -> Route:
    """Resolve the URL through the configuration of this instance."""
    if instance.config is None:
        return Route(found=None, proxy="nginx", unsettled=["its configuration file is not known"])
    effective = configuration(instance.config)
    request = request_for(effective, url)
    request.own_name = os.uname().nodename
    request.prefix = instance.prefix or os.path.dirname(instance.config)
    # A connection to one of this host's own addresses comes from that same address.
    request.client = asked_addresses(request.host.strip("[]"))[0]
    for trouble in effective.troubles:
        request.doubt(clean(str(trouble)))
    chosen = _chosen(effective, request, instance)
    if chosen is None:
        found = None if request.unsettled else False
        return Route(found=found, proxy="nginx", unsettled=request.unsettled)
    server = (effective.http or effective.main).directive(chosen.host.statement, chosen.host.file)
    request.captures.update(chosen.captures)
    request.server_name = chosen.host.names[0] if chosen.host.names else ""
    for name in chosen.undecided:
        request.doubt(f"{name} at {server.place}")
    if chosen.tls != (request.scheme == "https"):
        speaks = "TLS" if chosen.tls else "plain HTTP"
        request.doubt(f"the listener speaks {speaks}, the URL says {request.scheme}")
    fresh = replace(request, captures=dict(request.captures), unsettled=[])
    end = walk(server, outermost(effective), request)
    known = build(instance.executable) if instance.executable else None
    fields: dict[str, Any] = {
        "found": True,
        "proxy": "nginx",
        "listener": chosen.listen.shown + (" ssl" if chosen.tls else ""),
        "server_names": [clean(name) for name in chosen.host.names],
        "is_default_server": chosen.is_default,
        "server_place": server.place,
        "request_line_room_kb": max(16, roomy(len(url), 1024)),
        **_beside(chosen, effective),
        "action": end.action,
        "return_status": end.status,
        "return_place": end.place if end.action != "proxy" else None,
        "return_condition": end.condition,
    }
    if end.locations:
        fields["location"] = clean(end.locations[-1].written)
        fields["location_place"] = end.locations[-1].directive.place
    if end.pass_directive is not None:
        fields.update(_passed(end, effective, request, _default_port(instance)))
    fields.update(_settings(end, fields, request, instance, known))
    fields.update(
        mending(
            end, server,
            lambda place: walk(server, outermost(effective), replace(fresh, passed_over=place)),
        )
    )  # fmt: skip
    return Route(**fields, unsettled=request.unsettled)


def _chosen(effective: Configuration, request: Request, instance: Instance) -> Chosen | None:
    hosts = virtual_hosts(effective, _default_port(instance))
    addresses = asked_addresses(request.host.strip("[]"))
    return choose(hosts, addresses, request.port, request.host, request.own_name)


def _beside(chosen: Chosen, effective: Configuration) -> dict[str, Any]:
    """The servers of the same listener that matter beside the one that answers."""
    http = effective.http or effective.main
    fields: dict[str, Any] = {}
    if chosen.default is not None:
        place = http.directive(chosen.default.statement, chosen.default.file).place
        fields["default_server_place"] = place
    if chosen.near is not None:
        fields["near_names"] = clean(" ".join(chosen.near.names))
        fields["near_names_place"] = http.directive(chosen.near.statement, chosen.near.file).place
    return fields


def _default_port(instance: Instance) -> int:
    """What a server without `listen` gets."""
    return 80 if instance.user in (None, "root") else 8000


def _passed(
    end: End, effective: Configuration, request: Request, default_port: int
) -> dict[str, Any]:
    directive = end.pass_directive
    if directive is None:
        return {}
    aim = target(directive, request)
    found = group(effective, aim)
    alone = None if found else single(aim)
    servers = list(found.servers) if found else [alone] if alone else []
    header = host_header(aim, end.levels, request)
    uri = upstream_uri(aim, replaced_name(end.locations), request)
    sent = end.levels.all(f"{directive.name.removesuffix('_pass')}_set_header")
    return {
        "passed_by": directive.name,
        "prefix": directive.name.removesuffix("_pass"),
        "pass_target": clean("".join(directive.args[:1]).rpartition("://")[2]),
        "pass_value": clean(" ".join(directive.args[:1])),
        "pass_place": directive.place,
        "pass_has_variable": aim.has_variable,
        "pass_is_invalid": aim.is_invalid,
        "pass_host": clean(aim.host) if aim.host else None,
        "scheme": "memcached" if directive.name == "memcached_pass" else aim.scheme,
        "upstream": clean(found.directive.args[0]) if found else None,
        "upstream_place": found.directive.place if found else None,
        "servers": servers,
        "server_count": len(servers),
        "usable_count": sum(not server.down for server in servers),
        "first_down": next((server for server in servers if server.down), None),
        "upstream_uri": clean(uri) if uri is not None else None,
        "host_header": clean(header) if header is not None else None,
        "host_set": any(each.args[:1] and each.args[0].lower() == "host" for each in sent),
        "forwarded_proto": _forwarded_proto(sent, request),
        **onward(end, servers, uri, header, effective, request, default_port),
    }


def _forwarded_proto(sent: list[Directive], request: Request) -> str | None:
    """Empty where the header is not set; None where its value cannot be known."""
    for each in sent:
        if len(each.args) == 2 and each.args[0].lower() == "x-forwarded-proto":
            value = request.text(each.args[1])
            return None if value is None else clean(value)
    return ""


def _settings(
    end: End, fields: dict[str, Any], request: Request, instance: Instance, known: Build | None
) -> dict[str, Any]:
    numbers = known.numbers if known else version_numbers(instance.version)
    return in_effect(end, fields.get("upstream"), request, known, numbers)
