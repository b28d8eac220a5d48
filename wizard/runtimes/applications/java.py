"""Java: Tomcat by its server.xml, Spring Boot by its options, everything by its options.

https://tomcat.apache.org/tomcat-10.1-doc/config/http.html,
https://docs.spring.io/spring-boot/appendix/application-properties/index.html.
"""

from __future__ import annotations

import os
import re

from wizard.model import route
from wizard.model.route import Place
from wizard.model.text import clean, decode
from wizard.runtimes.applications.facts import Application, EventKind, Kind
from wizard.runtimes.applications.program import Program, program_name
from wizard.runtimes.applications.stamps import stamp

__all__ = ["EVENTS", "KIND", "read", "recognises", "stamp"]

KIND: Kind = "java"

EVENTS: tuple[tuple[EventKind, re.Pattern[str]], ...] = (
    ("memory-exhausted", re.compile(r"java\.lang\.OutOfMemoryError")),
    ("pool-exhausted", re.compile(r"Maximum number of threads \(\d+\) created|"
                                  r"All threads \(\d+\) are currently busy")),
    ("boot-failed", re.compile(r"APPLICATION FAILED TO START|Application run failed|"
                               r"LifecycleException")),
    ("import-failed", re.compile(r"ClassNotFoundException|NoClassDefFoundError|"
                                 r"Could not find or load main class|Unable to access jarfile")),
    ("uncaught-exception", re.compile(r'^Exception in thread "main"')),
)  # fmt: skip

_TOMCAT = "org.apache.catalina.startup.Bootstrap"
_THREADS = "server.tomcat.threads.max"
_IDLE = "server.tomcat.keep-alive-timeout"
_FILES = ("config/application.properties", "application.properties")
_LIMIT = 256 * 1024
_CONNECTOR = re.compile(r"<Connector\b[^>]*>", re.DOTALL)
_ATTRIBUTE = re.compile(r"\b(\w+)\s*=\s*\"([^\"]*)\"")


def recognises(program: Program) -> bool:
    """A java virtual machine, whatever runs in it."""
    return program_name(program.argv) == "java"


def read(program: Program, server: route.Server) -> Application:
    """Threads and timeouts, where Tomcat's file or Spring Boot's options name them."""
    if _TOMCAT in program.argv:
        return _tomcat(program, server)
    settings, place = _spring(program)
    return Application(
        kind=KIND,
        running=program.running,
        protocol="http",
        pid=program.pid,
        workers=1 if program.running else None,
        concurrency=_number(settings.get(_THREADS)),
        idle_seconds=_seconds(settings.get(_IDLE)),
        settings=settings,
        place=place,
    )


def _tomcat(program: Program, server: route.Server) -> Application:
    base = _property(program, "catalina.base") or _property(program, "catalina.home") or ""
    path = os.path.join(base, "conf/server.xml")
    connector, line = _connector(_text(path), server.port)
    timeout = connector.get("keepAliveTimeout") or connector.get("connectionTimeout") or "60000"
    threads = connector.get("maxThreads", "200")
    return Application(
        kind=KIND,
        running=program.running,
        protocol="http",
        pid=program.pid,
        workers=1 if program.running else None,
        concurrency=_number(threads),
        idle_seconds=_seconds(f"{timeout}ms"),
        backlog=_number(connector.get("acceptCount", "100")),
        settings={"maxThreads": threads, "keepAliveTimeout": timeout, **connector},
        place=Place(path, line) if line else None,
        log_files=[os.path.join(base, "logs/catalina.out")] if base else [],
    )


def _connector(text: str, port: int | None) -> tuple[dict[str, str], int]:
    """The attributes of the connector with this port, and its line; 0 where there is none."""
    plain = re.sub(r"<!--.*?-->", lambda comment: "\n" * comment[0].count("\n"), text, flags=re.S)
    for match in _CONNECTOR.finditer(plain):
        attributes = dict(_ATTRIBUTE.findall(match[0]))
        if attributes.get("port") == str(port):
            shown = {name: clean(value) for name, value in attributes.items()}
            return shown, plain.count("\n", 0, match.start()) + 1
    return {}, 0


def _spring(program: Program) -> tuple[dict[str, str], Place | None]:
    """Its properties: file, system property, command line; the last one wins."""
    settings: dict[str, str] = {}
    place = None
    for name in _FILES:
        path = program.absolute(name)
        text = _text(path)
        for key in (_THREADS, _IDLE):
            match = re.search(rf"(?m)^\s*{re.escape(key)}\s*[=:]\s*(\S+)", text)
            if match and key not in settings:
                settings[key] = clean(match[1])
                place = place or Place(path, text.count("\n", 0, match.start(1)) + 1)
    for key in (_THREADS, _IDLE):
        given = program.option(f"--{key}") or _property(program, key)
        settings.update({key: given} if given else {})
    return settings, place


def _property(program: Program, name: str) -> str | None:
    prefix = f"-D{name}="
    return next((word[len(prefix) :] for word in program.argv if word.startswith(prefix)), None)


def _text(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return decode(file.read(_LIMIT))
    except OSError:
        return ""


def _number(value: str | None) -> int | None:
    return int(value) if value and value.isdigit() else None


def _seconds(value: str | None) -> float | None:
    """A duration as Spring Boot reads it: `20s`, `500ms`, `20000` (milliseconds)."""
    match = re.fullmatch(r"(\d+)(ms|s|m)?", value or "")
    if match is None:
        return None
    return int(match[1]) * {"ms": 0.001, None: 0.001, "s": 1.0, "m": 60.0}[match[2]]
