"""Which lines of nginx's logs belong to a route, and which to the wizard's own request."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from wizard.model.route import Route
from wizard.proxies.nginx.regexes import pattern

_DEFAULT_PORTS = {"http": 80, "https": 443}


class OwnLines:
    """Recognises the lines of one route.

    A line with an upstream is the route's when the upstream is one of its servers (for a name:
    any address with its port) or its group. Else the virtual host and the location decide; where
    the URL is known and the upstream is a foreign one, only this very path counts, since another
    location of the same prefix may have passed it on.
    """

    def __init__(self, route: Route, url: str | None) -> None:
        self._exact: set[str] = set()
        self._ports_of_names: set[int] = set()
        for server in route.servers:
            if server.path:
                self._exact.add(f"unix:{server.path}")
            elif server.host is not None and server.port is not None:
                self._exact.add(authority(server.host, server.port))
                if server.is_name:
                    self._exact.add(server.host.lower())
                    self._ports_of_names.add(server.port)
            self._exact.add(server.name.lower())
        if route.upstream:
            self._exact.add(route.upstream.lower())
        if route.pass_host:
            self._exact.add(route.pass_host.lower())
        self._floating = bool(route.pass_has_variable) or not self._exact
        self._names = {_as_logged(name) for name in route.server_names} or {""}
        self._any_name = any("$" in name for name in self._names)
        self._location = _location_test(route.location)
        split = urlsplit(url) if url else None
        self._path = normal_path(_target(split.path, split.query)) if split else None
        self._port = (split.port or _DEFAULT_PORTS.get(split.scheme, 80)) if split else None
        self._resolvers = {entry.split(" ")[0].lower() for entry in route.resolver}
        self._by_upstream: dict[str, bool] = {}
        self._by_path: dict[tuple[str, str, str], bool] = {}

    def has_upstream(self, found: str) -> bool:
        """The authority that stands behind `upstream:` is the route's."""
        known = self._by_upstream.get(found)
        if known is None:
            known = self._by_upstream[found] = self._is_own(found.lower())
        return known

    def _is_own(self, found: str) -> bool:
        if found in self._exact:
            return True
        if found.startswith("unix:") or not self._ports_of_names:
            return False
        _, _, port = found.rpartition(":")
        return port.isdigit() and int(port) in self._ports_of_names

    def has_request(self, server: str, target: str, host: str, *, foreign: bool) -> bool:
        """Virtual host and path are the route's; `foreign`: it was passed to an unknown server."""
        key = (server, target.partition("?")[0] + ("!" if foreign else ""), host)
        known = self._by_path.get(key)
        if known is None:
            if len(self._by_path) > 50_000:
                self._by_path.clear()
            known = self._by_path[key] = self._is_at(server, target, host, foreign)
        return known

    def _is_at(self, server: str, target: str, host: str, foreign: bool) -> bool:
        if not self.has_server_name(server):
            return False
        if server in ("", "_") and not self._port_fits(host):
            return False
        path = normal_path(target)
        if foreign and not self._floating:
            return self._path is not None and path == self._path
        return self._location(path)

    def has_server_name(self, server: str) -> bool:
        """The name that the log has for the virtual host is the route's."""
        return self._any_name or server.lower() in self._names

    def has_path(self, target: str) -> bool:
        """The request's path falls into the route's location."""
        return self._location(normal_path(target))

    def has_resolver(self, message: str) -> bool:
        """A line of the resolver (which knows no request) is about the route's resolver."""
        address = message.rpartition("resolver: ")[2].split(",")[0].strip().lower()
        return address in self._resolvers or address.removesuffix(":53") in self._resolvers

    def _port_fits(self, host: str) -> bool:
        """Virtual hosts without a name are told apart by the port that the client asked for."""
        _, found, port = host.rpartition(":")
        return self._port is None or not found or not port.isdigit() or int(port) == self._port


class OwnRequest:
    """Recognises the request that the wizard itself made of the URL."""

    def __init__(self, url: str | None, lines: OwnLines) -> None:
        self._lines = lines
        self._target: str | None = None
        self._hosts: set[str] = set()
        self._own_clients: dict[str, bool] = {"unix:": True}
        if url:
            split = urlsplit(url)
            self._target = _target(split.path, split.query)
            name = (split.hostname or "").lower()
            self._hosts = {name, f"[{name}]", split.netloc.rpartition("@")[2].lower()}

    def is_it(self, client: str, request: str, host: str) -> bool:
        """Method, path, host and client are those of the wizard's request."""
        method, _, rest = request.partition(" ")
        target = rest.rpartition(" ")[0] or rest
        if method != "GET" or not self._from_here(client):
            return False
        if self._target is None:
            return self._lines.has_path(target)
        return target == self._target and (not host or host.lower() in self._hosts)

    def _from_here(self, client: str) -> bool:
        known = self._own_clients.get(client)
        if known is None:
            known = self._own_clients[client] = is_own_address(client)
        return known


def is_own_address(client: str) -> bool:
    """Loopback, or an address of this host (a socket may be bound to it)."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return False
    if address.is_loopback:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as attempt:
            attempt.bind((client, 0))
    except OSError:
        return False
    return True


def authority(host: str, port: int) -> str:
    """`127.0.0.1:80`, `[::1]:80`."""
    return f"[{host.lower()}]:{port}" if ":" in host else f"{host.lower()}:{port}"


def normal_path(target: str) -> str:
    """The path as nginx matches it: no query, decoded, without dot segments and double slashes."""
    if target.startswith(("http://", "https://")):
        target = "/" + target.split("://", 1)[1].partition("/")[2]
    path = target.partition("?")[0].partition("#")[0]
    if "%" not in path and "//" not in path and "/." not in path:
        return path
    kept: list[str] = []
    segments = re.sub("/{2,}", "/", unquote(path, errors="replace")).split("/")
    for segment in segments:
        if segment == "..":
            if len(kept) > 1:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/".join(kept) or "/"


def _target(path: str, query: str) -> str:
    return (path or "/") + (f"?{query}" if query else "")


def _as_logged(name: str) -> str:
    """The log has `.example.com` without its dot."""
    return name.removeprefix(".").lower()


def _location_test(location: str | None) -> Callable[[str], bool]:
    """A predicate for paths; what cannot be decided from the path alone is taken for true."""
    if location is None or location.startswith("@"):
        return lambda path: True
    modifier, _, written = location.rpartition(" ")
    written = written.strip('"')
    modifier = modifier.strip()
    if modifier == "=":
        return lambda path: path == written
    if modifier in ("~", "~*"):
        compiled = pattern(written, modifier == "~*")
        if compiled is None:
            return lambda path: True
        return lambda path: compiled.search(path) is not None
    return lambda path: path.startswith(written)
