"""uWSGI: settings from its command line and its INI files.

https://uwsgi-docs.readthedocs.io/en/latest/Options.html; what it logs is in uwsgi 2.0,
core/master.c, core/master_utils.c, core/utils.c and proto/uwsgi.c.
"""

from __future__ import annotations

import os
import re
import time
from typing import Literal

from wizard.model import route
from wizard.model.route import Place
from wizard.model.text import clean
from wizard.runtimes.applications import ini
from wizard.runtimes.applications.facts import Application, EventKind, Kind
from wizard.runtimes.applications.program import Program, program_name

Protocol = Literal["http", "fastcgi", "uwsgi"]

KIND: Kind = "uwsgi"

# The second and third byte of GET, POST, HEAD and PUT, read as a little-endian number.
_METHODS = "21573|21327|16709|21589"

EVENTS: tuple[tuple[EventKind, re.Pattern[str]], ...] = (
    ("request-terminated", re.compile(r"\*\*\* HARAKIRI ON WORKER \d+")),
    ("queue-full", re.compile(r"uWSGI listen queue of socket .* full !!!")),
    ("bad-request", re.compile(rf"invalid request block size: (?:{_METHODS}) "
                               r"|-- unavailable modifier requested: 1 --")),
    ("request-too-big", re.compile(r"invalid request block size: \d+ \(max")),
    ("worker-crashed", re.compile(r"worker \d+ \(pid: \d+\) died, killed by signal (?!9\b|15\b)")),
    ("worker-killed", re.compile(r"worker \d+ \(pid: \d+\) died, killed by signal 9\b")),
    ("uncaught-exception", re.compile(r"generated 0 bytes .*\(HTTP/1\.\d 500\) 0 headers")),
    ("import-failed", re.compile(r"no python application found|unable to load app \d")),
)  # fmt: skip

_DEFAULTS = {"processes": "1", "threads": "1", "listen": "100", "buffer-size": "4096",
             "harakiri": "0"}  # fmt: skip
_SAME = {"workers": "processes", "p": "processes", "b": "buffer-size", "l": "listen",
         "t": "harakiri", "s": "socket", "uwsgi-socket": "socket", "d": "daemonize"}  # fmt: skip
_SPEAKS: dict[str, Protocol] = {
    "socket": "uwsgi", "http": "http", "http-socket": "http", "fastcgi-socket": "fastcgi",
}  # fmt: skip
_PROTOCOLS: dict[str, Protocol] = {"uwsgi": "uwsgi", "http": "http", "fastcgi": "fastcgi"}
"""What `protocol = ` may make of a plain `socket`."""
_SHOWN = (*_DEFAULTS, *_SPEAKS, "protocol", "master", "chdir", "module", "wsgi-file", "mount",
          "socket-timeout", "catch-exceptions", "need-app")  # fmt: skip
_LOGS = ("logto", "logto2", "daemonize", "log-file")
_STAMP = re.compile(r"\[?((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4})")


def recognises(program: Program) -> bool:
    """A uwsgi by its program's name; Debian's are called uwsgi-core."""
    return program_name(program.argv).startswith("uwsgi")


def read(program: Program, server: route.Server) -> Application:
    """Its settings: defaults, INI files, command line; several sockets may be open."""
    given = _given(program)
    settings = {**_DEFAULTS, **{name: values[-1][0] for name, values in given.items()}}
    place = next((values[-1][1] for values in given.values() if values[-1][1]), None)
    master = settings.get("master", "false") in ("true", "1", "")
    logs = [settings[name] for name in _LOGS if settings.get(name, "").startswith("/")]
    others = master + ("http" in given)
    return Application(
        kind=KIND,
        running=program.running,
        protocol=_protocol(given, settings, server),
        pid=program.pid,
        workers=max(len(program.members) - others, 0) if program.running else None,
        workers_allowed=_number(settings["processes"]),
        concurrency=_number(settings["threads"]),
        request_seconds=_seconds(settings["harakiri"]),
        header_bytes=_number(settings["buffer-size"]),
        backlog=_number(settings["listen"]),
        settings={name: clean(settings[name]) for name in _SHOWN if name in settings},
        place=place,
        log_files=logs,
        log_file=logs[0] if logs else None,
    )


def stamp(line: str) -> float | None:
    """The local time in `Sat Nov 21 14:46:28 2026 - ...` or in `[pid: 150|...] [Sat Nov ...]`."""
    match = _STAMP.search(line)
    return time.mktime(time.strptime(match[1], "%a %b %d %H:%M:%S %Y")) if match else None


def _given(program: Program) -> dict[str, list[tuple[str, Place | None]]]:
    """Every option that is given, with its values in order and where an INI file has them."""
    found: dict[str, list[tuple[str, Place | None]]] = {}
    options = list(_options(program.argv[1:]))
    for name, value in options:
        if name == "ini":
            path = os.path.join(program.working_directory or "/", value.partition(":")[0])
            for one in ini.entries(path):
                if one.section == "uwsgi":
                    key = _SAME.get(one.key, one.key)
                    found.setdefault(key, []).append((one.value, one.place))
    for name, value in options:
        found.setdefault(_SAME.get(name, name), []).append((value, None))
    return found


def _options(words: list[str]) -> list[tuple[str, str]]:
    """`--name value`, `--name=value`, `-n value`, and a file's bare name, which is `--ini`."""
    found: list[tuple[str, str]] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            found += [("ini", word)] if word.endswith(".ini") else []
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if not equals and rest and not rest[0].startswith("-"):
            value = rest.pop(0)
        found.append((name, value))
    return found


def _protocol(
    given: dict[str, list[tuple[str, Place | None]]],
    settings: dict[str, str],
    server: route.Server,
) -> Protocol | None:
    """What it speaks on the server's own socket."""
    for name, speaks in _SPEAKS.items():
        if any(_is_at(value, server) for value, _ in given.get(name, [])):
            return _PROTOCOLS.get(settings.get("protocol", speaks)) if name == "socket" else speaks
    return None


def _is_at(value: str, server: route.Server) -> bool:
    if server.path is not None:
        return os.path.realpath(value.removeprefix("unix:")) == os.path.realpath(server.path)
    return server.port is not None and value.rpartition(":")[2] == str(server.port)


def _number(value: str) -> int | None:
    return int(value) if value.isdigit() else None


def _seconds(value: str) -> float | None:
    return float(value) if value.isdigit() else None
