"""What the looks at an application server say, in words that all of them share."""

from __future__ import annotations

from typing import Literal

import msgspec

from wizard.model.route import Place

Kind = Literal["gunicorn", "uwsgi", "php-fpm", "node", "puma", "unicorn", "java", "go"]

EventKind = Literal[
    "worker-timeout", "worker-killed", "worker-crashed", "boot-failed", "import-failed",
    "pool-exhausted", "queue-full", "request-terminated", "slow-request", "script-not-found",
    "fatal-error", "memory-exhausted", "time-exceeded", "request-too-big", "uncaught-exception",
    "dependency-failed", "no-space", "too-many-files", "bad-request",
]  # fmt: skip
"""What an application server writes about itself. `worker-timeout`: a worker was silent for longer
than the server allows; `worker-killed`: by a signal from outside; `worker-crashed`: it ended by a
signal of its own (SEGV, ABRT); `request-terminated`: ended by the server's limit for one request;
`dependency-failed`: a database, cache or API behind it cannot be reached."""


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
    workers_busy: int | None = None
    concurrency: int | None = None
    """Requests that one worker answers at a time; None where there is no limit."""
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


class Event(msgspec.Struct, frozen=True):
    """One line in which it says what went wrong."""

    kind: EventKind
    line: str
    at: float | None = None


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
    last_kind: EventKind | None = None
    last_at: float | None = None
    last_line: str | None = None
    recent: list[Event] = []
    """The newest 20, newest first."""
