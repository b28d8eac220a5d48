"""Unicorn: one request a worker; settings from its configuration file.

https://yhbt.net/unicorn/Unicorn/Configurator.html; what it logs is in lib/unicorn/http_server.rb.
"""

from __future__ import annotations

import os
import re

from wizard.model import route
from wizard.model.route import Place
from wizard.runtimes.applications import stamps
from wizard.runtimes.applications.facts import Application, EventKind, Kind
from wizard.runtimes.applications.program import Program
from wizard.runtimes.applications.ruby_settings import calls_in

KIND: Kind = "unicorn"

EVENTS: tuple[tuple[EventKind, re.Pattern[str]], ...] = (
    ("worker-timeout", re.compile(r"worker=\d+ PID:(?P<pid>\d+) timeout \(\d+s > \d+s\), killing")),
    ("worker-killed", re.compile(r"reaped #<Process::Status: pid (?P<pid>\d+) SIGKILL")),
    ("worker-crashed", re.compile(r"reaped #<Process::Status: pid \d+ SIG\w+")),
    ("import-failed", re.compile(r"cannot load such file -- |\(LoadError\)|\(SyntaxError\)")),
)  # fmt: skip

_NAMES = ("worker_processes", "timeout")
_STAMP = re.compile(r"^[A-Z], \[(?P<stamp>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+) ")


def recognises(program: Program) -> bool:
    """A unicorn (or unicorn_rails) by its name or by the title that it gives itself."""
    names = [os.path.basename(word) for word in program.argv[:6]]
    return program.title.startswith(("unicorn master", "unicorn_rails master")) or any(
        name in ("unicorn", "unicorn_rails") for name in names
    )


def read(program: Program, server: route.Server) -> Application:
    """Its settings: defaults, then the file. It keeps no connection open."""
    named = program.option("-c", "--config-file")
    path = program.absolute(named) if named else None
    settings = {
        "worker_processes": [1],
        "timeout": [60],
        **(calls_in(path, _NAMES) if path else {}),
    }
    return Application(
        kind=KIND,
        running=program.running,
        protocol="http",
        pid=program.pid,
        workers=program.workers(),
        workers_allowed=settings["worker_processes"][0],
        concurrency=1,
        request_seconds=float(settings["timeout"][0]),
        idle_seconds=0.0,
        settings={name: str(value[0]) for name, value in settings.items()},
        place=Place(path, 1) if path and os.path.exists(path) else None,
    )


def stamp(line: str) -> float | None:
    """The time in Ruby's `E, [2026-11-21T04:29:50.123456 #123] ERROR -- : ...`, local time."""
    match = _STAMP.match(line)
    return stamps.stamp(match["stamp"] if match else line)
