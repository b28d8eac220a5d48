"""The URLs that an nginx answers, one for each location that a request can be sent to."""

from __future__ import annotations

from collections.abc import Iterator

from wizard.proxies.facts import Instance, Way
from wizard.proxies.nginx.addresses import is_local
from wizard.proxies.nginx.config import Block, configuration
from wizard.proxies.nginx.listening import IPV4_ANY, IPV6_ANY, Listen, VirtualHost, virtual_hosts
from wizard.proxies.nginx.locations import PASSES, Location, location

_LOOPBACK = {IPV4_ANY: "127.0.0.1", IPV6_ANY: "::1"}
_CATCH_ALL = ("", "_")


def urls(instance: Instance) -> list[Way]:
    """A way for each exact and prefix location that passes requests on or returns, and for `/`.

    Locations by expression have no URL that is sure to be theirs and are left out.
    """
    if instance.config is None:
        return []
    effective = configuration(instance.config)
    if effective.http is None:
        return []
    ways: dict[Way, None] = {}
    taken: set[tuple[str, int | None]] = set()
    for host in virtual_hosts(effective, 80 if instance.user in (None, "root") else 8000):
        block = effective.http.directive(host.statement, host.file).block
        paths = list(dict.fromkeys(["/", *_paths(block)]))
        for listen in host.listens:
            if listen.port is None:
                continue
            first = listen.default or (listen.address, listen.port) not in taken
            taken.add((listen.address, listen.port))
            name = _name(host, first)
            if name is not None:
                ways.update(dict.fromkeys(_way(listen, host, name, path) for path in paths))
                break
    return list(ways)


def _name(host: VirtualHost, first: bool) -> str | None:
    """The name to ask for; empty for the address itself; None when no name is sure to lead here."""
    plain = [
        name for name in host.names if name not in _CATCH_ALL and not set(name) & set("*~$^")
        and not name.startswith(".")
    ]  # fmt: skip
    if plain:
        return plain[0]
    return "" if first else None


def _way(listen: Listen, host: VirtualHost, name: str, path: str) -> Way:
    address = _LOOPBACK.get(listen.address, listen.address)
    shown = f"[{address}]" if ":" in address else address
    tls = listen.tls or host.tls_on
    scheme, usual = ("https", 443) if tls else ("http", 80)
    port = "" if listen.port == usual else f":{listen.port}"
    connect = address if name and is_local(name) is not True else None
    return Way(url=f"{scheme}://{name or shown}{port}{path}", address=connect)


def _paths(block: Block) -> Iterator[str]:
    for directive in block.all("location"):
        found = location(directive)
        if found.form in ("exact", "prefix", "final") and _answers(found):
            yield found.name
        yield from _paths(directive.block)


def _answers(found: Location) -> bool:
    block = found.directive.block
    internal = block.one("internal") is not None
    return not internal and any(block.one(name) for name in (*PASSES, "return"))
