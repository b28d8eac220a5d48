"""The proxies that the wizard knows: one module each, with the functions of `Adapter`."""

from __future__ import annotations

from typing import Protocol

from wizard.model.evidence import Sighting
from wizard.model.route import Route
from wizard.proxies.facts import Check, Instance, Loaded, Way, Window
from wizard.proxies.nginx import adapter as nginx


class Adapter(Protocol):
    """What a module must have to be listed here."""

    @property
    def KIND(self) -> str:
        """The proxy's name."""

    def find(self, config: str | None = None) -> list[Instance]:
        """Running instances, and those that should run."""

    def configured_listens(self, instance: Instance) -> list[str]:
        """Addresses that its configuration tells it to listen on."""

    def pids_of(self, instance: Instance) -> list[int]:
        """All its processes, the first one leads."""

    def check(self, instance: Instance) -> tuple[Check, str]:
        """Its own verdict on its files, and the text that it said."""

    def check_command(self, instance: Instance) -> list[str]:
        """What a person types for that."""

    def loaded(self, instance: Instance) -> Loaded:
        """Whether it runs with the files as they are."""

    def route(self, instance: Instance, url: str) -> Route:
        """The way of a URL."""

    def urls(self, instance: Instance) -> list[Way]:
        """What it can be asked for, one URL a location."""

    def last_words(self, instance: Instance) -> str | None:
        """The last error that an instance wrote that does not run."""

    def error_log(self, instance: Instance, route: Route, window: Window) -> Sighting:
        """This route's error lines; facts are an `ErrorLog`."""

    def access_log(self, instance: Instance, route: Route, window: Window) -> Sighting:
        """This route's answers; facts are an `AccessLog`."""

    def error_log_command(self, instance: Instance, route: Route, window: Window) -> str:
        """What a person runs to get the lines that `pasted_error_log` reads."""

    def pasted_error_log(
        self, text: str, instance: Instance, route: Route, window: Window
    ) -> Sighting:
        """As `error_log`, of lines that a person pasted."""

    def pasted_check(self, text: str, instance: Instance) -> Check | None:
        """As `check`, of the output that a person pasted; None when it is something else."""


ADAPTERS: tuple[Adapter, ...] = (nginx,)


def adapter_for(kind: str) -> Adapter | None:
    """The adapter of this name."""
    return next((each for each in ADAPTERS if kind == each.KIND), None)
