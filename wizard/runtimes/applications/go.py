"""Go: recognised by the build id that its linker writes at the head of every executable.

https://pkg.go.dev/net/http; a program in Go is its own server, with settings that do not show from
outside.
"""

from __future__ import annotations

import re
import shutil

from wizard.model import route
from wizard.runtimes.applications.facts import Application, EventKind, Kind
from wizard.runtimes.applications.program import Program
from wizard.runtimes.applications.stamps import stamp

__all__ = ["EVENTS", "KIND", "read", "recognises", "stamp"]

KIND: Kind = "go"

EVENTS: tuple[tuple[EventKind, re.Pattern[str]], ...] = (
    ("memory-exhausted", re.compile(r"runtime: out of memory|fatal error: .*out of memory")),
    ("fatal-error", re.compile(r"http: panic serving ")),
    ("uncaught-exception", re.compile(r"^(?:panic|fatal error): ")),
)  # fmt: skip

_HEAD = 64 * 1024
_NOTE = re.compile(rb"\xff Go build(?:inf| ID): ?|\x04\0\0\0.{4}\x04\0\0\0Go\0\0", re.DOTALL)
"""The text segment's own copy of the build id, or the ELF note of the name `Go`, type 4."""


def recognises(program: Program) -> bool:
    """An executable of Go's linker; the file is read, never run."""
    if not program.argv:
        return False
    named = shutil.which(program.argv[0])
    paths = [f"/proc/{program.pid}/exe"] if program.pid else []
    return any(_is_of_go(path) for path in (*paths, named or program.absolute(program.argv[0])))


def read(program: Program, server: route.Server) -> Application:
    """Nothing but that it runs: a goroutine a request, without a limit of its own."""
    return Application(kind=KIND, running=program.running, protocol="http", pid=program.pid)


def _is_of_go(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return head.startswith(b"\x7fELF") and _NOTE.search(head) is not None
