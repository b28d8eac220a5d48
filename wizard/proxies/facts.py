"""What the looks at a proxy see: the shapes that every adapter fills."""

from __future__ import annotations

import time
from typing import Literal

import msgspec

from wizard.model.route import Place, Server

USUAL_WINDOW = 15 * 60.0
"""Seconds of a log that are read unless told otherwise."""


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """One proxy on this host, running or meant to."""

    kind: str
    """nginx, haproxy, ..."""
    running: bool
    version: str | None = None
    pid: int | None = None
    """Of the master (or only) process."""
    executable: str | None = None
    user: str | None = None
    worker_user: str | None = None
    worker_pids: list[int] = []
    config: str | None = None
    """Absolute path of the main configuration file."""
    prefix: str | None = None
    unit: str | None = None
    """The service unit that it runs in or that would start it."""
    started: float | None = None
    listens: list[str] = []
    """`0.0.0.0:80`, as the socket table or, when hidden, the configuration has them."""


class Way(msgspec.Struct, frozen=True):
    """A URL that a proxy answers, and where to send it when its name does not lead there."""

    url: str
    address: str | None = None


class Instances(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the look `proxy`: the instance that this URL concerns, and the others."""

    found: bool | None = None
    """A proxy is installed or running here."""
    running: bool | None = None
    """The chosen one runs."""
    instance: Instance | None = None
    """The chosen one: it listens on the URL's port, or its configuration says it should; else the
    only one."""
    serves: bool | None = None
    """The chosen one listens (or is configured to listen) on the URL's address and port."""
    listens_now: bool | None = None
    """Something listens on the URL's address and port now."""
    port_owner: str | None = None
    """Process name of what listens there."""
    other_owner: bool | None = None
    """What listens there is not the chosen instance."""
    instances: list[Instance] = []
    unit: str | None = None
    unit_state: str | None = None
    """`active`, `inactive`, `failed`, ... of the chosen instance's unit."""
    unit_result: str | None = None
    unit_since: float | None = None
    unit_enabled: str | None = None
    last_words: str | None = None
    """The last error line that it or its unit wrote when it does not run."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines of a log are wanted; times in seconds since the epoch."""

    url: str | None = None
    """With it the wizard's own request is known by its request line, not only by its location."""
    asked_at: float | None = None
    """When the wizard made its own request."""
    since: float | None = None
    until: float | None = None
    log: str | None = None
    """This file instead of those that the route names."""
    changed: float | None = None
    """The last reload or restart of the proxy: what is newer is counted apart."""

    def end(self) -> float:
        """The end; now when none was given."""
        return self.until if self.until is not None else time.time() + 1.0

    def begin(self) -> float:
        """The beginning; 15 minutes before the end when none was given."""
        return self.since if self.since is not None else self.end() - USUAL_WINDOW

    def settled(self) -> Window:
        """The same with both ends written down: "now" is one moment for every line."""
        until = msgspec.structs.replace(self, until=self.end())
        return msgspec.structs.replace(until, since=until.begin())


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What the proxy's own check (or, failing that, the parser) says of the files."""

    passes: bool | None = None
    """None when it could not be told: an ordinary user's check stops at files that only root may
    read, which says nothing about the syntax."""
    syntax_ok: bool | None = None
    message: str | None = None
    place: Place | None = None
    warnings: list[str] = []
    unresolved: str | None = None
    """The host name in the files that could not be looked up, where that is what it stopped at;
    empty where it stopped at something else, or at nothing."""
    by: Literal["check", "parser"] | None = None


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the running configuration is as old as the files."""

    stale: bool | None = None
    """A file of the effective configuration was changed after the last load."""
    loaded: float | None = None
    """When the present configuration was loaded, seconds since the epoch."""
    changed: float | None = None
    changed_files: list[str] = []
    reload_failed: bool | None = None
    """A reload was tried after the change and refused by the proxy."""
    reload_error: str | None = None


class Workers(msgspec.Struct, frozen=True, kw_only=True):
    """What the workers of the proxy have open, and may."""

    open_files_limit: int | None = None
    """The smallest soft limit of open descriptors (RLIMIT_NOFILE) of a worker."""
    open_files_most: int | None = None
    """The hard limit of that worker."""
    open_files: int | None = None
    """Descriptors of the worker that has most; None where they are hidden."""
    files_left: int | None = None
    """Descriptors that the fullest worker may still open."""
    sockets: int | None = None
    """Sockets among the descriptors of the worker that has most of them."""
    connections_left: int | None = None
    """How many more connections that worker may have; its listeners count as well."""


Phase = Literal[
    "connect", "tls", "send", "read-header", "read-body", "resolve", "select", "limit", "client",
    "internal", "start", "other",
]  # fmt: skip
"""What the proxy was doing when it failed. `select`: choosing a server (no live upstreams);
`resolve`: looking up its name; `limit`: its own rate or connection limits; `internal`: its own
files, loops and limits; `start`: its start or reload."""

Failure = Literal[
    "refused", "timed-out", "reset", "closed", "unreachable", "no-route", "no-file", "denied",
    "queue-full", "bad-address", "no-live-servers", "not-resolved", "no-resolver", "wrong-version",
    "tls-failed", "certificate-expired", "certificate-name", "certificate-untrusted",
    "certificate-other", "too-big-header", "invalid-header", "no-valid-header", "truncated",
    "rate-limited", "connections-limited", "rewrite-loop", "disk-full", "too-many-files",
    "no-connections", "client-closed", "body-too-big", "forbidden", "not-found", "invalid-url",
    "invalid-chunked", "wrong-length", "app-error", "address-in-use", "disabled",
    "worker-crashed", "auth-failed", "no-source-address", "other",
]  # fmt: skip
"""What went wrong, in words that all proxies share. `not-resolved`: every way in which a name could
not be looked up, resolver timeouts included (errno tells); `truncated`: the body ended early;
`wrong-length`: the length that the header announces is no number, or not that of the body;
`wrong-version`: TLS was spoken to something that does not; `app-error`: the application wrote a
fatal error; `disabled`: no failure of its own, the server was taken out of the rotation;
`auth-failed`: the service that is asked for leave gave neither a yes nor a no;
`no-source-address`: the own address that a connection shall come from is not this host's."""


class LogEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the error log, read."""

    at: float
    level: str
    phase: Phase
    failure: Failure
    errno: int | None = None
    """The system's error number; for names the resolver's code (3 host not found, 2 server
    failure, 110 timed out)."""
    alert: int | None = None
    """Number of the TLS alert that the server sent: 40 handshake failure, 70 protocol version,
    112 unrecognized name, 116 certificate required."""
    upstream: str | None = None
    """As the log has it, without scheme and URI: `127.0.0.1:3000`, `unix:/run/app.sock`, or the
    name of the upstream group."""
    scheme: str | None = None
    client: str | None = None
    server: str | None = None
    request: str | None = None
    host: str | None = None
    message: str = ""
    """The whole line, clean, at most 1,000 characters."""


class Aside(msgspec.Struct, frozen=True, kw_only=True):
    """A server that the proxy asked for this request beside those of the location."""

    server: Server | None = None
    name: str | None = None


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How often one kind of failure stands in the window, for this route."""

    phase: Phase
    failure: Failure
    upstream: str | None = None
    count: int
    first: float
    last: float


class ErrorLog(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the look `errors`: this route's lines in the window."""

    paths: list[str] = []
    """The logs that apply and were read."""
    unread: list[str] = []
    """Logs that apply and could not be read, with the reason: `/var/log/nginx/error.log: not
    allowed`, `stderr: goes to the journal`."""
    from_time: float | None = None
    to_time: float | None = None
    """The window that was really covered."""
    bounded: bool | None = None
    """A size or time bound was reached before the window's beginning."""
    count: int | None = None
    """Lines of this route in the window."""
    unmatched: int | None = None
    """Upstream error lines in the window that belong to other routes."""
    tallies: list[Tally] = []
    failures: list[str] = []
    """Distinct failures of this route in the window, most recent first."""
    phases: list[str] = []
    last: LogEntry | None = None
    """The newest line of this route."""
    last_at: float | None = None
    first_at: float | None = None
    last_age: float | None = None
    """Seconds from the newest line of this route to the look."""
    request_seen: bool | None = None
    """A line was written for the very request that the wizard made."""
    request_phase: Phase | None = None
    request_failure: Failure | None = None
    request_errno: int | None = None
    request_alert: int | None = None
    request_upstream: str | None = None
    request_line: str | None = None
    request_words: str | None = None
    """What that line says, without its time and its fields: `connect() failed (111: ...)`."""
    request_failures: list[str] | None = None
    """All failures written for it: a request may try several servers. None: no log was read."""
    request_entries: list[LogEntry] = []
    """Its lines, in the order in which they were written."""
    upstreams: list[str] = []
    """Addresses that the workers really used, newest first."""
    since_change: int | None = None
    """Lines of this route that are newer than `changed` (the last reload or restart)."""
    recent: list[LogEntry] = []
    """The newest 50 lines of this route, newest first."""
    disabled: list[str] = []
    """Servers of this route that the proxy took out of the rotation in the window, newest first."""
    ended_targets: int | None = None
    """On how many different URLs a server ended the connection without an answer."""
    ended_here: bool | None = None
    """One of them is the URL that was asked about."""
    refused_body: int | None = None
    """Bytes of the newest request body that the proxy refused as too large."""
    room_for_bodies: str | None = None
    """A limit that lets the largest of them pass, with headroom: `64m`."""
    dropped_headers: list[str] = []
    """Names of request headers that the proxy dropped as invalid."""
    upgraded_timed_out: int | None = None
    """Connections that had changed their protocol (WebSocket) and were cut for their silence."""
    level_hides: bool | None = None
    """The log's level is so high that failures of servers are not written at all."""
    shortage: Failure | None = None
    """The newest failure of the window for which the proxy itself lacked something: descriptors,
    connections, room or rights for its temporary files."""
    shortage_kind: Literal["descriptors", "connections", "request-body", "answer"] | None = None
    """What it lacked, or what the temporary file was for."""
    shortage_words: str | None = None
    shortage_at: float | None = None
    shortage_age: float | None = None
    """Seconds from that line to the look."""
    start_at: float | None = None
    """When a start or a reload last failed in the window. Such lines are not this route's: they
    stand in `tallies` and `phases` as `start`, but not in `count`, `failures` and `last`."""
    start_failure: Failure | None = None
    start_line: str | None = None
    crashes: int | None = None
    """Workers that died of a fault of their own (SIGSEGV and its kin) in the window. Their lines
    name no request and are in no other count."""
    crash_at: float | None = None
    crash_age: float | None = None
    """Seconds from the last of them to the look."""
    crash_signal: int | None = None
    crash_line: str | None = None
    request_crashed: bool | None = None
    """A worker died so at or after the wizard's own request."""


class ServerErrors(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the error log that concerns one upstream server."""

    count: int | None = None
    failures: list[str] = []
    phases: list[str] = []
    last_failure: Failure | None = None
    last_phase: Phase | None = None
    last_errno: int | None = None
    last_alert: int | None = None
    last_at: float | None = None
    last_line: str | None = None
    last_method: str | None = None
    """The method of the request that it was written for: `POST`."""
    upstreams: list[str] = []
    disabled: bool | None = None
    """The proxy took it out of the rotation in the window."""
    request_here: bool | None = None
    """The proxy tried this server, at an address that it has now, for the wizard's own request and
    failed; None when no line was written for that request."""
    request_failure: Failure | None = None
    request_phase: Phase | None = None
    request_line: str | None = None


class AccessLog(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the look `access`: this route's answers in the window, where the format tells."""

    paths: list[str] = []
    unread: list[str] = []
    matched_by: str | None = None
    """How lines were matched to the route: `path prefix`, `virtual host`."""
    count: int | None = None
    count_5xx: int | None = None
    statuses: dict[str, int] = {}
    aborted: int | None = None
    """Requests that the client gave up (nginx's 499)."""
    per_minute_5xx: list[int] = []
    """Oldest first, one a minute of the window."""
    last_5xx_at: float | None = None
    last_ok_at: float | None = None
    upstream_5xx: dict[str, int] = {}
    """By upstream address, where the format has it."""
    has_upstream_status: bool | None = None
    from_time: float | None = None
    to_time: float | None = None
    """The window that was really covered."""
    bounded: bool | None = None
    """A size or time bound was reached before the window's beginning."""
    request_seen: bool | None = None
    """The wizard's own request stands in the log."""
    request_status: int | None = None
    request_upstream_addr: str | None = None
    request_upstream_status: str | None = None
    """For the wizard's own request, where the format has it: `502`, `-`."""


class Inner(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of the look `inner`: a server of the route that is a proxy itself."""

    found: bool | None = None
    """A running proxy of this host serves the address, and its files have a virtual host for what
    the outer proxy asks. None: it is not on this host, or its files could not be read."""
    proxy: str | None = None
    """nginx, haproxy, ..."""
    config: str | None = None
    unit: str | None = None
    way: Way | None = None
    """What the outer proxy asks it."""
    action: str | None = None
    """What its location does with that: `proxy`, `return`, ..."""
    server_names: list[str] = []
    place: Place | None = None
    """Of its server block."""
    page_of: str | None = None
    """The proxy whose own error page the server answered with: `nginx`, `haproxy`, ..."""
