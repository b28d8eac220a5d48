"""Node.js: what its script sets of `http.Server`, and how an uncaught exception ends it.

https://nodejs.org/docs/latest-v18.x/api/http.html#class-httpserver. One process answers any number
of requests at a time. What a framework sets in another file than the script is not seen.
"""

from __future__ import annotations

import os
import re

from wizard.model import route
from wizard.model.route import Place
from wizard.model.text import decode
from wizard.runtimes.applications.facts import Application, EventKind, Kind
from wizard.runtimes.applications.program import Program, program_name
from wizard.runtimes.applications.stamps import stamp

__all__ = ["EVENTS", "KIND", "read", "recognises", "stamp"]

KIND: Kind = "node"

EVENTS: tuple[tuple[EventKind, re.Pattern[str]], ...] = (
    # The last line of a process that an exception ended, since 16.14 and 17.
    ("uncaught-exception", re.compile(r"^Node\.js v\d+\.|triggerUncaughtException|"
                                      r"// Unhandled 'error' event|\[UnhandledPromiseRejection")),
    ("memory-exhausted", re.compile(r"JavaScript heap out of memory|Reached heap limit")),
    ("import-failed", re.compile(r"Cannot find (?:module|package) '|ERR_MODULE_NOT_FOUND")),
)  # fmt: skip

_DEFAULTS = {"keepAliveTimeout": 5.0, "headersTimeout": 60.0, "requestTimeout": 300.0}
"""Seconds, as of Node 18."""
_HEADER_BYTES = 16 * 1024
_TAKE_A_VALUE = frozenset({"-r", "--require", "--import", "--loader", "--env-file", "-C"})
_TOOLS = frozenset({"npm", "npx", "yarn", "pnpm", "pm2", "corepack", "npm-cli.js", "yarn.js"})
_SCRIPT_LIMIT = 256 * 1024


def recognises(program: Program) -> bool:
    """A node that runs a script of its own; npm and its kin only start one."""
    if program_name(program.argv) not in ("node", "nodejs"):
        return False
    return os.path.basename(_script(program) or "") not in _TOOLS


def read(program: Program, server: route.Server) -> Application:
    """Its timeouts, where the script that it was started with sets them."""
    script = _script(program)
    path = program.absolute(script) if script else None
    text = _text(path) if path else None
    found = {name: _assigned(name, text or "") for name in _DEFAULTS}
    seconds = {name: each[0] if each else _DEFAULTS[name] for name, each in found.items()}
    size = program.option("--max-http-header-size")
    line = next((each[1] for each in found.values() if each), 1)
    return Application(
        kind=KIND,
        running=program.running,
        protocol="http",
        pid=program.pid,
        idle_seconds=seconds["keepAliveTimeout"] if text is not None else None,
        header_bytes=int(size) if size and size.isdigit() else _HEADER_BYTES,
        settings={name: f"{value * 1000:g}" for name, value in seconds.items()},
        place=Place(path, line) if path and text is not None else None,
    )


def _script(program: Program) -> str | None:
    words = iter(program.argv[1:])
    for word in words:
        if word in _TAKE_A_VALUE:
            next(words, None)
        elif not word.startswith("-"):
            return word
    return None


def _text(path: str) -> str | None:
    for each in (path, f"{path}.js", os.path.join(path, "index.js")):
        try:
            with open(each, "rb") as file:
                return decode(file.read(_SCRIPT_LIMIT))
        except OSError:
            continue
    return None


def _assigned(name: str, text: str) -> tuple[float, int] | None:
    """Seconds and line of the last assignment: `server.keepAliveTimeout = 65 * 1000`."""
    pattern = rf"\b{name}\s*[:=]\s*(\d[\d_]*(?:\.\d+)?(?:\s*\*\s*\d[\d_]*)*)"
    matches = list(re.finditer(pattern, text))
    if not matches:
        return None
    milliseconds = 1.0
    for factor in matches[-1][1].split("*"):
        milliseconds *= float(factor.strip().replace("_", ""))
    return milliseconds / 1000, text.count("\n", 0, matches[-1].start()) + 1
