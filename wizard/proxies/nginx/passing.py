"""Where a *_pass sends the request: upstream group or address, servers, URI and Host header."""

from __future__ import annotations

import ipaddress
import re
from typing import Literal, cast

import msgspec

from wizard.model.route import Place, Server
from wizard.model.text import clean
from wizard.proxies.nginx.addresses import is_local
from wizard.proxies.nginx.config import Configuration, Directive
from wizard.proxies.nginx.levels import Levels, seconds
from wizard.proxies.nginx.variables import Request

Scheme = Literal["http", "https", "fastcgi", "uwsgi", "scgi", "grpc", "grpcs"]

_OWN_SCHEMES = {"fastcgi_pass": "fastcgi", "uwsgi_pass": "uwsgi", "scgi_pass": "scgi",
                "grpc_pass": "grpc", "memcached_pass": "http"}  # fmt: skip
_USUAL_PORTS = {"http": 80, "https": 443, "grpc": 80, "grpcs": 443}
# nginx 1.21.1 and later escape these when they send a changed URI.
_KEPT = "!$&'()*+,-./:;=@_~[]"


class Target(msgspec.Struct, frozen=True):
    """A *_pass with its variables filled in."""

    directive: Directive
    scheme: Scheme
    host: str | None
    """Name, address, or `unix:/path`; None when it depends on something not known here."""
    port: str | None
    uri: str | None
    """The URI part, None when the pass has none."""
    has_variable: bool
    is_invalid: bool = False
    """Variables left no host, or for proxy_pass no scheme: nginx asks nobody."""

    @property
    def address(self) -> str | None:
        """Host and port as written."""
        if self.host is None:
            return None
        return f"{self.host}:{self.port}" if self.port else self.host

    @property
    def host_header(self) -> str | None:
        """`$proxy_host`: the host, with a port that is not the scheme's own."""
        if self.host is None:
            return None
        if self.host.startswith("unix:"):
            return "localhost"
        usual = str(_USUAL_PORTS.get(self.scheme, ""))
        return self.host if self.port in (None, usual) else f"{self.host}:{self.port}"


class Group(msgspec.Struct, frozen=True):
    """An `upstream { }` block."""

    directive: Directive
    servers: tuple[Server, ...]


def target(directive: Directive, request: Request) -> Target:
    """Read the address of a *_pass."""
    written = directive.args[0] if directive.args else ""
    has_variable = "$" in written
    filled = request.text(written) if has_variable else written
    scheme = _OWN_SCHEMES.get(directive.name, "http")
    if filled is None:
        request.doubt(f"{directive.written} at {directive.place} holds a variable of unknown value")
        known = re.match(r"(https?|grpcs?)://", written)
        shown = cast(Scheme, known.group(1) if known else scheme)
        return Target(directive, shown, None, None, None, True)
    prefix = re.match(r"([a-z]+)://", filled, re.IGNORECASE)
    rest = filled
    if prefix:
        scheme = {"suwsgi": "uwsgi"}.get(prefix.group(1).lower(), prefix.group(1).lower())
        rest = filled[prefix.end() :]
    host, port, uri = _split(rest, directive.name == "proxy_pass")
    schemeless = directive.name == "proxy_pass" and scheme not in ("http", "https")
    schemeless = schemeless or (directive.name == "proxy_pass" and prefix is None)
    is_invalid = has_variable and (not host or schemeless)
    return Target(directive, cast(Scheme, scheme), host, port, uri, has_variable, is_invalid)


def _split(rest: str, with_uri: bool) -> tuple[str, str | None, str | None]:
    if rest.startswith("unix:"):
        path, colon, uri = rest[5:].partition(":")
        return f"unix:{path}", None, (uri or None) if colon and with_uri else None
    cut = re.search(r"[/?]", rest)
    authority, uri = (rest[: cut.start()], rest[cut.start() :]) if cut else (rest, "")
    if uri.startswith("?"):
        uri = f"/{uri}"
    bracketed = re.fullmatch(r"(\[[^]]*\])(?::(\d+))?", authority)
    if bracketed:
        return bracketed.group(1), bracketed.group(2), uri or None
    host, _, port = authority.partition(":")
    return host, port or None, uri or None


