"""The server that the proxy asked beside those of the location: for leave, or for a second hop.

auth_request and X-Accel-Redirect lead to a location of their own; its server stands only in the
error log's line. Computed, nothing is read.
"""

from __future__ import annotations

import ipaddress

from wizard.model.evidence import Sighting
from wizard.model.route import Route, Server
from wizard.proxies.facts import Aside, ErrorLog


def aside(route: Route, errors: ErrorLog) -> Sighting:
    """Read the address out of the lines that were written for the wizard's own request."""
    known = {server.name for server in route.servers}
    for entry in errors.request_entries:
        server = _server(entry.upstream or "")
        if server is not None and server.name not in known:
            return Sighting(
                status="present", facts=Aside(server=server, name=server.name),
                reading=f"{server.name} was asked beside the location's own servers",
                raw=entry.message, rests_on=("errors",),
            )  # fmt: skip
    return Sighting(
        status="absent", facts=Aside(), reading="nobody was asked beside", rests_on=("errors",)
    )


def _server(upstream: str) -> Server | None:
    if upstream.startswith("unix:"):
        return Server(name=upstream, path=upstream.removeprefix("unix:"), local=True)
    host, _, port = upstream.rpartition(":")
    bare = host.strip("[]")
    try:
        address = ipaddress.ip_address(bare)
    except ValueError:
        return None
    if not port.isdigit():
        return None
    local = True if address.is_loopback else None
    return Server(name=upstream, host=bare, port=int(port), local=local)
