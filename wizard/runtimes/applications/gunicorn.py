"""Gunicorn: settings from its command line, GUNICORN_CMD_ARGS and its configuration file.

https://docs.gunicorn.org/en/stable/settings.html; what it logs is in gunicorn/arbiter.py.
"""

from __future__ import annotations

import ast
import os
import re
import shlex

from wizard.model import route
from wizard.model.route import Place
from wizard.model.text import clean, decode
from wizard.runtimes.applications.facts import Application, EventKind, Kind
from wizard.runtimes.applications.program import Program, program_name
from wizard.runtimes.applications.stamps import stamp

__all__ = ["EVENTS", "KIND", "read", "recognises", "stamp"]

KIND: Kind = "gunicorn"

EVENTS: tuple[tuple[EventKind, re.Pattern[str]], ...] = (
    ("worker-timeout", re.compile(r"WORKER TIMEOUT \(pid:(?P<pid>\d+)\)")),
    ("worker-ended", re.compile(r"Worker exiting \(pid: (?P<pid>\d+)\)")),
    # A second worker that dies while the master halts leaves the bare exception, and status 1.
    ("boot-failed", re.compile(r"(?:Reason: |<HaltServer ')(?:Worker failed to boot|"
                               r"App failed to load)|Worker \(pid:\d+\) exited with code [34]\b")),
    ("import-failed", re.compile(r"^(?:ModuleNotFoundError|ImportError|SyntaxError|"
                                 r"IndentationError)\b|Failed to find (?:attribute|application)|"
                                 r"Failed to parse '.*' as an attribute")),
    # The signals that come from outside; up to 20.1 by number, later by name.
    ("worker-killed", re.compile(r"Worker \(pid:(?P<pid>\d+)\) was sent SIG(?:KILL|TERM|INT)!|"
                                 r"Worker with pid (?P<number>\d+) was terminated due to signal "
                                 r"(?:9|15|2)\b")),
    ("worker-crashed", re.compile(r"Worker \(pid:\d+\) was sent SIG\w+!|"
                                  r"Worker with pid \d+ was terminated due to signal \d+")),
    ("request-too-big", re.compile(r"Request (?:Line|Header) is too large|limit request ")),
    ("bad-request", re.compile(r"Invalid (?:request|HTTP)\b|Invalid (?:header|method)", re.I)),
)  # fmt: skip

_DEFAULTS = {
    "workers": "1", "threads": "1", "worker_class": "sync", "timeout": "30", "keepalive": "2",
    "graceful_timeout": "30", "backlog": "2048", "limit_request_line": "4094",
    "limit_request_field_size": "8190", "max_requests": "0",
}  # fmt: skip
_SHORT = {"workers": "-w", "threads": "", "worker_class": "-k", "timeout": "-t", "config": "-c"}


def recognises(program: Program) -> bool:
    """A gunicorn by its own name, by `python -m gunicorn`, or by the title that it gives itself."""
    if program_name(program.argv).startswith("gunicorn"):
        return True
    return program.title.startswith("gunicorn: ") or "-m gunicorn" in " ".join(program.argv[:4])


def read(program: Program, server: route.Server) -> Application:
    """Its settings: defaults, file, environment, command line; the last one wins."""
    config = _config(program)
    settings = {**_DEFAULTS, **(_in_file(config) if config else {})}
    for source in (_in_environment(program), program):
        settings.update({name: value for name in _DEFAULTS if (value := _option(source, name))})
    sync = settings["worker_class"] == "sync" and settings["threads"] == "1"
    logs = [_option(program, name) for name in ("error-logfile", "log-file")]
    logs.append(settings.pop("errorlog", None))
    return Application(
        kind=KIND,
        running=program.running,
        protocol="http",
        pid=program.pid,
        workers=program.workers(),
        workers_allowed=_number(settings["workers"]),
        concurrency=1 if sync else _threads(settings),
        request_seconds=_seconds(settings["timeout"]),
        idle_seconds=0.0 if sync else _seconds(settings["keepalive"]),
        header_bytes=_number(settings["limit_request_field_size"]),
        backlog=_number(settings["backlog"]),
        settings={name: clean(value) for name, value in settings.items()},
        place=Place(config, 1) if config and os.path.exists(config) else None,
        log_files=[program.absolute(path) for path in logs if path and path != "-"],
    )


def _threads(settings: dict[str, str]) -> int | None:
    return _number(settings["threads"]) if settings["worker_class"] in ("sync", "gthread") else None


def _option(program: Program, name: str) -> str | None:
    names = [f"--{name.replace('_', '-')}"] + ([_SHORT[name]] if _SHORT.get(name) else [])
    return program.option(*names)


def _in_environment(program: Program) -> Program:
    given = (program.environment or {}).get("GUNICORN_CMD_ARGS", "")
    try:
        return Program(argv=shlex.split(given), running=program.running)
    except ValueError:
        return Program(argv=[], running=program.running)


def _config(program: Program) -> str | None:
    named = _option(program, "config")
    if named is None:
        beside = program.absolute("gunicorn.conf.py")
        return beside if os.path.isfile(beside) else None
    return program.absolute(named.removeprefix("file:"))


def _in_file(path: str) -> dict[str, str]:
    """Plain assignments of the configuration file, which is a Python program: it is not run.

    What is computed there is unknown, and has no text.
    """
    try:
        with open(path, "rb") as file:
            tree = ast.parse(decode(file.read(256 * 1024)))
    except (OSError, SyntaxError, ValueError):
        return {}
    return {
        target.id: str(statement.value.value) if isinstance(statement.value, ast.Constant) else ""
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and target.id in (*_DEFAULTS, "errorlog")
    }


def _number(value: str) -> int | None:
    return int(value) if value.isdigit() else None


def _seconds(value: str) -> float | None:
    return float(value) if value.isdigit() else None