def group(configuration: Configuration, aim: Target) -> Group | None:
    """The upstream group that the pass names; a pass with a port never means a group."""
    if configuration.http is None or aim.host is None or aim.port:
        return None
    for directive in configuration.http.having("upstream"):
        if directive.args and directive.args[0].lower() == aim.host.lower():
            servers = tuple(
                server
                for each in directive.block.all("server")
                for server in _group_server(each, aim.scheme)
            )
            return Group(directive, servers)
    return None


def single(aim: Target) -> Server | None:
    """The server that a pass without a group means."""
    if aim.host is None or aim.address is None or aim.is_invalid:
        return None
    port = int(aim.port) if aim.port else _USUAL_PORTS.get(aim.scheme)
    return _server(aim.address, aim.host, port, aim.scheme, aim.directive.place)


def _group_server(directive: Directive, scheme: Scheme) -> list[Server]:
    if not directive.args:
        return []
    written, *parameters = directive.args
    host, port, _ = _split(written, False)
    # In a group the port is 80 when none is written, whatever the scheme of the pass.
    base = _server(written, host, int(port) if port else 80, scheme, directive.place)
    given = dict(word.split("=", 1) for word in parameters if "=" in word)
    timeout = seconds(given.get("fail_timeout", "10s"))
    changed = {
        "weight": _number(given.get("weight"), 1),
        "max_fails": _number(given.get("max_fails"), 1),
        "fail_timeout": 10.0 if timeout is None else timeout,
        "max_conns": _number(given.get("max_conns"), 0),
        "backup": "backup" in parameters,
        "down": "down" in parameters,
    }
    fields = {name: getattr(base, name) for name in base.__struct_fields__}
    return [Server(**{**fields, **changed})]


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


def _server(name: str, host: str, port: int | None, scheme: Scheme, place: Place | None) -> Server:
    if host.startswith("unix:"):
        return Server(name=clean(name), path=host[5:], scheme=scheme, place=place, local=True)
    bare = host.strip("[]")
    try:
        ipaddress.ip_address(bare)
        is_name = False
    except ValueError:
        is_name = True
    return Server(
        name=clean(name), host=clean(bare), port=port, is_name=is_name, scheme=scheme,
        place=place, local=is_local(bare),
    )  # fmt: skip


def upstream_uri(aim: Target, location: str | None, request: Request) -> str | None:
    """The URI that goes upstream.

    `location` is the prefix that the pass's URI part replaces; None in regex and named locations.
    """
    query = f"?{request.args}" if request.args else ""
    if aim.directive.name != "proxy_pass" or aim.uri is None:
        if request.uri_untouched:
            return request.raw_uri
        return escaped(request.uri) + query
    if aim.has_variable:
        return aim.uri
    if location is None or request.location_left:
        return escaped(request.uri) + query
    return aim.uri + escaped(request.uri.removeprefix(location)) + query


def escaped(uri: str) -> str:
    """The URI with what may not stand in a request line percent-encoded."""
    from urllib.parse import quote

    return quote(uri.encode("utf-8", "surrogateescape"), safe=_KEPT)


def host_header(aim: Target, levels: Levels, request: Request) -> str | None:
    """The Host header that goes upstream; empty when the configuration removes it."""
    if aim.directive.name not in ("proxy_pass", "grpc_pass"):
        return request.host_header
    request.proxy_host = aim.host_header
    for each in levels.all(f"{aim.directive.name.removesuffix('_pass')}_set_header"):
        if len(each.args) == 2 and each.args[0].lower() == "host":
            value = request.text(each.args[1])
            if value is None:
                request.doubt(f"{each.written} at {each.place}")
            return value
    return aim.host_header
