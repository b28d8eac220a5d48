"""Puma: threads and workers from its command line, its environment and config/puma.rb.

https://puma.io/puma/Puma/DSL.html; what it logs is in lib/puma/cluster.rb and launcher.rb.
"""

from __future__ import annotations

import os
import re

from wizard.model import route
from wizard.model.route import Place
from wizard.runtimes.applications.facts import Application, EventKind, Kind
from wizard.runtimes.applications.program import Program, program_name
from wizard.runtimes.applications.ruby_settings import calls_in
from wizard.runtimes.applications.stamps import stamp

__all__ = ["EVENTS", "KIND", "read", "recognises", "stamp"]

KIND: Kind = "puma"

EVENTS: tuple[tuple[EventKind, re.Pattern[str]], ...] = (
    ("worker-timeout", re.compile(r"Terminating timed out worker[^:]*(?:: (?P<pid>\d+))?")),
    ("boot-failed", re.compile(r"! Unable to (?:load|start) ")),
    ("import-failed", re.compile(r"cannot load such file -- |\(LoadError\)|\(SyntaxError\)")),
)  # fmt: skip

_NAMES = ("workers", "threads", "worker_timeout", "persistent_timeout")
_CLUSTER_WORKER = "puma: cluster worker"


def recognises(program: Program) -> bool:
    """A puma by its own name, by `bundle exec puma`, or by the title that it gives itself."""
    return program.title.startswith("puma ") or "puma" in [
        os.path.basename(word) for word in program.argv[:6]
    ] or program_name(program.argv) == "puma"  # fmt: skip


def read(program: Program, server: route.Server) -> Application:
    """Its settings: defaults, environment, file, command line; the last one wins."""
    path = program.absolute(program.option("-C", "--config") or "config/puma.rb")
    environment = program.environment or {}
    settings = {"workers": [0], "threads": [0, 5], "worker_timeout": [60],
                "persistent_timeout": [20]}  # fmt: skip
    for variable, name in (("WEB_CONCURRENCY", "workers"), ("PUMA_MAX_THREADS", "threads")):
        if environment.get(variable, "").isdigit():
            settings[name] = [int(environment[variable])]
    settings.update(calls_in(path, _NAMES))
    for name, option in (("workers", program.option("-w", "--workers")),
                         ("threads", program.option("-t", "--threads"))):  # fmt: skip
        numbers = (option or "").split(":")
        if all(number.isdigit() for number in numbers):
            settings[name] = [int(number) for number in numbers]
    workers, threads = settings["workers"][-1], settings["threads"][-1]
    return Application(
        kind=KIND,
        running=program.running,
        protocol="http",
        pid=program.pid,
        workers=(program.workers() if workers else 1) if program.running else None,
        workers_allowed=max(workers, 1),
        concurrency=threads,
        idle_seconds=float(settings["persistent_timeout"][-1]),
        settings={name: ":".join(map(str, value)) for name, value in settings.items()},
        place=Place(path, 1) if os.path.exists(path) else None,
    )
