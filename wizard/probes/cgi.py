"""The variables of a request for servers that speak FastCGI or uwsgi: RFC 3875, section 4.1."""

from __future__ import annotations

from wizard.model.route import Route, Server
from wizard.probes.request import USER_AGENT, upstream_host, upstream_path


def variables(server: Server, route: Route) -> dict[str, str]:
    """What the route's own parameters say, with a plain GET's where they say nothing."""
    path, _, query = upstream_path(route).partition("?")
    # uwsgi_params names no SCRIPT_NAME: the application is mounted at the root.
    script = {"PATH_INFO": path} if server.scheme == "uwsgi" else {"SCRIPT_NAME": path}
    usual = {
        **script,
        "REQUEST_URI": upstream_path(route),
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": upstream_host(server, route).partition(":")[0],
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
    }
    fixed = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "REDIRECT_STATUS": "200",
        "REQUEST_METHOD": "GET",
        "CONTENT_TYPE": "",
        "CONTENT_LENGTH": "",
        "HTTP_HOST": upstream_host(server, route),
        "HTTP_USER_AGENT": USER_AGENT,
        "HTTP_ACCEPT": "*/*",
    }
    return {**usual, **route.parameters, **fixed}
