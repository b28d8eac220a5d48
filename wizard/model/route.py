"""The resolved way of one URL through a proxy: listener, virtual host, location, upstream, servers.

Every proxy adapter fills the same shapes. Times are in seconds, sizes in bytes. A value that the
configuration leaves to the proxy's default is filled with that default; None means that it could
not be found out.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Place(msgspec.Struct, frozen=True):
    """A line of a configuration file."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Server(msgspec.Struct, frozen=True, kw_only=True):
    """One upstream server as the configuration names it."""

    name: str
    """As written: `127.0.0.1:3000`, `localhost:3000`, `unix:/run/app.sock`."""
    host: str | None = None
    """Host name or IP literal without brackets; None for a unix socket."""
    port: int | None = None
    path: str | None = None
    """Absolute path of a unix socket."""
    is_name: bool = False
    """The host is a name that needs resolving, not an IP literal."""
    scheme: Literal["http", "https", "fastcgi", "uwsgi", "scgi", "grpc", "grpcs"] = "http"
    weight: int = 1
    backup: bool = False
    down: bool = False
    max_fails: int = 1
    fail_timeout: float = 10.0
    max_conns: int = 0
    place: Place | None = None
    local: bool | None = None
    """The address belongs to this host (loopback, an own interface, a unix socket); None where
    it could not be known (a name that does not resolve)."""
    instead_of: str | None = None
    """The server that the proxy asks, where this is not it: the backend was found here."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A directive in effect at the route: written somewhere, or the proxy's default."""

    name: str
    value: str
    place: Place | None = None
    """None for a default."""
    inherited: bool = False
    """Written at an outer level than the one that the request ends in."""


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the look `route`: how the proxy treats this URL."""

    found: bool | None
    """A virtual host and location were resolved. None: not all of the configuration is known."""
    proxy: str = ""
    """Adapter name: nginx, haproxy, ..."""
    listener: str | None = None
    """`0.0.0.0:80`, with `ssl` when it speaks TLS."""
    server_names: list[str] = []
    is_default_server: bool | None = None
    """No server_name matched; the listener's default server took it."""
    server_place: Place | None = None
    default_server_place: Place | None = None
    """The listener's default server, which counts until a request's name is known."""
    near_names: str | None = None
    """The names of another server of this listener, of which one is this host with or without
    `www.`; where this host is named nowhere."""
    near_names_place: Place | None = None
    """Where that server's block begins."""
    location: str | None = None
    """As written with its modifier: `/`, `= /x`, `~ \\.php$`, `@app`."""
    location_place: Place | None = None
    action: (
        Literal["proxy", "return", "static", "redirect", "deny", "internal-redirect", "none"] | None
    ) = None
    """What the location does with the request. `proxy` covers every *_pass."""
    passed_by: str | None = None
    """The directive that passes it on: proxy_pass, fastcgi_pass, uwsgi_pass, ..."""
    prefix: str | None = None
    """How the directives that belong to it begin: proxy, fastcgi, uwsgi, scgi, grpc."""
    pass_value: str | None = None
    pass_place: Place | None = None
    pass_target: str | None = None
    """The pass without its scheme, as written: `127.0.0.1:3000`, `app/api/`."""
    pass_has_variable: bool | None = None
    """The address contains a variable, so it is resolved while the proxy runs."""
    pass_host: str | None = None
    """The host part of the pass, variables filled in where they are known."""
    scheme: str | None = None
    upstream: str | None = None
    """Name of the upstream group; None when the address is written in the pass itself."""
    upstream_place: Place | None = None
    servers: list[Server] = []
    server_count: int = 0
    usable_count: int = 0
    """Servers not flagged down."""
    first_down: Server | None = None
    """The first that is flagged down."""
    return_status: int | None = None
    """Status of a `return` (or rewrite, deny) that answers here instead of passing on."""
    return_place: Place | None = None
    return_condition: str | None = None
    """The `if` that guards it, as written."""
    return_flag: str | None = None
    """The file whose being there switches it on; None where something else does."""
    return_leaves: str | None = None
    """What becomes of the request without that directive, in the words of `action`."""
    request_line_room_kb: int | None = None
    """Kilobytes of a buffer that takes the request line of this URL, with headroom."""
    upstream_uri: str | None = None
    """The URI that the proxy sends upstream for this URL."""
    host_header: str | None = None
    """Host header that it sends upstream, variables filled in."""
    host_set: bool | None = None
    """The Host header is written in the configuration; else it is the proxy's default."""
    forwarded_proto: str | None = None
    """The X-Forwarded-Proto header that it sends upstream; empty where it sends none of its own."""
    http_version: str | None = None
    """1.0, 1.1 or 2 towards the upstream."""
    parameters: dict[str, str] = {}
    """What a FastCGI, uwsgi or SCGI server is told: CGI's own names, variables filled in."""
    idle_connections: int | None = None
    """How many idle connections to the upstream each worker keeps for the next request; 0: none
    is used again."""
    idle_seconds: float | None = None
    """How long it keeps one."""
    passes_upgrade: bool | None = None
    """A client's `Upgrade` header reaches the upstream."""
    underscores: bool | None = None
    """Header names with underscores are taken; else they are dropped without a word."""
    body_limit: int | None = None
    """The largest request body that it takes, in bytes; 0: any."""
    connect_timeout: float | None = None
    send_timeout: float | None = None
    read_timeout: float | None = None
    longer_read_timeout: int | None = None
    """What to try where read_timeout is not enough: twice as long, two minutes at least."""
    header_buffer_bytes: int | None = None
    """The largest response header that it accepts (nginx: proxy_buffer_size)."""
    next_upstream: list[str] = []
    next_upstream_tries: int | None = None
    intercept_errors: bool | None = None
    error_pages: list[str] = []
    """Statuses that this proxy replaces by an own page, `502=/50x.html`."""
    replaced_statuses: list[int] = []
    """Statuses of which error_page makes another one, the backend's included where it may."""
    error_page_place: Place | None = None
    """Of the only error_page that gives another status."""
    error_page_kept: str | None = None
    """Its arguments such that the status stays what it was."""
    try_files_ended: str | None = None
    """Arguments for a try_files that goes round in circles: its last leads to a 404 instead."""
    tls_verify: bool | None = None
    tls_name: str | None = None
    """The name that the certificate must bear."""
    tls_sni: bool | None = None
    tls_protocols: list[str] = []
    tls_protocols_place: Place | None = None
    """Where they are written; None where they are the proxy's default."""
    tls_ciphers: str | None = None
    """OpenSSL's cipher list, where one is written."""
    tls_trusted_certificate: str | None = None
    tls_client_certificate: str | None = None
    tls_client_key: str | None = None
    """Path of its private key."""
    pass_plain: str | None = None
    """The pass with its variables filled in, where each is one constant `set` and so every request
    gets the same."""
    pass_resolving: str | None = None
    """The pass with `$backend_host` for its name, where it has a plain name and no URI part."""
    resolver: list[str] = []
    resolver_place: Place | None = None
    resolver_timeout: float | None = None
    limit_req: list[str] = []
    """`zone=perip burst=5 nodelay rate=1r/s status=503`, one a rule."""
    limit_req_place: Place | None = None
    """Of the only rule; None where there are several, or none."""
    limit_req_relaxed: str | None = None
    """Its arguments with a burst of 20 that need not wait; None where it has more already."""
    limit_conn: list[str] = []
    limit_conn_place: Place | None = None
    limit_conn_relaxed: str | None = None
    """The only rule's arguments with ten times the number, 20 at least."""
    error_logs: list[str] = []
    """Paths, `stderr`, `syslog:...`, `memory:...`; empty when off."""
    error_log_level: str | None = None
    access_logs: list[str] = []
    access_log_format: str | None = None
    """The format string, empty for the predefined one."""
    pass_is_invalid: bool | None = None
    """The variables of the pass leave no address that could be asked: no host, or no scheme."""
    auth_request: str | None = None
    """The URI that is asked for leave before every request of this location."""
    source_address: str | None = None
    """The own address that connections to the servers shall come from (nginx: proxy_bind)."""
    source_address_here: bool | None = None
    """That address belongs to this host; None where it is a variable or none is given."""
    source_place: Place | None = None
    body_temp_path: str | None = None
    """Folder for request bodies that do not fit into a buffer."""
    answer_temp_path: str | None = None
    """Folder for the part of answers that is larger than the buffers."""
    max_body_bytes: int | None = None
    """The largest request body that is taken; 0 is any."""
    max_body_place: Place | None = None
    worker_connections: int | None = None
    """Connections that one worker may have, those to the servers included."""
    events_place: Place | None = None
    """Where the block begins in which that number stands, or would."""
    returns_here: bool | None = None
    """A server of this location is the proxy itself, and leads back to this very location."""
    next_read_timeout: float | None = None
    """Where a server of this location is the proxy itself: how long that hop waits for its own."""
    longer_than_next: int | None = None
    """Five seconds more than next_read_timeout, so that the hop that knows why gives up first."""
    next_place: Place | None = None
    settings: list[Setting] = []
    """Everything else in effect that a person may want to see: pool flags, buffers, keepalive."""
    unsettled: list[str] = []
    """What could not be decided, in words: `if ($http_x) at shop.conf:12`, `Lua at ...`."""
