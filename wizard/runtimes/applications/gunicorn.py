"""Gunicorn: settings from its command line, GUNICORN_CMD_ARGS and its configuration file.

https://docs.gunicorn.org/en/stable/settings.html; what it logs is in gunicorn/arbiter.py.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
from datetime import datetime

from wizard.model import route
from wizard.model.route import Place
from wizard.model.text import clean, decode
from wizard.runtimes.applications.facts import Application, EventKind, Kind
from wizard.runtimes.applications.program import Program, program_name

KIND: Kind = "gunicorn"

EVENTS: tuple[tuple[EventKind, re.Pattern[str]], ...] = (
    ("worker-timeout", re.compile(r"WORKER TIMEOUT \(pid:\d+\)")),
    ("boot-failed", re.compile(r"Worker failed to boot|HaltServer|App failed to load")),
    ("import-failed", re.compile(r"Exception in worker process|Failed to find attribute|"
                                 r"ModuleNotFoundError|ImportError")),
    ("worker-killed", re.compile(r"Worker \(pid:\d+\) was sent SIG(?:KILL|TERM|INT)!")),
    ("worker-crashed", re.compile(r"Worker \(pid:\d+\) was sent SIG(?!KILL|TERM|INT)\w+!")),
    ("request-too-big", re.compile(r"Request (?:Line|Header) is too large|limit request ")),
    ("bad-request", re.compile(r"Invalid (?:request|HTTP)\b|Invalid (?:header|method)", re.I)),
    ("fatal-error", re.compile(r"Error handling request")),
)  # fmt: skip

_DEFAULTS = {
    "workers": "1", "threads": "1", "worker_class": "sync", "timeout": "30", "keepalive": "2",
    "graceful_timeout": "30", "backlog": "2048", "limit_request_line": "4094",
    "limit_request_field_size": "8190", "max_requests": "0",
}  # fmt: skip
_SHORT = {"workers": "-w", "threads": "", "worker_class": "-k", "timeout": "-t", "config": "-c"}
_STAMP = re.compile(r"^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4})\]")


def recognises(program: Program) -> bool:
    """A gunicorn by its own name, by `python -m gunicorn`, or by the title that it gives itself."""
    if program_name(program.argv).startswith("gunicorn"):
        return True
    words = " ".join(program.argv[:4])
    return "-m gunicorn" in words or words.startswith("gunicorn: ")


def read(program: Program, server: route.Server) -> Application:
    """Its settings: defaults, file, environment, command line; the last one wins."""
    config = _config(program)
    settings = {**_DEFAULTS, **(_in_file(config) if config else {})}
    for source in (_in_environment(program), program):
        settings.update({name: value for name in _DEFAULTS if (value := _option(source, name))})
    sync = settings["worker_class"] == "sync" and settings["threads"] == "1"
    logs = [_option(program, name) for name in ("error-logfile", "log-file")]
    return Application(
        kind=KIND,
        running=program.running,
        protocol="http",
        pid=program.pid,
        workers=max(len(program.members) - 1, 0) if program.running else None,
        workers_allowed=_number(settings["workers"]),
        concurrency=1 if sync else _threads(settings),
        request_seconds=_seconds(settings["timeout"]),
        idle_seconds=0.0 if sync else _seconds(settings["keepalive"]),
        header_bytes=_number(settings["limit_request_field_size"]),
        backlog=_number(settings["backlog"]),
        settings={name: clean(value) for name, value in settings.items()},
        place=Place(config, 1) if config and os.path.exists(config) else None,
        log_files=[_absolute(path, program) for path in logs if path and path != "-"],
    )


def stamp(line: str) -> float | None:
    """The time in `[2026-11-21 04:29:50 +0000] [123] [CRITICAL] ...`."""
    match = _STAMP.match(line)
    return datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S %z").timestamp() if match else None


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
        beside = _absolute("gunicorn.conf.py", program)
        return beside if os.path.isfile(beside) else None
    return _absolute(named.removeprefix("file:"), program)


def _in_file(path: str) -> dict[str, str]:
    """Plain assignments of the configuration file, which is a Python program: it is not run."""
    try:
        with open(path, "rb") as file:
            tree = ast.parse(decode(file.read(256 * 1024)))
    except (OSError, SyntaxError, ValueError):
        return {}
    return {
        target.id: str(statement.value.value)
        for statement in tree.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name) and target.id in _DEFAULTS
    }


def _absolute(path: str, program: Program) -> str:
    return os.path.normpath(os.path.join(program.working_directory or "/", path))


def _number(value: str) -> int | None:
    return int(value) if value.isdigit() else None


def _seconds(value: str) -> float | None:
    return float(value) if value.isdigit() else None
