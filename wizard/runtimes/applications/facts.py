"""What the looks at an application server say, in words that all of them share."""

from __future__ import annotations

from typing import Literal

import msgspec

from wizard.model.route import Place
from wizard.probes.connecting import DialOutcome

Kind = Literal["gunicorn", "uwsgi", "php-fpm", "node", "puma", "unicorn", "java", "go"]

EventKind = Literal[
    "worker-timeout", "worker-killed", "worker-crashed", "boot-failed", "import-failed",
    "pool-exhausted", "queue-full", "request-terminated", "slow-request", "script-not-found",
    "fatal-error", "memory-exhausted", "time-exceeded", "request-too-big", "uncaught-exception",
    "dependency-failed", "no-space", "too-many-files", "bad-request", "address-in-use",
    "worker-ended",
]  # fmt: skip
"""What an application server, or the application in it, writes about itself. `worker-timeout`: a
worker was silent for longer than the server allows; `worker-killed`: by a signal from outside;
`worker-ended`: it said itself that it ends, which is nothing wrong;
`worker-crashed`: it ended by a signal of its own (SEGV, ABRT); `request-terminated`: ended by the
server's limit for one request; `dependency-failed`: a database, cache or API behind it cannot be
reached."""


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """The application server behind a server of the route, and its settings."""

    kind: Kind | None = None
    """None: what runs there is none of those that are known."""
    running: bool | None = None
    version: str | None = None
    protocol: Literal["http", "fastcgi", "uwsgi"] | None = None
    """What it speaks where the proxy asks it."""
    pid: int | None = None
    """Of its master."""
    user: str | None = None
    """As whom its workers run, where its own settings say so."""
    pool: str | None = None
    """Which of several pools of workers has the address."""
    workers: int | None = None
    """Workers that run now."""
    workers_allowed: int | None = None
    """How many there may be at most."""
    more_workers: int | None = None
    """How many there might be: twice as many where there is memory for them, else fewer; None
    where there is memory for no more than now."""
    workers_busy: int | None = None
    concurrency: int | None = None
    """Requests that one worker answers at a time; None where there is no limit."""
    capacity: int | None = None
    """Requests that all its workers together answer at a time; None where there is no limit."""
    fds: int | None = None
    """Open files of that one of its processes that is nearest to its limit."""
    fd_limit: int | None = None
    fds_left: int | None = None
    """How many files that process may still open."""
    request_seconds: float | None = None
    """Longer than this a request (or a silent worker) is not suffered; 0: for ever."""
    idle_seconds: float | None = None
    """How long it keeps an idle connection open; 0: it closes after each answer."""
    header_bytes: int | None = None
    """How large a request's header may be."""
    backlog: int | None = None
    settings: dict[str, str] = {}
    """As they are in effect, by the server's own names: `timeout`, `pm.max_children`."""
    place: Place | None = None
    """Where its settings stand: the file, and the line where one is known."""
    log_files: list[str] = []
    """Files that it writes to, beside its journal."""
    log_file: str | None = None
    """The first of them: where its master writes."""


FrameworkName = Literal[
    "flask", "django", "fastapi", "starlette", "wsgi", "express", "fastify", "koa", "node:http",
    "php", "laravel", "symfony", "rails", "sinatra", "rack", "spring-boot", "go",
]  # fmt: skip
"""`wsgi`: a callable in Python without a framework; `php`: scripts without one; `go`: net/http or
one of the routers on it."""


class Framework(msgspec.Struct, frozen=True, kw_only=True):
    """What the application was written with, by its own files."""

    name: FrameworkName | None = None
    found_by: str = ""
    """Which file says so: `/srv/shop/app.py imports flask`."""
    file: str | None = None
    """The file in which the application is made; for PHP the document root."""
    called: str | None = None
    """The application's name in that file: `app`."""
    has_health: bool | None = None
    """That file has an address of its own for health checks already."""
    minds_stop: bool | None = None
    """That file names SIGTERM: it ends in an order of its own."""


class Event(msgspec.Struct, frozen=True):
    """One line in which it says what went wrong."""

    kind: EventKind
    line: str
    at: float | None = None
    pid: int | None = None
    """Of the worker that the line is about."""


class ApplicationLog(msgspec.Struct, frozen=True, kw_only=True):
    """What it wrote in the window about itself."""

    sources: list[str] = []
    """The journal and the files that were read."""
    unread: list[str] = []
    """Those that could not be, with the reason."""
    count: int | None = None
    """Events in the window."""
    kinds: list[EventKind] = []
    """Distinct kinds, the newest first."""
    now: list[EventKind] | None = None
    """Those since the wizard's own request; None where the lines have no times."""
    lines: dict[EventKind, str] = {}
    """The newest line of each kind."""
    reason: EventKind | Literal["none"] | None = None
    """What kind of error it failed with last: since the wizard's own request, or, where it does not
    run, in its last run. In a chain of exceptions the first cause counts: an error of the
    application's own is `fatal-error`, whatever went wrong before it."""
    reason_line: str | None = None
    killed_after_timeout: bool | None = None
    """The first worker that was called silent for too long (since the wizard's own request, where
    the lines have times) was then killed by its own master, without having begun to end itself."""
    writes_to: list[str] = []
    """Where the application is likely to write: its working directory, /tmp, and
    the paths that it says had no space left."""
    last_kind: EventKind | None = None
    last_at: float | None = None
    last_line: str | None = None
    recent: list[Event] = []
    """The newest 20, newest first."""


class Dependency(msgspec.Struct, frozen=True, kw_only=True):
    """What the application cannot reach behind itself, by its own words and by a connection."""

    address: str | None = None
    """As its words name it: `127.0.0.1:5432`, `db.example.com:3306`, `/run/mysqld/mysqld.sock`."""
    service: str | None = None
    """What usually has that port: PostgreSQL, Redis, ..."""
    outcome: DialOutcome | None = None
    """How connecting to it goes now, from this host."""
    failing: bool | None = None
    """It cannot be connected to now."""
    error: str | None = None
    unit: str | None = None
    """The unit on this host that has the address, or that should."""
    unit_active: str | None = None


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """The connections at a server's address, when the wizard's own request had just begun."""

    accepted: int | None = None
    """Those that a process has taken: each occupies a worker, where a worker does one at a time."""
    waiting: int | None = None
    """Those that the kernel took and that no process has accepted yet; some may have given up."""
