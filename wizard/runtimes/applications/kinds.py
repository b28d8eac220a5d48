"""The application servers that the wizard knows: one module each, with the names of `Server`."""

from __future__ import annotations

import re
from typing import Protocol

from wizard.model import route
from wizard.runtimes.applications import go, gunicorn, java, node, php_fpm, puma, unicorn, uwsgi
from wizard.runtimes.applications.facts import Application, EventKind, Kind
from wizard.runtimes.applications.program import Program


class Server(Protocol):
    """What a module must have to be listed here."""

    @property
    def KIND(self) -> Kind:
        """Its name."""

    @property
    def EVENTS(self) -> tuple[tuple[EventKind, re.Pattern[str]], ...]:
        """What its lines mean; the first that matches counts."""

    def recognises(self, program: Program) -> bool:
        """The program is this application server."""

    def read(self, program: Program, server: route.Server) -> Application:
        """Its state and its settings, as far as they may be read."""

    def stamp(self, line: str) -> float | None:
        """When a line of its own log file was written."""


SERVERS: tuple[Server, ...] = (gunicorn, php_fpm, uwsgi, node, puma, unicorn, java, go)


def server_of(program: Program) -> Server | None:
    """The module that knows this program."""
    return next((each for each in SERVERS if each.recognises(program)), None)


def server_called(kind: Kind | None) -> Server | None:
    """The module of this name."""
    return next((each for each in SERVERS if kind == each.KIND), None)
