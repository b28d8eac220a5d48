"""The curl command with which a person asks a server as the proxy would."""

from __future__ import annotations

import shlex

from wizard.model.route import Route, Server
from wizard.probes.addresses import url_host
from wizard.probes.request import upstream_host, upstream_path
from wizard.probes.streams import sni_of


def curl_command(server: Server, route: Route) -> str:
    """Host, version, SNI and socket as the route has them."""
    words = ["curl", "-sS", "-i", "--max-time", "10"]
    secure = server.scheme in ("https", "grpcs")
    if server.scheme not in ("http", "https"):
        words = ["curl", "-v", "--max-time", "3"]
    if route.http_version in (None, "1.0"):
        words.append("--http1.0")
    if secure:
        words.append("-k")
        if route.tls_protocols and "TLSv1.3" not in route.tls_protocols:
            words += ["--tls-max", "1.2"]
    if server.path is not None:
        words += ["--unix-socket", server.path]
    at = (
        f"{url_host(server.host)}:{server.port or (443 if secure else 80)}"
        if server.host
        else "localhost"
    )
    name = sni_of(server, route) if secure else None
    if name and name != server.host:
        words += ["--connect-to", f"::{at}"]
        at = name
    host = upstream_host(server, route)
    if host != at:
        words += ["-H", f"Host: {host}"]
    words.append(f"{'https' if secure else 'http'}://{at}{upstream_path(route)}")
    return " ".join(shlex.quote(word) for word in words)
