"""Every address that any route of an nginx passes requests to."""

from __future__ import annotations

import re

from wizard.proxies.facts import Instance
from wizard.proxies.nginx.config import Block, configuration

_PASSES = frozenset(
    {"proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass"}
)
_SCHEME = re.compile(r"^(\w+)://")
_DEFAULT_PORTS = {"http": "80", "https": "443", "grpc": "80", "grpcs": "443"}


def upstream_addresses(instance: Instance) -> set[str]:
    """`127.0.0.1:3000`, `localhost:80`, `unix:/run/app.sock`; no names of groups."""
    if instance.kind != "nginx" or instance.config is None:
        return set()
    try:
        main = configuration(instance.config).main
    except (OSError, KeyError, ValueError):
        return set()
    groups: set[str] = set()
    found: set[str] = set()
    _collect(main, None, groups, found)
    return {address for address in found if address.rpartition(":")[0] not in groups}


def _collect(block: Block, group: str | None, groups: set[str], found: set[str]) -> None:
    for statement, file in block.raw():
        name, args = statement["directive"], statement["args"]
        if (name in _PASSES and args) or (name == "server" and group is not None and args):
            found.add(_address(args[0]))
        if "block" in statement:
            inside = args[0] if name == "upstream" and args else None
            if inside:
                groups.add(inside)
            _collect(block.directive(statement, file).block, inside, groups, found)


def _address(written: str) -> str:
    scheme = _SCHEME.match(written)
    rest = written[scheme.end() :] if scheme else written
    if rest.startswith("unix:"):
        return rest.split(":/", 1)[0] + ":/" + rest.split(":/", 1)[-1].split(":")[0]
    host = rest.partition("/")[0]
    if re.search(r":\d+$", host):
        return host
    return f"{host}:{_DEFAULT_PORTS.get(scheme[1] if scheme else 'http', '80')}"
