"""PHP-FPM: the pool that has the server's address, its limits, and what its master writes.

https://www.php.net/manual/en/install.fpm.configuration.php; what it logs is in php-src,
sapi/fpm/fpm/fpm_process_ctl.c, fpm_request.c and fpm_children.c.
"""

from __future__ import annotations

import glob
import os
import re
import time

from wizard.model import route
from wizard.probes import processes
from wizard.runtimes.applications import ini
from wizard.runtimes.applications.facts import Application, EventKind, Kind
from wizard.runtimes.applications.ini import Entry
from wizard.runtimes.applications.program import Program, program_name

KIND: Kind = "php-fpm"

EVENTS: tuple[tuple[EventKind, re.Pattern[str]], ...] = (
    ("pool-exhausted", re.compile(r"server reached (?:pm\.)?max_children setting \(\d+\)")),
    ("request-terminated", re.compile(r"execution timed out \([\d.]+ sec\), terminating")),
    ("worker-crashed", re.compile(r"child \d+ exited on signal (?:4|6|7|8|11)\b")),
    ("worker-killed", re.compile(r"child \d+ exited on signal 9\b")),
    ("slow-request", re.compile(r"executing too slow \([\d.]+ sec\)")),
    ("memory-exhausted", re.compile(r"Allowed memory size of \d+ bytes exhausted")),
    ("time-exceeded", re.compile(r"Maximum execution time of \d+ seconds? exceeded")),
    ("fatal-error", re.compile(r"PHP (?:Fatal|Parse|Core|Compile) error")),
)  # fmt: skip

_DEFAULTS = {"pm": "dynamic", "request_terminate_timeout": "0", "listen.backlog": "511"}
_SHOWN = ("listen", "listen.backlog", "user", "chroot", "pm", "pm.max_children",
          "pm.start_servers", "pm.max_requests", "pm.status_path", "request_terminate_timeout",
          "request_slowlog_timeout", "slowlog", "php_admin_value[memory_limit]",
          "process_control_timeout")  # fmt: skip
_PATIENCE = "process_control_timeout"
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_TITLE = re.compile(r"php-fpm: master process \((?P<config>[^)]+)\)")
_VERSION = re.compile(r"/php/(\d+\.\d+)/|php-fpm(\d+\.\d+)")
_STAMP = re.compile(r"\[(\d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d)")


def recognises(program: Program) -> bool:
    """A php-fpm by its program's name or by the title that it gives itself."""
    return program_name(program.argv).startswith("php-fpm")


def read(program: Program, server: route.Server) -> Application:
    """The settings of the pool that listens on the server's address."""
    config = _config(program)
    found = list(ini.entries(config)) if config else []
    pool = next((one.section for one in found if _is_at(one, server)), None)
    own = {one.key: one for one in found if one.section == pool}
    written = {key: one.value.replace("$pool", pool or "") for key, one in own.items()}
    settings = {**_DEFAULTS, **_of_all_pools(found), **written} if pool else {}
    limit = own.get("pm.max_children")
    logs = _log_files(found, written)
    version = _VERSION.search(f"{config} {' '.join(program.argv[:1])}")
    return Application(
        kind=KIND,
        running=program.running,
        version=(version[1] or version[2]) if version else None,
        protocol="fastcgi",
        pid=program.pid,
        user=settings.get("user"),
        pool=pool,
        workers=_workers(program, pool),
        workers_allowed=_number(settings.get("pm.max_children", "")),
        concurrency=1,
        request_seconds=_seconds(settings.get("request_terminate_timeout", "")),
        backlog=_number(settings.get("listen.backlog", "")),
        settings={name: settings[name] for name in _SHOWN if name in settings},
        place=limit.place if limit else next((one.place for one in own.values()), None),
        log_files=logs,
        log_file=logs[0] if logs else None,
    )


def stamp(line: str) -> float | None:
    """The local time in `[21-Nov-2026 14:44:54] WARNING: ...`."""
    match = _STAMP.match(line)
    return time.mktime(time.strptime(match[1], "%d-%b-%Y %H:%M:%S")) if match else None


def _config(program: Program) -> str | None:
    title = _TITLE.match(program.argv[0]) if program.argv else None
    named = title["config"] if title else program.option("--fpm-config", "-y")
    usual = glob.glob("/etc/php/*/fpm/php-fpm.conf") + glob.glob("/etc/php-fpm.conf")
    return named or (usual[0] if len(usual) == 1 else None)


def _is_at(entry: Entry, server: route.Server) -> bool:
    """`listen` is a path, a port, or an address with a port."""
    if entry.key != "listen" or entry.section in ("", "global"):
        return False
    listen = entry.value.replace("$pool", entry.section)
    if server.path is not None:
        return os.path.realpath(listen) == os.path.realpath(server.path)
    return server.port is not None and listen.rpartition(":")[2] == str(server.port)


def _workers(program: Program, pool: str | None) -> int | None:
    """Children whose title names the pool."""
    if not program.running or pool is None:
        return None
    titles = [" ".join(processes.command(pid)).strip() for pid in program.members]
    return sum(title == f"php-fpm: pool {pool}" for title in titles)


def _log_files(found: list[Entry], pool: dict[str, str]) -> list[str]:
    """The master's log, and the file that PHP itself writes to where the pool names one."""
    master = [one.value for one in found if one.section == "global" and one.key == "error_log"]
    own = [pool[f"php_{kind}[error_log]"] for kind in ("admin_value", "value")
           if f"php_{kind}[error_log]" in pool]  # fmt: skip
    return [path for path in (*master, *own) if path.startswith("/") and "/proc/" not in path]


def _of_all_pools(found: list[Entry]) -> dict[str, str]:
    """How long children may take to follow a signal; 0, the default, is not at all."""
    values = [one.value for one in found if one.key == _PATIENCE and one.section == "global"]
    return {_PATIENCE: values[-1] if values else "0"}


def _number(value: str) -> int | None:
    return int(value) if value.isdigit() else None


def _seconds(value: str) -> float | None:
    """`30`, `30s`, `2m` in seconds."""
    number, unit = (value[:-1], value[-1:]) if value[-1:] in _UNITS else (value, "s")
    return float(number) * _UNITS[unit] if number.isdigit() else None
