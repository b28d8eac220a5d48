"""Whether a server that the proxy asks is itself a proxy of this host, and what it is asked."""

from __future__ import annotations

import shlex

from wizard.model.address import AddressError, parse
from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.probes.addresses import is_literal, url_host
from wizard.probes.http import Asked
from wizard.probes.request import upstream_host, upstream_path
from wizard.proxies import choosing
from wizard.proxies.adapters import adapter_for
from wizard.proxies.error_pages import page_maker
from wizard.proxies.facts import Inner, Way


def inner(server: Server, route: Route, asked: Asked | None) -> Sighting:
    """Look for a virtual host behind the server's address, in the files of every proxy here."""
    page = page_maker(asked.status, asked.server, asked.body_start) if asked else None
    way = _way(server, route)
    if server.local is False or way is None:
        where = "another host" if server.local is False else "no TCP address that speaks HTTP"
        return Sighting(
            status="absent" if page is None else "present",
            facts=Inner(found=None, page_of=page),
            reading=f"{server.name} is on {where}" + (f"; the page is {page}'s" if page else ""),
        )
    facts = _served(way, server, page)
    if not facts.found:
        said = f"no proxy of this host serves {server.name}"
        return Sighting(status="absent", facts=facts, reading=said)
    return Sighting(
        status="present",
        facts=facts,
        reading=f"{facts.proxy} serves it, asked for {way.url}",
        raw=f"{way.url}\n{facts.server_names}\n{facts.place or ''}",
        command=f"nginx -T -c {shlex.quote(facts.config or '')}" if facts.proxy == "nginx" else "",
    )


def _served(way: Way, server: Server, page: str | None) -> Inner:
    at = f"{server.scheme}://{url_host(way.address or server.host or '')}:{server.port}/"
    here = choosing.instances(at, None, None)
    instance = here.instance
    if not here.found or instance is None or not instance.running or not here.serves:
        return Inner(found=False, page_of=page)
    adapter = adapter_for(instance.kind)
    found = adapter.route(instance, way.url) if adapter else None
    if found is None or not found.found:
        return Inner(found=None, proxy=instance.kind, page_of=page, config=instance.config)
    return Inner(
        found=True,
        proxy=instance.kind,
        config=instance.config,
        unit=instance.unit,
        way=way,
        action=found.action,
        server_names=found.server_names,
        place=found.server_place,
        page_of=page,
    )


def _way(server: Server, route: Route) -> Way | None:
    """The URL of what the outer proxy sends, and the address that it sends it to.

    The virtual host is chosen by the Host header, so that stands in the URL, with the server's
    own port.
    """
    if server.scheme not in ("http", "https") or server.host is None or server.port is None:
        return None
    written = f"{server.scheme}://{upstream_host(server, route)}{upstream_path(route)}"
    try:
        asked = parse(written)._replace(port=server.port)
    except AddressError:
        return None
    same = asked.host == server.host and is_literal(server.host)
    return Way(url=asked.url, address=None if same else server.host)
