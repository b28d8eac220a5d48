"""The request that the proxy would send to a server, as bytes."""

from __future__ import annotations

from wizard import __version__
from wizard.model.route import Route, Server
from wizard.probes.addresses import url_host

USER_AGENT = f"gateway-wizard/{__version__}"


def request_bytes(server: Server, route: Route) -> bytes:
    """A GET with the Host, URI and HTTP version of the route."""
    version = "1.1" if route.http_version in ("1.1", "2") else "1.0"
    lines = (
        f"GET {upstream_path(route)} HTTP/{version}",
        f"Host: {upstream_host(server, route)}",
        "Connection: close",
        f"User-Agent: {USER_AGENT}",
        "Accept: */*",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", errors="replace")


def upstream_path(route: Route) -> str:
    """The URI for the request line; `/` where it is unknown or holds an unfilled variable."""
    uri = route.upstream_uri or "/"
    if "$" in uri or not uri.startswith("/"):
        return "/"
    return "".join(c if "!" <= c <= "~" else _percent(c) for c in uri)


def upstream_host(server: Server, route: Route) -> str:
    """The Host header; the server's own name where it is unknown or holds an unfilled variable."""
    host = route.host_header
    if host and "$" not in host and all("!" <= c <= "~" for c in host):
        return host
    if server.host is None:
        return "localhost"
    name = url_host(server.host)
    standard = 443 if server.scheme == "https" else 80
    return name if server.port in (None, standard) else f"{name}:{server.port}"


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", errors="replace"))
